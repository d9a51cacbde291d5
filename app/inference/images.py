"""From a file's bytes to an upright RGB picture in memory; nothing is written to disk.

The first bytes of a file decide its format; its name and what is said of it do not. Size, pixels
and structure are held against limits before a pixel is decoded. JPEG, PNG and WebP are decoded
here; the other formats in a process of their own (decoding/apart.py).
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from .decoding import precheck
from .decoding.memory_budget import DecodingMemory
from .decoding.pillow_reader import NAMES, RefusedError, names, read
from .decoding.sandbox import decode_apart
from .errors import ImageDecodeError, ImageTooLargeError, ImageUnsupportedError

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

APART_BYTES = 35_000_000
"""What the process apart takes by itself."""


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What is accepted.

    Attributes:
        max_bytes: the most bytes of a file.
        max_pixels: the most pixels of a picture, width times height.
        memory: what decoding may take; fewer pixels are accepted of formats that take more for
            each. None: that is not limited.
    """

    max_bytes: int
    max_pixels: int
    memory: DecodingMemory | None = None


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
        ImageUnsupportedError: HEIC, where pillow-heif is not installed.
        ImageTooLargeError: more bytes, pixels or work than are taken.
        DecodingBusyError: others have taken up the limits' memory for too long.
    """
    if not data:
        raise ImageDecodeError(f"The file is empty; expected a picture ({formats()}).")
    if len(data) > limits.max_bytes:
        raise ImageTooLargeError(
            f"The file has {len(data):,} bytes; at most {limits.max_bytes:,} are taken."
        )
    kinds = _kinds(data)
    memory, most = limits.memory, limits.max_pixels
    try:
        with ExitStack() as held:
            if kinds[0] not in HERE:
                if memory:
                    each = precheck.BYTES_A_PIXEL[kinds[0]]
                    most = min(most, memory.pixels(each, APART_BYTES))
                    held.enter_context(memory.taken(memory.most))
                image, full = decode_apart(data, kinds, most, side)
            else:
                each = precheck.check(kinds[0], data)
                if memory:
                    most = min(most, memory.pixels(each))

                def before(pixels: int) -> None:
                    if memory:
                        held.enter_context(memory.taken(each * pixels))

                rgb, full = read(data, kinds, most, side, before)
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
        # Of the brands, some are common to AVIF and HEIC; these two AVIF has alone.
        if not {b"avif", b"avis"}.isdisjoint(_brands(data)):
            return ("AVIF",)
        if "HEIF" in NAMES:
            return ("HEIF",)
        raise ImageUnsupportedError(
            "HEIC pictures are not read here, since the server has no pillow-heif; "
            f"expected {formats()}."
        )
    raise ImageDecodeError(
        f"The file is not a picture that can be read here; expected {formats()}."
    )


def _brands(data: bytes) -> set[bytes]:
    """The brands that a file of the family of MP4 says it is of."""
    end = min(int.from_bytes(data[:4], "big"), 4096)
    return {data[8:12], *(data[place : place + 4] for place in range(16, end, 4))}
