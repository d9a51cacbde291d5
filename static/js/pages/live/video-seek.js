/**
 * Show the position in a video, and seek.
 */

import { byId } from '../../ui/dom.js';
import { formatTime } from '../../ui/format.js';

/** @param {HTMLVideoElement} video */
export function createVideoSeek(video) {
  const root = byId('seek', HTMLElement);
  const slider = byId('position', HTMLInputElement);
  const text = byId('position-text', HTMLOutputElement);

  function show() {
    if (root.hidden) return;
    const [now, end] = [video.currentTime, video.duration];
    slider.max = String(end);
    slider.value = String(now);
    slider.setAttribute('aria-valuetext', `${formatTime(now)} of ${formatTime(end)}`);
    text.value = `${formatTime(now)} / ${formatTime(end)}`;
  }

  /** Show the slider for a video whose length is known. */
  function showSlider() {
    root.hidden = video.srcObject !== null || !video.currentSrc || !Number.isFinite(video.duration);
    show();
  }

  /** @param {number} seconds */
  function seek(seconds) {
    if (Number.isFinite(video.duration)) video.currentTime = Math.max(0, Math.min(seconds, video.duration));
  }

  for (const event of ['timeupdate', 'seeked']) video.addEventListener(event, show);
  for (const event of ['durationchange', 'emptied']) video.addEventListener(event, showSlider);
  slider.addEventListener('input', () => seek(Number(slider.value)));
  return { seek };
}
