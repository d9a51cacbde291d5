/**
 * Store the samples of a recording, one row each, in chunks: the table grows at its end and drops whole chunks at its
 * beginning, without copying. Pure.
 *
 * A row holds tenth, key, results, image width and height, box x, y, width and height, whether the scores were compared
 * with a resting face (0 or 1), scores.
 */

/** Offsets of the values in a row. */
export const [TENTH, KEY, RESULTS, IMAGE] = [0, 1, 2, 3];
/** Offset of the flag for the resting face. */
export const REST = 9;
/** Offset of the scores in a row. */
export const SCORES = 10;
/** Rows in one chunk. */
const CHUNK = 2048;

export class SampleTable {
  /**
   * @param {number} labels  number of labels, and of scores in a row
   * @param {number} most  rows that are kept, rounded up to whole chunks
   */
  constructor(labels, most) {
    this.most = most;
    this.width = SCORES + labels;
    /** @type {Float32Array[]}  CHUNK rows each */
    this.chunks = [];
    this.rows = 0;
    /** Number of rows that were dropped. */
    this.dropped = 0;
  }

  /**
   * Get the place of a row. Rows are counted from the first one that is kept.
   *
   * @param {number} row
   * @returns {{table: Float32Array, at: number}} its values begin at `table[at]`
   */
  row(row) {
    return { table: this.chunks[Math.floor(row / CHUNK)], at: (row % CHUNK) * this.width };
  }

  /** Add a row of zeros at the end; if there are more than `most` rows then, drop the oldest chunk. */
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

  /** The first tenth that is kept completely; 0 if no row was dropped. */
  get first() {
    return this.dropped ? this.chunks[0][TENTH] : 0;
  }

  /**
   * Find the first row at or after a time.
   *
   * @param {number} tenth
   * @returns {number} the row, or the number of rows if there is none
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
   * Find the row of a face in the last tenth.
   *
   * @param {number} tenth
   * @param {number} key
   * @returns {{table: Float32Array, at: number} | null} null if it has none in `tenth`
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
