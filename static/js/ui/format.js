/**
 * Format percentages, changes and times for display. Pure.
 */

/**
 * @param {number} share  0..1
 * @returns {string} e.g. "93%"
 */
export function percent(share) {
  return `${Math.round(share * 100)}%`;
}

/**
 * @param {number} change
 * @returns {string} with a sign and one decimal, e.g. "+3.1" or "−0.4"
 */
export function signed(change) {
  const text = Math.abs(change).toFixed(1);
  return `${change < 0 && Number(text) > 0 ? '−' : '+'}${text}`;
}

/**
 * @param {number} seconds
 * @param {boolean} [tenths]  with tenths of a second
 * @returns {string} e.g. "1:05", "1:05.3" or "1:00:05"
 */
export function formatTime(seconds, tenths = false) {
  const all = Math.max(0, Math.floor(seconds * 10 + 1e-6));
  const whole = Math.floor(all / 10);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  return `${h ? `${h}:${two(m)}` : m}:${two(s)}${tenths ? `.${all % 10}` : ''}`;
}
