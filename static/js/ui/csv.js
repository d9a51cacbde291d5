/**
 * How numbers and tables are written into files: the same on the photo page, the live page and the server
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
 * Somebody's own words (the name of a file), so that no spreadsheet takes them for a formula: with a ' before them where
 * they begin as one does (OWASP, CSV Injection; also in full width).
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
