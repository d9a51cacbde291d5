"""From a file's bytes to an upright RGB picture in memory; nothing is written to disk.

Size and format are read from the header and held against the limits before a pixel is decoded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from .errors import ImageDecodeError, ImageTooLargeError

FORMATS = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "WEBP": "WebP",
    "BMP": "BMP",
    "GIF": "GIF",
    "TIFF": "TIFF",
}
"""Pillow's name of each format that is read, and ours."""

STRIP_PIXELS = 1 << 20
"""Pixels that are converted to RGB at a time: memory for a whole second copy is never taken."""

# `decode` holds every header against its own limit; Pillow's, of 179 megapixels, would only
# get in the way of a larger one.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What is accepted: `max_bytes` of file and `max_pixels` of picture (width times height)."""

    max_bytes: int
    max_pixels: int


def decode(data: bytes, limits: ImageLimits) -> np.ndarray:
    """The picture in `data`, upright by its EXIF orientation, without transparency (over white).

    Of an animation or a file of several pages it is the first.

    Returns:
        (H, W, 3) uint8, RGB, C-contiguous.

    Raises:
        ImageDecodeError: empty, truncated, damaged, or not of `FORMATS`.
        ImageTooLargeError: more bytes or pixels than `limits` allow.
    """
    if not data:
        raise ImageDecodeError(f"The file is empty; expected a picture ({formats()}).")
    if len(data) > limits.max_bytes:
        raise ImageTooLargeError(
            f"The file has {len(data):,} bytes; at most {limits.max_bytes:,} are taken."
        )
    with _open(data) as picture:
        width, height = picture.size
        if width * height > limits.max_pixels:
            raise ImageTooLargeError(
                f"The picture has {width} x {height} pixels, {width * height / 1e6:.1f} "
                f"megapixels; at most {limits.max_pixels / 1e6:g} are taken."
            )
        try:
            picture.load()
            return _upright_rgb(picture)
        except (ImageDecodeError, MemoryError):
            raise
        except Exception as error:
            # Pillow's readers raise a dozen kinds for damaged files: OSError, SyntaxError,
            # struct.error, IndexError, ...; all mean the same to the sender.
            raise ImageDecodeError(
                f"The {_name(picture)} picture is damaged or ends too early; "
                "expected a complete file."
            ) from error


def formats() -> str:
    """The formats that are read, in words."""
    names = list(FORMATS.values())
    return ", ".join(names[:-1]) + " or " + names[-1]


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(data), formats=list(FORMATS))
    except UnidentifiedImageError:
        raise ImageDecodeError(
            f"The file is not a picture that can be read here; expected {formats()}."
        ) from None
    except MemoryError:
        raise
    except Exception as error:
        raise ImageDecodeError(
            f"The picture's header is damaged; expected a complete {formats()} file."
        ) from error


def _name(picture: Image.Image) -> str:
    # Phones' JPEGs that carry a second picture are MPO to Pillow.
    return FORMATS.get(picture.format or "", "JPEG")


# EXIF orientation -> view of the upright array that has the rows and columns of the file.
_AS_STORED: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.swapaxes(0, 1),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: upright[::-1, ::-1].swapaxes(0, 1),
    8: lambda upright: np.rot90(upright, -1),
}


def _upright_rgb(picture: Image.Image) -> np.ndarray:
    width, height = picture.size
    # Read after load(): a PNG may carry EXIF behind its pixels, and of a TIFF Pillow has turned
    # the pixels already and dropped the tag.
    orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
    if orientation not in _AS_STORED:
        orientation = 1
    size = (width, height) if orientation >= 5 else (height, width)
    upright = np.empty((*size, 3), np.uint8)
    stored = _AS_STORED[orientation](upright)
    rows = max(1, STRIP_PIXELS // width)
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(top + rows, height)))
        stored[top : top + rows] = _rgb(strip)
    return upright


def _rgb(picture: Image.Image) -> np.ndarray:
    """(H, W, 3) or, for grey to be repeated over the channels, (H, W, 1) uint8."""
    if picture.mode.startswith("I;16"):
        # 0..65535 -> 0..255; Pillow's own conversion clips at 255.
        deep = np.asarray(picture).astype(np.uint32)
        return ((deep + 128) // 257).astype(np.uint8)[:, :, None]
    if picture.mode in ("I", "F"):
        raise ImageDecodeError(
            "The picture has 32 bits a pixel and channel; expected 8 or 16 bits."
        )
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return np.asarray(Image.alpha_composite(white, layer).convert("RGB"))
    return np.asarray(picture.convert("RGB"))
