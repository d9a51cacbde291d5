/**
 * Accept a file that the user chooses, drops onto the page or pastes.
 */

/**
 * @param {object} options
 * @param {HTMLInputElement} options.input
 * @param {Iterable<Element>} options.buttons  that open the input
 * @param {string} options.kinds  accepted kinds of file, for the messages: 'video or picture'
 * @param {(file: File) => void} options.onFile
 * @param {(message: string) => void} options.onRejected  called where the drop or paste holds no file
 */
export function acceptFiles({ input, buttons, kinds, onFile, onRejected }) {
  for (const button of buttons) button.addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file) onFile(file);
    input.value = ''; // so that the same file can be chosen again
  });

  /** @param {DataTransfer | null} transfer */
  const accept = (transfer) => {
    const folder = [...(transfer?.items ?? [])].some((item) => item.kind === 'file' && item.webkitGetAsEntry?.()?.isDirectory);
    const [file] = transfer?.files ?? [];
    if (file && !folder) onFile(file);
    else {
      onRejected(
        folder
          ? `You dropped a folder. Drop a single ${kinds} instead.`
          : `There was no file. Drop, paste or open a ${kinds}.`,
      );
    }
  };
  for (const kind of ['dragenter', 'dragover']) {
    document.addEventListener(kind, (event) => {
      // Leave text and links that are dragged within the page alone.
      if (!(/** @type {DragEvent} */ (event).dataTransfer?.types.includes('Files'))) return;
      event.preventDefault();
      document.documentElement.classList.add('over');
    });
  }
  document.addEventListener('dragleave', (event) => !event.relatedTarget && document.documentElement.classList.remove('over'));
  document.addEventListener('drop', (event) => {
    if (!document.documentElement.classList.contains('over')) return;
    event.preventDefault();
    document.documentElement.classList.remove('over');
    accept(event.dataTransfer);
  });
  // Pasted text is meant for a form field.
  document.addEventListener('paste', (event) => event.clipboardData?.files.length && accept(event.clipboardData));
}
