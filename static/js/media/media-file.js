/**
 * A picture or video from the visitor's own disk, opened within the browser: nothing of it is sent anywhere.
 *
 * @typedef {object} Picture
 * @property {'picture'} kind
 * @property {string} name
 * @property {ImageBitmap} bitmap  upright, its longer side LONGEST at most
 * @property {{width: number, height: number}} size  of the picture itself, upright
 * @property {() => void} close
 *
 * @typedef {object} Film
 * @property {'video'} kind
 * @property {string} name
 * @property {string} url  for a video element; gone after `close`
 * @property {() => void} close
 *
 * @typedef {'file-empty' | 'file-unknown' | 'picture-unreadable' | 'picture-huge' | 'video-unreadable'} MediaFileErrorCode
 */

/** Longer side, in pixels, to which pictures are reduced. */
const LONGEST = 2048;
/** Megapixels of a picture: decoded, this is 256 MB, as much as a phone's browser may give a page. */
const MOST_MEGAPIXELS = 64;
const PATIENCE_MS = 15_000;

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
 * @returns {Promise<Picture | Film>}
 * @throws {MediaFileError}
 */
export async function openMediaFile(file) {
  const name = file.name || 'the file';
  if (file.size === 0) throw new MediaFileError('file-empty', `${name} is empty: it has no bytes.`);
  const kind = kindOf(file);
  if (kind === null) {
    throw new MediaFileError('file-unknown', `${name} is neither a picture nor a video${file.type ? ` but ${file.type}` : ''}.`);
  }
  const url = URL.createObjectURL(file);
  try {
    if (kind === 'picture') return await openPicture(name, url);
    await probeVideo(name, url);
    return { kind: 'video', name, url, close: () => URL.revokeObjectURL(url) };
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
}

/**
 * What a file says that it is, by its type or, where the system knows none, by its name's ending.
 *
 * @param {{type: string, name: string}} file
 * @returns {'picture' | 'video' | null}
 */
export function kindOf({ type, name }) {
  if (type.startsWith('image/')) return 'picture';
  if (type.startsWith('video/')) return 'video';
  if (type) return null;
  if (/\.(avif|bmp|gif|heic|heif|jfif|jpe?g|png|tiff?|webp)$/i.test(name)) return 'picture';
  if (/\.(3gp|avi|m4v|mkv|mov|mp4|mpe?g|ogv|webm|wmv)$/i.test(name)) return 'video';
  return null;
}

/**
 * Faces found in a reduced picture, in pixels of the picture itself.
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
 * @returns {{width: number, height: number}} of the same shape, its longer side LONGEST at most
 */
export function reducedSize(width, height) {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * @param {string} name
 * @param {string} url
 * @returns {Promise<Picture>}
 */
async function openPicture(name, url) {
  const unreadable = new MediaFileError(
    'picture-unreadable',
    `${name} cannot be read as a picture by this browser. JPEG, PNG, WebP and GIF can; the photo page reads more.`,
  );
  // An element knows how large a picture is before its pixels take memory.
  const image = new Image();
  image.src = url;
  await heard(image, 'load', unreadable);
  const { naturalWidth: width, naturalHeight: height } = image;
  if (width * height === 0) throw unreadable;
  if (width * height > MOST_MEGAPIXELS * 1e6) {
    throw new MediaFileError(
      'picture-huge',
      `${name} has ${width} × ${height} pixels, ${Math.round((width * height) / 1e6)} megapixels; at most ${MOST_MEGAPIXELS} are read here.`,
    );
  }
  const small = reducedSize(width, height);
  const bitmap = await createImageBitmap(image, { resizeWidth: small.width, resizeHeight: small.height, resizeQuality: 'high' }).catch(() => {
    throw unreadable;
  });
  return { kind: 'picture', name, bitmap, size: { width, height }, close: () => bitmap.close() };
}

/**
 * Whether this browser can show the video, before anything else is given up for it.
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
    await heard(probe, 'loadeddata', unreadable);
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
 * @param {MediaFileError} otherwise  if it fails, or takes too long
 * @returns {Promise<void>}
 */
function heard(element, event, otherwise) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(otherwise), PATIENCE_MS);
    element.addEventListener(event, () => (clearTimeout(timer), resolve()), { once: true });
    element.addEventListener('error', () => (clearTimeout(timer), reject(otherwise)), { once: true });
  });
}
