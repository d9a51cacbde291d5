/**
 * Process the frames of a source one at a time. Frames that come while one is processed are dropped; the newest one
 * is what the source shows when the processing has ended.
 *
 * @template R
 * @param {(onFrame: (now: number) => void) => () => void} eachFrame  calls `onFrame` for each new frame; gives the
 *   function that ends the calls
 * @param {object} options
 * @param {(timestamp: number) => Promise<R>} options.process  takes the present frame and processes it; timestamp in
 *   milliseconds, as performance.now()
 * @param {() => boolean} options.isActive  false while frames are to be dropped and results to be ignored
 * @param {(result: R) => void} options.onResult  called with each result until the loop is stopped
 * @param {(error: unknown) => boolean} options.onError  called with what `process` or `onResult` threw: true goes on
 *   with the present frame, false ends the loop
 * @returns {{repeat: () => void, stop: () => void}} repeat: processes the present frame once more, after the one that
 *   is being processed
 */
export function createFrameLoop(eachFrame, { process, isActive, onResult, onError }) {
  let busy = false;
  let missed = false;
  let stopped = false;

  /** @param {number} timestamp  in milliseconds */
  async function onFrame(timestamp) {
    missed = busy;
    if (busy || stopped || !isActive()) return;
    busy = true;
    try {
      const result = await process(timestamp);
      if (!stopped && isActive()) onResult(result);
    } catch (error) {
      if (stopped) return;
      missed = onError(error);
      if (!missed) stop();
    } finally {
      busy = false;
      if (missed) void onFrame(performance.now());
    }
  }

  function stop() {
    stopped = true;
    endCalls();
  }

  const endCalls = eachFrame(onFrame);
  return { repeat: () => void onFrame(performance.now()), stop };
}
