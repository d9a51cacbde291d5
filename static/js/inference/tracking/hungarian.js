/**
 * Assign rows to columns so that the sum of the pairs' weights is as large as possible: the Hungarian method with
 * potentials (Kuhn 1955; Jonker & Volgenant 1987). Pure.
 *
 * @param {(number | null)[][]} weights  rows x columns; a pair of weight 0 or less is as well left unassigned; null: the
 *   pair is not allowed
 * @returns {number[]} each row's column, -1 for none
 */
export function assignMaximum(weights) {
  const rows = weights.length;
  const columnsGiven = weights[0]?.length ?? 0;
  // A row may also stay unassigned: it then has a column of its own, of weight 0.
  const columns = columnsGiven + rows;
  /** @param {number} row @param {number} column */
  const cost = (row, column) => {
    if (column >= columnsGiven) return column === columnsGiven + row ? 0 : Infinity;
    return -(weights[row][column] ?? -Infinity);
  };
  const rowPrice = new Float64Array(rows + 1);
  const columnPrice = new Float64Array(columns + 1);
  const rowOf = new Int32Array(columns + 1); // 1-based, 0 is none
  for (let row = 1; row <= rows; row++) {
    const lowest = new Float64Array(columns + 1).fill(Infinity);
    const previous = new Int32Array(columns + 1);
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
        if (reduced < lowest[column]) {
          lowest[column] = reduced;
          previous[column] = at;
        }
        if (lowest[column] < smallest) {
          smallest = lowest[column];
          next = column;
        }
      }
      for (let column = 0; column <= columns; column++) {
        if (done[column]) {
          rowPrice[rowOf[column]] += smallest;
          columnPrice[column] -= smallest;
        } else lowest[column] -= smallest;
      }
      at = next;
    } while (rowOf[at] !== 0);
    for (; at !== 0; at = previous[at]) rowOf[at] = rowOf[previous[at]];
  }
  const assigned = Array.from({ length: rows }, () => -1);
  for (let column = 1; column <= columnsGiven; column++) if (rowOf[column] > 0) assigned[rowOf[column] - 1] = column - 1;
  return assigned;
}
