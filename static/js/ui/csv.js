/**
 * Write numbers and CSV lines: the same format on the photo page, the live page and the server
 * (app/photos/export.py). Pure.
 */

/** @param {number} value  0..1 */
export const writeScore = (value) => value.toFixed(6);

/** @param {number} value  in pixels */
export const writeLength = (value) => value.toFixed(2);

/**
 * @param {Record<string, number>} values
 * @param {(value: number) => string} change
 */
export const mapValues = (values, change) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));

/**
 * Text from a user (a file name) that no spreadsheet evaluates as a formula: a ' is put before text that begins like
 * a formula (OWASP, CSV Injection; full-width characters too).
 *
 * @param {string} text
 */
export const plainText = (text) => (/^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text);

/**
 * One line of a CSV file (RFC 4180).
 *
 * @param {(string | number)[]} row
 */
export const csvLine = (row) => `${row.map(cell).join(',')}\r\n`;

/** @param {string | number} value */
function cell(value) {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
