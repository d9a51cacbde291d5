/**
 * Browsers within other apps, many of which give pages no camera or refuse it without asking. Pure.
 */

/** @type {[RegExp, string][]}  what they say of themselves, and their names */
const APPS = [
  [/\bInstagram\b/, 'Instagram'],
  [/\bFBA[NV]\b|\bFB_IAB\b/, 'Facebook'],
  [/\bMessenger(?:ForiOS|LiteForiOS)\b/, 'Messenger'],
  [/\bTikTok\b|\bmusical_ly\b|\bBytedanceWebview\b/i, 'TikTok'],
  [/\bSnapchat\b/, 'Snapchat'],
  [/\bLinkedInApp\b/, 'LinkedIn'],
  [/\bTwitter for\b/, 'X'],
  [/\bPinterest\b/, 'Pinterest'],
  [/\bMicroMessenger\b/, 'WeChat'],
  [/\bLine\/\d/, 'LINE'],
  [/\bGSA\//, 'the Google app'],
  [/; wv\)/, 'another app'],
];

/**
 * @param {string} userAgent
 * @returns {string | null} the app that the page was opened in, as a name to put into a sentence
 */
export function appAround(userAgent) {
  return APPS.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
}
