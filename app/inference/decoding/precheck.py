"""Check the number of parts of a JPEG or PNG file before it is decoded.

A small file with few pixels can still keep a decoder busy for hours: each scan of a progressive
JPEG, of a few bytes, covers the whole image, and each chunk of a PNG may unpack to a megabyte.
This module only counts the parts; the decoder finds errors inside them.
"""

from __future__ import annotations

import re
from struct import unpack_from

from .pillow_reader import RefusedError

MAX_SCAN_PIXELS = 1_000_000_000
"""The most scans of a JPEG times its pixels; a usual progressive file has 10 scans."""

MAX_SCANS = 100
"""The most scans of a JPEG of any size."""

MAX_SEGMENTS = 2_000
"""The most marker segments of a JPEG; metadata come in segments of up to 64 KiB."""

MAX_CHUNKS = 50_000
"""The most chunks with pixels in a PNG, of all its frames; a usual chunk holds 8 KiB."""

MAX_OTHER_CHUNKS = 50_000
"""The most other chunks in a PNG; those that are not needed are skipped."""

_NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")

BYTES_PER_PIXEL = {
    "JPEG": 1.0,
    "PNG": 6.0,
    "WEBP": 8.0,
    "AVIF": 8.5,
    "HEIF": 6.3,
    "BMP": 6.0,
    "GIF": 4.0,
    "TIFF": 9.0,
}
"""Bytes of memory that decoding needs per pixel of the file: at least the measured value, and more
for GIF and TIFF. The value for JPEG does not contain the coefficients, which are kept only for
files with several scans."""


def check(kind: str, data: bytes) -> float:
    """Refuse a file with too many parts.

    Args:
        kind: Pillow's name of the format.
        data: the whole file.

    Returns:
        The bytes of memory that decoding needs per pixel of the file.

    Raises:
        RefusedError: more parts than allowed.
    """
    if kind == "JPEG":
        return BYTES_PER_PIXEL[kind] + _check_jpeg(data)
    if kind == "PNG":
        _check_png(data)
    return BYTES_PER_PIXEL[kind]


def _coefficient_bytes(data: bytes, start: int) -> float:
    """The bytes per pixel of all coefficients, by the frame header at `start`."""
    count = data[start + 7] if start + 7 < len(data) else 0
    samplings = data[start + 9 : start + 8 + 3 * count : 3]
    areas = [(sampling >> 4) * (sampling & 15) for sampling in samplings]
    across = max((sampling >> 4 for sampling in samplings), default=0)
    down = max((sampling & 15 for sampling in samplings), default=0)
    return 2.0 * sum(areas) / max(1, across * down)


def _check_jpeg(data: bytes) -> float:
    """The bytes per pixel of the coefficients that are kept while the scans are read."""
    place, scans, segments, pixels, coefficients = 2, 0, 0, 0, 0.0
    while place + 4 <= len(data):
        # Like the decoder, skip bytes between segments and in compressed data that are no marker.
        found = _NEXT_MARKER.search(data, place)
        if found is None or data[found.start() + 1] == 0xD9:
            break
        marker, start = data[found.start() + 1], found.end()
        if marker in (0x01, 0xD8) or start + 2 > len(data):
            place = start
            continue
        segments += 1
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and start + 7 <= len(data):
            height, width = unpack_from(">HH", data, start + 3)
            pixels = max(pixels, width * height)
            coefficients = max(coefficients, _coefficient_bytes(data, start))
        scans += marker == 0xDA
        if segments - scans > MAX_SEGMENTS or scans > MAX_SCANS:
            break
        place = start + max(2, unpack_from(">H", data, start)[0])
    if segments - scans > MAX_SEGMENTS:
        raise RefusedError(
            f"The JPEG picture has more than {MAX_SEGMENTS:,} segments of metadata; "
            "expected fewer.",
            too_large=True,
        )
    if scans > 1 and (scans > MAX_SCANS or scans * pixels > MAX_SCAN_PIXELS):
        most = min(MAX_SCANS, max(1, MAX_SCAN_PIXELS // max(pixels, 1)))
        raise RefusedError(
            f"The JPEG picture has more than {most} scans, the most for its size.",
            too_large=True,
        )
    return coefficients if scans > 1 else 0.0


def _check_png(data: bytes) -> None:
    place, chunks, others = 8, 0, 0
    while place + 12 <= len(data):
        (length,) = unpack_from(">I", data, place)
        if data[place + 4 : place + 8] in (b"IDAT", b"fdAT"):
            chunks += 1
        else:
            others += 1
        if chunks > MAX_CHUNKS or others > MAX_OTHER_CHUNKS:
            raise RefusedError(
                f"The PNG picture has more than {MAX_CHUNKS:,} chunks of pixels or "
                f"{MAX_OTHER_CHUNKS:,} other chunks; expected fewer.",
                too_large=True,
            )
        place += 12 + length
