/**
 * A picture from the visitor's disk, read in the browser: upright, and no larger than is of use.
 */

/** Longer side, in pixels, beyond which a picture is reduced. */
const LONGEST = 2048;

export class PictureError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'PictureError';
  }
}

/**
 * @typedef {object} Picture
 * @property {string} name
 * @property {string} url  to show it; gone after `close`
 * @property {() => Promise<ImageBitmap>} take  a copy of its pixels
 * @property {() => void} close
 */

/**
 * @param {File} file
 * @returns {Promise<Picture>}
 * @throws {PictureError} the browser cannot read it as a picture
 */
export async function openPicture(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
    const scale = LONGEST / Math.max(bitmap.width, bitmap.height);
    if (scale < 1) {
      const large = bitmap;
      bitmap = await createImageBitmap(large, {
        resizeWidth: Math.max(1, Math.round(large.width * scale)),
        resizeHeight: Math.max(1, Math.round(large.height * scale)),
        resizeQuality: 'high',
      });
      large.close();
    }
  } catch {
    const name = file.name ? `"${file.name}"` : 'What was given';
    throw new PictureError(
      `${name} is not a picture that this browser can read. JPEG, PNG and WebP are read everywhere; the photo page reads more.`,
    );
  }
  const pixels = bitmap;
  const url = URL.createObjectURL(file);
  return {
    name: file.name || 'the picture',
    url,
    take: () => createImageBitmap(pixels),
    close() {
      pixels.close();
      URL.revokeObjectURL(url);
    },
  };
}
