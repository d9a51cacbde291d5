"""Decode an image file to upright RGB pixels in memory; nothing is written to disk.

The first bytes of a file decide its format; its name and its declared type do not. Size, pixels
and structure are checked against limits before a pixel is decoded. JPEG, PNG and WebP are decoded
in this process; the other formats in a sandboxed process (decoding/sandbox.py).
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from .decoding import precheck
from .decoding.memory_budget import DecodingMemory
from .decoding.pillow_reader import FORMAT_NAMES, RefusedError, format_list, read
from .decoding.png_chunks import needed_chunks
from .decoding.sandbox import decode_in_sandbox
from .errors import ImageDecodeError, ImageTooLargeError, ImageUnsupportedError

FORMATS = FORMAT_NAMES
"""The supported formats: Pillow's name -> the usual name."""

WORKING_SIDE = 1280
"""The default `side` of `decode`. The smallest face that the detector finds then has 48 pixels, as
many as the models take."""

DETECTION_SIDE = 960
"""The `side` for finding faces only: decoding a JPEG takes a quarter to half of the time."""

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
"""The first bytes of a file -> Pillow's names of the formats that it may have."""

IN_PROCESS = {"JPEG", "PNG", "WEBP"}
"""The formats that are decoded in this process."""

SANDBOX_BYTES = 35_000_000
"""The memory of a sandboxed process before it decodes."""


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """The limits on image files.

    Attributes:
        max_bytes: the most bytes of a file.
        max_pixels: the most pixels of an image, width times height.
        memory: the memory for decoding; it lowers `max_pixels` for formats that need more memory
            per pixel. None: not limited.
    """

    max_bytes: int
    max_pixels: int
    memory: DecodingMemory | None = None

    def check_bytes(self, size: int) -> None:
        """Refuse a file of more than `max_bytes` bytes.

        Raises:
            ImageTooLargeError: `size` is larger.
        """
        if size > self.max_bytes:
            raise ImageTooLargeError(
                f"The file has {size:,} bytes; at most {self.max_bytes:,} are accepted."
            )


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """A decoded image.

    Attributes:
        pixels: (H, W, 3) uint8, RGB, C-contiguous, upright; reduced where the file has far more
            pixels than are needed.
        width, height: the size of the upright image in the file, in pixels.
    """

    pixels: np.ndarray
    width: int
    height: int

    @property
    def is_reduced(self) -> bool:
        """Whether `pixels` is smaller than the image in the file."""
        return self.pixels.shape[1] < self.width

    @property
    def reduction(self) -> tuple[float, float]:
        """How many times as wide and as high the image in the file is as `pixels`."""
        height, width = self.pixels.shape[:2]
        return self.width / width, self.height / height


def decode(data: bytes, limits: ImageLimits, side: int | None = WORKING_SIDE) -> DecodedImage:
    """The image in `data`, upright by its EXIF orientation, transparent parts over white.

    Of an animation or a file of several pages it is the first.

    Args:
        data: the whole file.
        limits: the limits to check.
        side: an image whose longer side is at least twice `side` is reduced by an integer factor,
            to a longer side of at least `side`. None: it is not reduced.

    Raises:
        ImageDecodeError: empty, truncated, damaged, or not of `FORMATS`.
        ImageUnsupportedError: HEIC, where pillow-heif is not installed.
        ImageTooLargeError: more bytes, pixels or parts than allowed.
        DecodingBusyError: the memory for decoding did not become free in time.
    """
    if not data:
        raise ImageDecodeError(f"The file is empty; expected a picture ({formats()}).")
    limits.check_bytes(len(data))
    kinds = _kinds(data)
    memory, max_pixels = limits.memory, limits.max_pixels
    try:
        with ExitStack() as reservation:
            if kinds[0] not in IN_PROCESS:
                if memory:
                    bytes_per_pixel = precheck.BYTES_PER_PIXEL[kinds[0]]
                    max_pixels = min(max_pixels, memory.pixels(bytes_per_pixel, SANDBOX_BYTES))
                    reservation.enter_context(memory.reserved(memory.limit))
                pixels, full = decode_in_sandbox(data, kinds, max_pixels, side)
            else:
                bytes_per_pixel = precheck.check(kinds[0], data)
                if kinds[0] == "PNG":
                    data = needed_chunks(data)
                if memory:
                    max_pixels = min(max_pixels, memory.pixels(bytes_per_pixel))

                def reserve(count: int) -> None:
                    if memory:
                        reservation.enter_context(memory.reserved(bytes_per_pixel * count))

                rgb, full = read(data, kinds, max_pixels, side, reserve)
                pixels = np.asarray(rgb)
    except RefusedError as error:
        kind = ImageTooLargeError if error.too_large else ImageDecodeError
        raise kind(str(error)) from error
    return DecodedImage(pixels, *full)


def reduces_cheaply(data: bytes) -> bool:
    """Whether decoding `data` to a reduced size is much faster than decoding it whole: for JPEG."""
    return data.startswith(_FIRST_BYTES[0][0])


def formats() -> str:
    """The supported formats as text, e.g. "JPEG, PNG or GIF"."""
    return format_list()


def _kinds(data: bytes) -> tuple[str, ...]:
    """Pillow's names of the formats that the first bytes of `data` allow."""
    for start, kinds in _FIRST_BYTES:
        if data.startswith(start):
            return kinds
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ("WEBP",)
    if data[4:8] == b"ftyp":
        # AVIF and HEIC share some brands; these two belong to AVIF only.
        if not {b"avif", b"avis"}.isdisjoint(_brands(data)):
            return ("AVIF",)
        if "HEIF" in FORMATS:
            return ("HEIF",)
        raise ImageUnsupportedError(
            "HEIC pictures are not supported here, because the server has no pillow-heif; "
            f"expected {formats()}."
        )
    raise ImageDecodeError(
        f"The file is not a picture of a supported format; expected {formats()}."
    )


def _brands(data: bytes) -> set[bytes]:
    """The brands that the `ftyp` box of an ISO base media file (AVIF, HEIC) names."""
    end = min(int.from_bytes(data[:4], "big"), 4096)
    return {data[8:12], *(data[place : place + 4] for place in range(16, end, 4))}
