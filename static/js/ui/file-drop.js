/**
 * A file that the visitor chooses, drops or pastes.
 */

/**
 * @param {object} options
 * @param {HTMLInputElement} options.input
 * @param {Iterable<Element>} options.buttons  that open the input
 * @param {string} options.kinds  what is taken, for the sentences: 'video or picture'
 * @param {(file: File) => void} options.onFile
 * @param {(sentence: string) => void} options.onNothing  what was given holds no file
 */
export function takeFiles({ input, buttons, kinds, onFile, onNothing }) {
  for (const button of buttons) button.addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file) onFile(file);
    input.value = ''; // so that the same file may be chosen again
  });

  /** @param {DataTransfer | null} given */
  const take = (given) => {
    const folder = [...(given?.items ?? [])].some((item) => item.kind === 'file' && item.webkitGetAsEntry?.()?.isDirectory);
    const [file] = given?.files ?? [];
    if (file && !folder) onFile(file);
    else {
      onNothing(
        folder
          ? `That was a folder. Drop one ${kinds} out of it.`
          : `That was not a file. Drop or paste a ${kinds}, or open one.`,
      );
    }
  };
  for (const kind of ['dragenter', 'dragover']) {
    document.addEventListener(kind, (event) => {
      // Text or a link that is dragged within the page is none of ours.
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
    take(event.dataTransfer);
  });
  // Text that is pasted is meant for a field, if for anything.
  document.addEventListener('paste', (event) => event.clipboardData?.files.length && take(event.clipboardData));
}
