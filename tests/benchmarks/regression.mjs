/** Linear regression by least absolute differences, and quantiles. */

/**
 * The weights w that minimise sum |features . w - target| / unit, by iteratively reweighted least
 * squares.
 *
 * @param {{features: number[], target: number, unit: number}[]} rows
 * @param {number} [ridge]  ridge penalty: half of it times the squares of the weights is added
 * @returns {number[]}
 */
export function leastAbsolute(rows, ridge = 0) {
  /** @type {number[]} */
  let weights = leastSquares(rows, () => 1, ridge);
  for (let round = 0; round < 20; round++) {
    const current = weights;
    weights = leastSquares(rows, ({ features, target, unit }) => {
      const error = features.reduce((sum, value, i) => sum + value * current[i], -target) / unit;
      return 1 / Math.max(Math.abs(error), 0.02); // least squares near 0
    }, ridge);
  }
  return weights;
}

/**
 * @param {{features: number[], target: number, unit: number}[]} rows
 * @param {(row: {features: number[], target: number, unit: number}) => number} importance
 * @param {number} ridge
 * @returns {number[]}
 */
function leastSquares(rows, importance, ridge) {
  const n = rows[0].features.length;
  // Normal equations, the right-hand side in the last column.
  const system = Array.from({ length: n }, () => new Array(n + 1).fill(0));
  for (const row of rows) {
    const { features, target, unit } = row;
    const weight = importance(row) / unit ** 2;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) system[i][j] += weight * features[i] * features[j];
      system[i][n] += weight * features[i] * target;
    }
  }
  for (let i = 0; i < n; i++) system[i][i] += ridge;
  return solve(system);
}

/** Gauss-Jordan elimination with pivoting. @param {number[][]} system @returns {number[]} */
function solve(system) {
  const n = system.length;
  for (let column = 0; column < n; column++) {
    const order = system.slice(column).map((row) => Math.abs(row[column]));
    const pivot = column + order.indexOf(Math.max(...order));
    [system[column], system[pivot]] = [system[pivot], system[column]];
    for (let row = 0; row < n; row++) {
      if (row === column) continue;
      const factor = system[row][column] / system[column][column];
      for (let i = column; i <= n; i++) system[row][i] -= factor * system[column][i];
    }
  }
  return system.map((row, i) => row[n] / row[i]);
}

/** @param {number[]} values @param {number} part  0..1 */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}
