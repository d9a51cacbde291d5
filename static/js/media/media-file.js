/**
 * Open a picture or video from the visitor's own disk within the browser: nothing of it is sent anywhere.
 *
 * @typedef {object} PictureFile
 * @property {'picture'} kind
 * @property {string} name
 * @property {string} url  of the file itself, for an image element; invalid after `close`
 * @property {ImageBitmap} bitmap  upright, its longer side LONGEST_SIDE at most
 * @property {{width: number, height: number}} size  of the picture itself, upright
 * @property {() => void} close
 *
 * @typedef {object} VideoFile
 * @property {'video'} kind
 * @property {string} name
 * @property {string} url  for a video element; invalid after `close`
 * @property {() => void} close
 *
 * @typedef {'file-empty' | 'file-unknown' | 'picture-unreadable' | 'picture-huge' | 'video-unreadable'} MediaFileErrorCode
 */

/** Longer side, in pixels, to which pictures are reduced. */
const LONGEST_SIDE = 2048;
/** Megapixels of a picture: decoded, this is 256 MB, as much as a phone's browser may give a page. */
const MAX_MEGAPIXELS = 64;
const TIMEOUT_MS = 15_000;

export class MediaFileError extends Error {
  /**
   * @param {MediaFileErrorCode} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = 'MediaFileError';
    this.code = code;
  }
}

/**
 * @param {File} file
 * @returns {Promise<PictureFile | VideoFile>}
 * @throws {MediaFileError}
 */
export async function openMediaFile(file) {
  const name = nameOf(file);
  const kind = checkedKind(file);
  if (kind === null) {
    throw new MediaFileError('file-unknown', `${name} is neither a picture nor a video${file.type ? ` but ${file.type}` : ''}.`);
  }
  if (kind === 'picture') return openPicture(file);
  return withUrl(file, async (url) => {
    await probeVideo(name, url);
    return { kind: 'video', name, url, close: () => URL.revokeObjectURL(url) };
  });
}

/**
 * @param {File} file
 * @returns {Promise<PictureFile>}
 * @throws {MediaFileError}
 */
export async function openPicture(file) {
  const name = nameOf(file);
  const kind = checkedKind(file);
  if (kind === 'video') throw new MediaFileError('file-unknown', `${name} is a video; this page takes pictures. The live page takes videos.`);
  if (kind === null) throw new MediaFileError('file-unknown', `${name} is not a picture${file.type ? ` but ${file.type}` : ''}.`);
  return withUrl(file, async (url) => {
    const { bitmap, size } = await decodePicture(name, url);
    const close = () => {
      bitmap.close();
      URL.revokeObjectURL(url);
    };
    return { kind: 'picture', name, url, bitmap, size, close };
  });
}

/**
 * Opens a file by an address of its own, which is freed again where that fails.
 *
 * @template T
 * @param {File} file
 * @param {(url: string) => Promise<T>} open
 * @returns {Promise<T>}
 */
async function withUrl(file, open) {
  const url = URL.createObjectURL(file);
  try {
    return await open(url);
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
}

/** @param {File} file @returns {'picture' | 'video' | null} */
function checkedKind(file) {
  if (file.size === 0) throw new MediaFileError('file-empty', `${nameOf(file)} is empty: it has no bytes.`);
  return kindOf(file);
}

/** @param {File} file */
const nameOf = (file) => file.name || 'the file';

/**
 * The kind of a file by its type or, where the system knows none, by the ending of its name.
 *
 * @param {{type: string, name: string}} file
 * @returns {'picture' | 'video' | null}
 */
function kindOf({ type, name }) {
  if (type.startsWith('image/')) return 'picture';
  if (type.startsWith('video/')) return 'video';
  if (type) return null;
  if (/\.(avif|bmp|gif|heic|heif|jfif|jpe?g|png|tiff?|webp)$/i.test(name)) return 'picture';
  if (/\.(3gp|avi|m4v|mkv|mov|mp4|mpe?g|ogv|webm|wmv)$/i.test(name)) return 'video';
  return null;
}

/**
 * Scales the boxes of faces found in a reduced picture to pixels of the picture itself.
 *
 * @param {import('../types.js').Face[]} faces
 * @param {number} scale  its width over the reduced one's
 */
export function scaleFaces(faces, scale) {
  return faces.map((face) => {
    const { x, y, width, height } = face.box;
    return { ...face, box: { x: x * scale, y: y * scale, width: width * scale, height: height * scale } };
  });
}

/**
 * The size of a picture's copy for analysis.
 *
 * @param {number} width
 * @param {number} height
 * @returns {{width: number, height: number}} of the same shape, its longer side LONGEST_SIDE at most
 */
function reducedSize(width, height) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * @param {string} name
 * @param {string} url
 * @returns {Promise<Pick<PictureFile, 'bitmap' | 'size'>>}
 */
async function decodePicture(name, url) {
  const unreadable = new MediaFileError(
    'picture-unreadable',
    `${name} cannot be read as a picture by this browser. JPEG, PNG, WebP and GIF can; the photo page reads more.`,
  );
  // An element knows how large a picture is before its pixels take memory.
  const image = new Image();
  image.src = url;
  await waitForEvent(image, 'load', unreadable);
  const { naturalWidth: width, naturalHeight: height } = image;
  if (width * height === 0) throw unreadable;
  if (width * height > MAX_MEGAPIXELS * 1e6) {
    throw new MediaFileError(
      'picture-huge',
      `${name} has ${width} × ${height} pixels, ${Math.round((width * height) / 1e6)} megapixels; at most ${MAX_MEGAPIXELS} are read here.`,
    );
  }
  const small = reducedSize(width, height);
  const bitmap = await createImageBitmap(image, { resizeWidth: small.width, resizeHeight: small.height, resizeQuality: 'high' }).catch(() => {
    throw unreadable;
  });
  return { bitmap, size: { width, height } };
}

/**
 * Checks that this browser can play the video, before the page gives up its present source.
 *
 * @param {string} name
 * @param {string} url
 */
async function probeVideo(name, url) {
  const unreadable = new MediaFileError(
    'video-unreadable',
    `${name} cannot be played by this browser. MP4 (H.264) and WebM can nearly everywhere; a converter or another browser may help.`,
  );
  const probe = document.createElement('video');
  probe.muted = true;
  probe.preload = 'auto';
  probe.src = url;
  try {
    await waitForEvent(probe, 'loadeddata', unreadable);
    if (probe.videoWidth === 0) {
      throw new MediaFileError('video-unreadable', `${name} has no pictures that this browser can show, perhaps only sound.`);
    }
  } finally {
    probe.removeAttribute('src');
    probe.load();
  }
}

/**
 * @param {HTMLElement} element
 * @param {string} event
 * @param {MediaFileError} failure  thrown on the element's error event, or after TIMEOUT_MS
 * @returns {Promise<void>}
 */
function waitForEvent(element, event, failure) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(failure), TIMEOUT_MS);
    element.addEventListener(event, () => (clearTimeout(timer), resolve()), { once: true });
    element.addEventListener('error', () => (clearTimeout(timer), reject(failure)), { once: true });
  });
}
