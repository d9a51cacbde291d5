/**
 * The samples of a recording, a row each, in pieces: a table that grows at its end and gives up whole pieces of its
 * beginning, without ever being copied. Pure.
 *
 * A row: tenth, key, results, image width and height, box x, y, width and height, the scores.
 */

export const [TENTH, KEY, RESULTS, IMAGE] = [0, 1, 2, 3];
/** Where a row's scores begin. */
export const SCORES = 9;
/** Rows a piece. */
const CHUNK = 2048;

export class SampleTable {
  /**
   * @param {number} labels  how many scores a row has
   * @param {number} most  rows that are kept, and those of the piece they end in
   */
  constructor(labels, most) {
    this.most = most;
    this.width = SCORES + labels;
    /** @type {Float32Array[]}  CHUNK rows each */
    this.chunks = [];
    this.rows = 0;
    /** Rows that had to go. */
    this.dropped = 0;
  }

  /**
   * Where a row stands. Rows are counted from the first that is kept.
   *
   * @param {number} row
   * @returns {{table: Float32Array, at: number}} its values are `table[at]...`
   */
  row(row) {
    return { table: this.chunks[Math.floor(row / CHUNK)], at: (row % CHUNK) * this.width };
  }

  /** A new row at the end, all zeros; where there are more than `most` then, the oldest piece goes. */
  add() {
    if (this.rows === this.chunks.length * CHUNK) this.chunks.push(new Float32Array(CHUNK * this.width));
    this.rows += 1;
    if (this.rows > this.most && this.chunks.length > 1) {
      this.chunks.shift();
      this.rows -= CHUNK;
      this.dropped += CHUNK;
    }
    return this.row(this.rows - 1);
  }

  /** The tenth before which rows had to go; 0 where all are kept. */
  get first() {
    return this.dropped ? this.chunks[0][TENTH] : 0;
  }

  /**
   * The first row at or after a time.
   *
   * @param {number} tenth
   * @returns {number} the row after the last where there is none
   */
  rowAt(tenth) {
    let [low, high] = [0, this.rows];
    while (low < high) {
      const middle = (low + high) >> 1;
      const { table, at } = this.row(middle);
      if (table[at + TENTH] < tenth) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * The row of a face in the last tenth.
   *
   * @param {number} tenth
   * @param {number} key
   * @returns {{table: Float32Array, at: number} | null} null where it has none in `tenth`
   */
  find(tenth, key) {
    for (let row = this.rows - 1; row >= 0; row -= 1) {
      const { table, at } = this.row(row);
      if (table[at + TENTH] !== tenth) return null;
      if (table[at + KEY] === key) return { table, at };
    }
    return null;
  }
}
