/** Vector and 4 x 4 matrix arithmetic for template alignment. Pure. */

/**
 * Makes the mean 0 and the Euclidean norm 1, in place.
 *
 * @param {Float32Array} values
 * @returns {number} the norm before, after subtracting the mean; 0 where all values are equal: then only the mean is
 *   subtracted
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

/** The dot product. @param {Float32Array} a @param {Float32Array} b  of the same length @returns {number} */
export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * The Gram matrix: the transposed matrix multiplied by the matrix itself.
 *
 * @param {Float32Array} matrix  n x 4
 * @returns {Float64Array} 4 x 4
 */
export function gramMatrix(matrix) {
  const sums = new Float64Array(16);
  for (let at = 0; at < matrix.length; at += 4) {
    for (let i = 0; i < 4; i++) {
      for (let k = 0; k < 4; k++) sums[4 * i + k] += matrix[at + i] * matrix[at + k];
    }
  }
  return sums;
}

/**
 * The inverse, by Gauss-Jordan elimination.
 *
 * @param {Float64Array} matrix  4 x 4, as `gramMatrix` gives it
 * @returns {Float64Array | null} 4 x 4; null where the matrix is singular
 */
export function invert(matrix) {
  const m = Float64Array.from(matrix);
  const inverse = Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0));
  const smallest = 1e-9 * Math.max(m[0], m[5], m[10], m[15]);
  for (let pivot = 0; pivot < 4; pivot++) {
    // The matrix is symmetric and, where it can be inverted, positive definite: pivoting is not needed.
    const value = m[5 * pivot];
    if (!(value > smallest)) return null;
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

/** The matrix multiplied by the vector. @param {Float64Array} matrix  4 x 4 @param {Float64Array} vector  4 @returns {number[]} 4 */
export function multiply(matrix, vector) {
  return [0, 4, 8, 12].map(
    (row) => matrix[row] * vector[0] + matrix[row + 1] * vector[1] + matrix[row + 2] * vector[2] + matrix[row + 3] * vector[3],
  );
}
