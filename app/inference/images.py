"""From a file's bytes to an upright RGB picture in memory; nothing is written to disk.

The first bytes of a file decide its format; its name and what is said of it do not. Size, pixels
and structure are held against limits before a pixel is decoded. JPEG, PNG and WebP are decoded
here; the other formats in a process of their own (decoding/apart.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .decoding import structure
from .decoding.apart import decode_apart
from .decoding.pixels import NAMES, RefusedError, names, read
from .errors import ImageDecodeError, ImageTooLargeError

FORMATS = NAMES
"""Pillow's name of each format that is read, and ours."""

WORKING_SIDE = 1280
"""A picture whose longer side is at least twice this is reduced by a whole number, to a longer
side of at least this. The smallest face the detector finds has 48 pixels then, as many as the
model takes."""

GLANCE_SIDE = 960
"""The same, to find faces in: of a JPEG it takes a quarter to a half of the time."""

_FIRST_BYTES: tuple[tuple[bytes, tuple[str, ...]], ...] = (
    (b"\xff\xd8\xff", ("JPEG",)),
    (b"\x89PNG\r\n\x1a\n", ("PNG",)),
    (b"GIF8", ("GIF",)),
    (b"BM", ("BMP",)),
    (b"II*\0", ("TIFF",)),
    (b"MM\0*", ("TIFF",)),
    (b"II+\0", ("TIFF",)),
    (b"MM\0+", ("TIFF",)),
)
HERE = {"JPEG", "PNG", "WEBP"}
"""What is decoded in this process."""


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What is accepted: `max_bytes` of file and `max_pixels` of picture (width times height)."""

    max_bytes: int
    max_pixels: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture.

    Attributes:
        image: (H, W, 3) uint8, RGB, C-contiguous, upright; reduced where the file has far more
            pixels than are needed.
        width, height: the size of the upright picture in the file, in pixels.
    """

    image: np.ndarray
    width: int
    height: int

    @property
    def is_reduced(self) -> bool:
        """Whether `image` has fewer pixels than the file."""
        return self.image.shape[1] < self.width


def decode(data: bytes, limits: ImageLimits, side: int | None = WORKING_SIDE) -> Picture:
    """The picture in `data`, upright by its orientation, without transparency (over white).

    Of an animation or a file of several pages it is the first.

    Args:
        data: the whole file.
        limits: what is accepted.
        side: a picture whose longer side is at least twice this is reduced by a whole number,
            to a longer side of at least this. None: not at all.

    Raises:
        ImageDecodeError: empty, truncated, damaged, or not of `FORMATS`.
        ImageTooLargeError: more bytes, pixels or work than are taken.
    """
    if not data:
        raise ImageDecodeError(f"The file is empty; expected a picture ({formats()}).")
    if len(data) > limits.max_bytes:
        raise ImageTooLargeError(
            f"The file has {len(data):,} bytes; at most {limits.max_bytes:,} are taken."
        )
    kinds = _kinds(data)
    try:
        if kinds[0] not in HERE:
            image, full = decode_apart(data, kinds, limits.max_pixels, side)
        else:
            structure.check(kinds[0], data)
            rgb, full = read(data, kinds, limits.max_pixels, side)
            image = np.asarray(rgb)
    except RefusedError as error:
        kind = ImageTooLargeError if error.too_large else ImageDecodeError
        raise kind(str(error)) from error
    return Picture(image, *full)


def reduces_cheaply(data: bytes) -> bool:
    """Whether decoding `data` reduced takes less time than decoding it whole, so that doing both
    is worth while: a JPEG."""
    return data.startswith(_FIRST_BYTES[0][0])


def formats() -> str:
    """The formats that are read, in words."""
    return names()


def _kinds(data: bytes) -> tuple[str, ...]:
    """Pillow's names of the formats that begin as `data` does."""
    for start, kinds in _FIRST_BYTES:
        if data.startswith(start):
            return kinds
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ("WEBP",)
    if data[4:8] == b"ftyp":
        # Of the brands, some are common to AVIF and HEIC.
        return ("AVIF", "HEIF")
    raise ImageDecodeError(
        f"The file is not a picture that can be read here; expected {formats()}."
    )
