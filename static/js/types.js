/**
 * Types of the values that modules exchange. This file contains no code.
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
 * @typedef {object} ModelContract  The input that a model needs and the meaning of its outputs; see app/inference/contract.py.
 * @property {number} contract_version
 * @property {string} model
 * @property {string[]} labels
 * @property {InputSpec} input
 * @property {{margin: number}} crop
 * @property {Calibration} calibration
 *
 * @typedef {object} Calibration  How a model's probabilities become scores: softmax((log p + bias) / temperature).
 * @property {number[]} bias  for each label, what is added to the logarithm of its probability
 * @property {number} temperature  above 0
 * @property {number} unsure_below  0..1, the score under which a face is "unsure"
 *
 * @typedef {object} Face  One recognised face; the server's API gives the same object.
 * @property {number} id  the same for a person from frame to frame
 * @property {Box} box
 * @property {'haar' | 'blazeface'} detector  what detected it; in the browser always BlazeFace
 * @property {string} label  the label with the highest score
 * @property {number} score  that label's calibrated probability, 0..1
 * @property {Record<string, number>} scores  label -> probability, in the contract's order; sums to 1
 * @property {boolean} unsure  true where `score` lies under the contract's `unsure_below`
 *
 * @typedef {object} FromRest  What a video's face has in addition where the person's resting face is known. `scores`,
 *   `label`, `score` and `unsure` then take it into account: they say what the face shows beside its rest.
 * @property {Record<string, number>} change  label -> its log-odds above those at rest, in units of their spread at
 *   rest; below rest it is negative. From 3 on a label counts as shown
 * @property {Record<string, number>} plain_scores  label -> probability without the resting face; sums to 1
 *
 * @typedef {object} Baseline  A person's resting face.
 * @property {Record<string, number>} rest  label -> median log-odds of its score at rest
 * @property {Record<string, number>} spread  label -> their robust standard deviation, at least 0.25
 *
 * @typedef {object} Timings  Milliseconds spent on one frame.
 * @property {number} detect
 * @property {number} crop
 * @property {number} predict
 * @property {number} total
 *
 * @typedef {object} Result  The recognizer's result for one frame.
 * @property {(Face & Partial<FromRest>)[]} faces  largest first
 * @property {Timings} timings
 * @property {{width: number, height: number}} image  size of the frame, in whose pixels boxes are
 * @property {boolean} detected  whether faces were detected in this frame; false: they were tracked from the last one
 * @property {number} timestamp  of the frame, in milliseconds: the option given to `recognize`, or performance.now()
 *   when the video showed it
 *
 * Types of the public API:
 *
 * @typedef {HTMLImageElement | HTMLVideoElement | HTMLCanvasElement | OffscreenCanvas | ImageBitmap | ImageData
 *   | VideoFrame | Blob} Source  Input of the recognizer; it is not changed.
 *
 * @typedef {'backend' | 'detector' | 'model' | 'ready'} LoadingStep
 *
 * @typedef {object} RecognizerOptions  Addresses that are given are relative to the page.
 * @property {string} [model]  its name in the list of models; the site's default where not given
 * @property {string | URL} [modelUrl]  of a bundle's model.json, instead of `model`
 * @property {'wasm' | 'webgl' | null} [backend]  only this one; null: the first that starts
 * @property {number} [threads]  for WebAssembly, at most; 2 where not given, but half the cores at most; always 1
 *   on a page that is not cross-origin isolated, or where wasmUrl is of another origin
 * @property {'auto' | null} [baseline]  auto: the resting face of each person in a video is found while it runs, from
 *   seconds in which the face is held still and neutral is its best label; null, the default: only `setBaseline` sets it
 * @property {(step: LoadingStep, fraction: number) => void} [onProgress]  `fraction` of the loading that is
 *   done, 0..1
 * @property {string | URL} [workerUrl]  of recognizer.worker.js; beside mien.js where not given
 * @property {string | URL} [detectorUrl]  of blazeface.json; beside mien.js where not given
 * @property {string | URL} [wasmUrl]  the folder of the .wasm files, ending in a slash; that of mien.js where
 *   not given
 * @property {string | URL} [modelsUrl]  of the list of models; ../models/index.json from mien.js where not given
 *
 * @typedef {object} RecognizerInfo
 * @property {'wasm' | 'webgl'} backend  that the networks run on
 * @property {number} threads
 * @property {string} model
 * @property {ModelContract} contract
 *
 * @typedef {object} RecognizeOptions
 * @property {number} [timestamp]  of the frame, in milliseconds; performance.now() where not given
 * @property {boolean} [track]  whether this is the next frame of a video, so that faces keep their ids and their
 *   scores are smoothed over time; where not given it is a picture
 *
 * @typedef {object} Running  The analysis of a video.
 * @property {() => void} stop  ends it; no result is delivered afterwards
 * @property {Promise<void>} finished  resolves once stopped; rejects with the RecognizerError that ended it
 *
 * @typedef {object} Recognizer
 * @property {RecognizerInfo} info
 * @property {(source: Source, options?: RecognizeOptions) => Promise<Result>} recognize
 *   The faces of one picture, or of the frame that a video or canvas shows now. Rejects with a TypeError where
 *   `source` is of another type, else with a RecognizerError: 'image-unreadable' | 'worker-crashed' |
 *   'backend' | 'context-lost' | 'disposed'. After a crash, and after a graphics context was lost, the next call
 *   starts a new worker; when a second context is lost, one on WebAssembly.
 * @property {(video: HTMLVideoElement, onResult: (result: Result) => void,
 *   options?: {onError?: (error: unknown) => void, onRestart?: (error: unknown) => void}) => Running} start
 *   Analyses each new frame of a video and drops those that come while it is busy; pauses while the page is
 *   hidden. An error ends it: `onError` is called with it, and `finished` rejects. It can then be started again. A
 *   lost graphics context does not end it: it goes on in a new worker, and `onRestart` is called.
 * @property {(id: number, baseline?: Baseline) => Promise<Baseline>} setBaseline
 *   Takes a person's resting face from the next three seconds of the running video in which the face is held still, or
 *   uses `baseline`, which an earlier call gave. `id` is that of a face in the latest result. From then on this face is
 *   compared with it, until it leaves the picture for long, or another worker has to be started. Rejects with a
 *   TypeError, or with a RecognizerError 'baseline': no such face, it was not held still within 12 seconds, it left, or
 *   the model has no label neutral
 * @property {(id?: number | null) => Promise<void>} clearBaseline  Forgets a person's resting face; everyone's where
 *   no id is given
 * @property {() => Promise<{numTensors: number, numBytes: number}>} memory  of TensorFlow.js in the worker
 * @property {() => void} dispose  Ends the worker and frees its memory. Pending and later calls are rejected with
 *   'disposed'.
 */

export {};
