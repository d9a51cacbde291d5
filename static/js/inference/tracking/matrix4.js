/** Vector and 4 x 4 matrix arithmetic for template alignment. Pure. */

/**
 * Makes the mean 0 and the norm 1, in place.
 *
 * @param {Float32Array} values
 * @returns {number} the norm before, of the values less their mean; 0: all are alike, and only the mean is taken off
 */
export function normalise(values) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    values[i] -= mean;
    squares += values[i] * values[i];
  }
  const norm = Math.sqrt(squares);
  if (norm < 1e-3) return 0;
  for (let i = 0; i < values.length; i++) values[i] /= norm;
  return norm;
}

/** @param {Float32Array} a @param {Float32Array} b  of the same length @returns {number} */
export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * The transposed matrix times the matrix itself.
 *
 * @param {Float32Array} slopes  n x 4
 * @returns {Float64Array} 4 x 4
 */
export function products(slopes) {
  const sums = new Float64Array(16);
  for (let at = 0; at < slopes.length; at += 4) {
    for (let i = 0; i < 4; i++) {
      for (let k = 0; k < 4; k++) sums[4 * i + k] += slopes[at + i] * slopes[at + k];
    }
  }
  return sums;
}

/**
 * The inverse (Gauss and Jordan).
 *
 * @param {Float64Array} matrix  4 x 4, of `products`
 * @returns {Float64Array | null} 4 x 4; null where there is none
 */
export function invert(matrix) {
  const m = Float64Array.from(matrix);
  const inverse = Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0));
  const least = 1e-9 * Math.max(m[0], m[5], m[10], m[15]);
  for (let pivot = 0; pivot < 4; pivot++) {
    // Symmetric and, where it can be inverted at all, positive definite: no rows need changing.
    const value = m[5 * pivot];
    if (!(value > least)) return null;
    for (let k = 0; k < 4; k++) {
      m[4 * pivot + k] /= value;
      inverse[4 * pivot + k] /= value;
    }
    for (let row = 0; row < 4; row++) {
      if (row === pivot) continue;
      const factor = m[4 * row + pivot];
      for (let k = 0; k < 4; k++) {
        m[4 * row + k] -= factor * m[4 * pivot + k];
        inverse[4 * row + k] -= factor * inverse[4 * pivot + k];
      }
    }
  }
  return inverse;
}

/** @param {Float64Array} matrix  4 x 4 @param {Float64Array} vector  4 @returns {number[]} 4 */
export function times(matrix, vector) {
  return [0, 4, 8, 12].map(
    (row) => matrix[row] * vector[0] + matrix[row + 1] * vector[1] + matrix[row + 2] * vector[2] + matrix[row + 3] * vector[3],
  );
}
