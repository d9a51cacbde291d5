/**
 * Error of the recognizer: its code says what happened, its message is a sentence that a page may show as it is.
 *
 * @typedef {'model-missing' | 'model-damaged' | 'detector-missing' | 'backend'
 *   | 'worker-crashed' | 'context-lost' | 'image-unreadable' | 'baseline' | 'disposed'} RecognizerErrorCode
 */

export class RecognizerError extends Error {
  /**
   * @param {RecognizerErrorCode} code
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = 'RecognizerError';
    this.code = code;
  }
}
