/**
 * What is looked at: the camera, frame after frame, or a picture; and the loop that hands frames on.
 *
 * @typedef {object} Source
 * @property {boolean} live  frame after frame; otherwise a picture
 * @property {boolean} mirrored  whether it is shown mirrored at first
 * @property {string} deviceId  the camera's; '' where there is none
 * @property {() => Promise<void>} show  on the page
 * @property {() => Promise<ImageBitmap>} take  the present frame, upright and unmirrored
 * @property {(onFrame: (now: number) => void) => () => void} follow  calls for each new frame until stopped
 * @property {() => void} close  lets go of it and takes it off the page
 */

import { openCamera } from '../../media/camera.js';
import { followFrames, takeFrame } from '../../media/video-frames.js';
import { openPicture } from '../../media/picture.js';

/**
 * @param {HTMLVideoElement} video
 * @param {{deviceId: string, onEnded: (error: Error) => void}} options
 * @returns {Promise<Source>}
 * @throws {import('../../media/camera.js').CameraError}
 */
export async function cameraSource(video, options) {
  const camera = await openCamera(options);
  return {
    live: true,
    mirrored: !camera.facesAway,
    deviceId: camera.deviceId,
    async show() {
      video.srcObject = camera.stream;
      video.hidden = false;
      await video.play();
    },
    take: () => takeFrame(video),
    follow: (onFrame) => followFrames(video, onFrame),
    close() {
      camera.stop();
      if (video.srcObject === camera.stream) video.srcObject = null;
      video.hidden = true;
    },
  };
}

/**
 * @param {HTMLImageElement} image
 * @param {File} file
 * @returns {Promise<Source>}
 * @throws {import('../../media/picture.js').PictureError}
 */
export async function pictureSource(image, file) {
  const picture = await openPicture(file);
  return {
    live: false,
    mirrored: false,
    deviceId: '',
    async show() {
      image.src = picture.url;
      image.alt = `Picture: ${picture.name}`;
      image.hidden = false;
      await image.decode();
    },
    take: picture.take,
    follow(onFrame) {
      onFrame(performance.now());
      return () => {};
    },
    close() {
      image.hidden = true;
      image.removeAttribute('src');
      picture.close();
    },
  };
}

/**
 * Looks at frame after frame, one at a time. Those that come meanwhile are dropped; the newest is what the source
 * shows then.
 *
 * @template R
 * @param {Source} source
 * @param {object} calls
 * @param {(frame: ImageBitmap, options: {timestamp: number, live: boolean}) => Promise<R>} calls.look
 * @param {() => boolean} calls.active  whether to look at all at present
 * @param {() => boolean} calls.unfinished  whether to look at a picture once more
 * @param {(result: R) => void} calls.onResult
 * @param {(error: unknown) => void} calls.onError  nothing comes after it
 * @returns {{again: () => void, stop: () => void}} again: looks once more, also at a picture
 */
export function createLoop(source, { look, active, unfinished, onResult, onError }) {
  let busy = false;
  let missed = false;
  let stopped = false;

  /** @param {number} timestamp  in milliseconds */
  async function onFrame(timestamp) {
    missed = busy;
    if (busy || stopped || !active()) return;
    busy = true;
    try {
      const result = await look(await source.take(), { timestamp, live: source.live });
      if (!stopped && active()) onResult(result);
    } catch (error) {
      if (!stopped) {
        stopped = true;
        onError(error);
      }
    } finally {
      busy = false;
      if (missed || (!source.live && unfinished())) void onFrame(performance.now());
    }
  }

  const unfollow = source.follow(onFrame);
  return {
    again: () => void onFrame(performance.now()),
    stop() {
      stopped = true;
      unfollow();
    },
  };
}
