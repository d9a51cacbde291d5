/**
 * The values that travel between modules. Types only: this file holds no code.
 *
 * @typedef {object} Box  A rectangle in pixels of the frame; (x, y) is its top left corner, unmirrored.
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} Pixels  RGBA pixels, row by row, as ImageData holds them.
 * @property {Uint8ClampedArray | Uint8Array} data  4 * width * height values 0..255
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} InputSpec  Size of a model's input; 1 channel is luma grey, 3 is RGB.
 * @property {number} height
 * @property {number} width
 * @property {number} channels
 *
 * @typedef {object} ModelContract  What a model must be fed and what its outputs mean; see app/inference/contract.py.
 * @property {number} contract_version
 * @property {string} model
 * @property {string[]} labels
 * @property {InputSpec} input
 * @property {{margin: number}} crop
 * @property {{temperature: number, unsure_below: number}} calibration
 *
 * @typedef {object} Face  One recognised face; the server's API gives the same object.
 * @property {number} id  stays with a person from frame to frame
 * @property {Box} box
 * @property {string} label  the label with the highest score
 * @property {number} score  that label's calibrated probability, 0..1
 * @property {Record<string, number>} scores  label -> probability, in the contract's order; sums to 1
 * @property {boolean} unsure  true where `score` lies under the contract's `unsure_below`
 *
 * @typedef {object} Timings  Milliseconds spent on one frame.
 * @property {number} detect
 * @property {number} crop
 * @property {number} predict
 * @property {number} total
 *
 * @typedef {object} Result  What the recognizer gives for one frame.
 * @property {Face[]} faces
 * @property {Timings} timings
 * @property {{width: number, height: number}} image
 */

export {};
