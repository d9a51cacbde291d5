/**
 * Where a film stands, and going elsewhere in it.
 */

import { byId } from '../../ui/dom.js';
import { formatTime } from '../../ui/format.js';

/** @param {HTMLVideoElement} video */
export function createVideoSeek(video) {
  const root = byId('seek', HTMLElement);
  const slider = byId('position', HTMLInputElement);
  const words = byId('position-words', HTMLOutputElement);

  function show() {
    if (root.hidden) return;
    const [now, end] = [video.currentTime, video.duration];
    slider.max = String(end);
    slider.value = String(now);
    slider.setAttribute('aria-valuetext', `${formatTime(now)} of ${formatTime(end)}`);
    words.value = `${formatTime(now)} / ${formatTime(end)}`;
  }

  /** Only a film of a known length can be gone through. */
  function begin() {
    root.hidden = video.srcObject !== null || !video.currentSrc || !Number.isFinite(video.duration);
    show();
  }

  /** @param {number} seconds */
  function seek(seconds) {
    if (Number.isFinite(video.duration)) video.currentTime = Math.max(0, Math.min(seconds, video.duration));
  }

  for (const event of ['timeupdate', 'seeked']) video.addEventListener(event, show);
  for (const event of ['durationchange', 'emptied']) video.addEventListener(event, begin);
  slider.addEventListener('input', () => seek(Number(slider.value)));
  return { seek };
}
