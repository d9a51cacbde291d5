/**
 * Switch the page's content to full screen and back, where the browser supports it (iPhones do not).
 */

/**
 * @param {HTMLElement} content
 * @param {HTMLButtonElement} button
 * @returns {() => void} enters or leaves full screen
 */
export function createFullScreen(content, button) {
  button.hidden = !document.fullscreenEnabled;
  const toggle = () => {
    if (button.hidden) return;
    if (document.fullscreenElement) void document.exitFullscreen();
    else content.requestFullscreen().catch(() => {}); // the browser refused
  };
  button.addEventListener('click', toggle);
  document.addEventListener('fullscreenchange', () => {
    button.setAttribute('aria-pressed', String(document.fullscreenElement === content));
  });
  return toggle;
}
