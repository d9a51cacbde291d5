/**
 * Joins rows to columns so that the sum of what the pairs are worth is as large as it can be: the Hungarian method
 * with potentials (Kuhn 1955; Jonker & Volgenant 1987). Pure.
 *
 * @param {(number | null)[][]} worth  rows x columns; null: these two must not be joined. Above 0, or a pair is
 *   as well left apart
 * @returns {number[]} a row's column, -1 for none
 */
export function assign(worth) {
  const rows = worth.length;
  const real = worth[0]?.length ?? 0;
  // Each row may also stay alone, in a column of its own that is worth nothing.
  const columns = real + rows;
  /** @param {number} row @param {number} column */
  const cost = (row, column) => {
    if (column >= real) return column === real + row ? 0 : Infinity;
    return -(worth[row][column] ?? -Infinity);
  };
  const rowPrice = new Float64Array(rows + 1);
  const columnPrice = new Float64Array(columns + 1);
  const rowOf = new Int32Array(columns + 1); // 1-based, 0 is nobody
  for (let row = 1; row <= rows; row++) {
    const least = new Float64Array(columns + 1).fill(Infinity);
    const came = new Int32Array(columns + 1);
    const done = new Uint8Array(columns + 1);
    rowOf[0] = row;
    let at = 0;
    do {
      done[at] = 1;
      const from = rowOf[at];
      let smallest = Infinity;
      let next = 0;
      for (let column = 1; column <= columns; column++) {
        if (done[column]) continue;
        const reduced = cost(from - 1, column - 1) - rowPrice[from] - columnPrice[column];
        if (reduced < least[column]) {
          least[column] = reduced;
          came[column] = at;
        }
        if (least[column] < smallest) {
          smallest = least[column];
          next = column;
        }
      }
      for (let column = 0; column <= columns; column++) {
        if (done[column]) {
          rowPrice[rowOf[column]] += smallest;
          columnPrice[column] -= smallest;
        } else least[column] -= smallest;
      }
      at = next;
    } while (rowOf[at] !== 0);
    for (; at !== 0; at = came[at]) rowOf[at] = rowOf[came[at]];
  }
  const joined = Array.from({ length: rows }, () => -1);
  for (let column = 1; column <= real; column++) if (rowOf[column] > 0) joined[rowOf[column] - 1] = column - 1;
  return joined;
}
