/**
 * Sources of the frames that a page shows and analyses: a camera, or a picture from the visitor's disk.
 *
 * @typedef {object} FrameSource
 * @property {'camera' | 'picture'} kind
 * @property {boolean} mirrored  whether the visitor expects to see it mirrored: true for a camera that faces them
 * @property {string} deviceId  of the camera; '' for a picture, and where the browser does not tell
 * @property {() => Promise<void>} show  puts it into its element; resolves once the element shows it
 * @property {() => Promise<ImageBitmap>} takeFrame  the present frame, upright and unmirrored
 * @property {(onFrame: (now: number) => void) => () => void} eachFrame  calls `onFrame` for each new frame (once for
 *   a picture) with the time as performance.now(); gives the function that ends the calls
 * @property {() => void} close  stops the camera or frees the picture, and empties the element
 */

import { openCamera } from './camera.js';
import { eachVideoFrame, takeFrame } from './video-frames.js';
import { openPicture } from './media-file.js';

/**
 * Opens a camera to be shown in a video element.
 *
 * @param {HTMLVideoElement} video
 * @param {import('./camera.js').OpenOptions} options
 * @returns {Promise<FrameSource>}
 * @throws {import('./camera.js').CameraError}
 */
export async function cameraSource(video, options) {
  const camera = await openCamera(options);
  return {
    kind: 'camera',
    mirrored: !camera.facesAway,
    deviceId: camera.deviceId,
    async show() {
      video.srcObject = camera.stream;
      await video.play();
    },
    takeFrame: () => takeFrame(video),
    eachFrame: (onFrame) => eachVideoFrame(video, onFrame),
    close() {
      camera.stop();
      if (video.srcObject === camera.stream) video.srcObject = null;
    },
  };
}

/**
 * Opens a picture file to be shown in an image element.
 *
 * @param {HTMLImageElement} image
 * @param {File} file
 * @returns {Promise<FrameSource>}
 * @throws {import('./media-file.js').MediaFileError}
 */
export async function pictureSource(image, file) {
  const picture = await openPicture(file);
  return {
    kind: 'picture',
    mirrored: false,
    deviceId: '',
    async show() {
      image.src = picture.url;
      image.alt = `Picture: ${picture.name}`;
      await image.decode();
    },
    takeFrame: () => takeFrame(picture.bitmap),
    eachFrame(onFrame) {
      onFrame(performance.now());
      return () => {};
    },
    close() {
      image.removeAttribute('src');
      picture.close();
    },
  };
}
