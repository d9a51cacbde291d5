/**
 * The page's content on the whole screen, where the browser lets a page ask for it (phones of Apple do not).
 */

/**
 * @param {HTMLElement} content
 * @param {HTMLButtonElement} button
 * @returns {() => void} goes there, or back
 */
export function createFullScreen(content, button) {
  button.hidden = !document.fullscreenEnabled;
  const toggle = () => {
    if (button.hidden) return;
    if (document.fullscreenElement) void document.exitFullscreen();
    else content.requestFullscreen().catch(() => {}); // the browser's word is final
  };
  button.addEventListener('click', toggle);
  document.addEventListener('fullscreenchange', () => {
    button.setAttribute('aria-pressed', String(document.fullscreenElement === content));
  });
  return toggle;
}
