"""What a JPEG or PNG file asks of its decoder besides pixels, held against limits beforehand.

Within the limits of bytes and pixels a file can still ask for hours: each of a progressive JPEG's
scans, of a few bytes, passes over the whole picture, and each chunk of a PNG may unpack a
megabyte. Only the walk over the file's parts is made here; what is wrong in them, the decoder says.
"""

from __future__ import annotations

import re
from struct import unpack_from

from .pillow_reader import RefusedError

MAX_SCAN_PIXELS = 1_000_000_000
"""Scans of a JPEG times its pixels; usual progressive files have 10 scans."""

MAX_SCANS = 100
MAX_SEGMENTS = 2_000
"""Marker segments of a JPEG; its metadata come in segments of up to 64 KiB."""

MAX_CHUNKS = 50_000
"""Chunks of a PNG with pixels in them, of all its frames; usual ones hold 8 KiB."""

MAX_OTHER_CHUNKS = 500

_NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")


BYTES_A_PIXEL = {
    "JPEG": 1.0,
    "PNG": 6.0,
    "WEBP": 8.0,
    "AVIF": 8.5,
    "HEIF": 6.3,
    "BMP": 6.0,
    "GIF": 4.0,
    "TIFF": 9.0,
}
"""What decoding is held to take for each pixel of the file: no less than was measured, of GIF and
TIFF some more; of a JPEG without its coefficients, which are kept where they come in several
scans."""


def check(kind: str, data: bytes) -> float:
    """Refuse a file of many parts.

    Args:
        kind: Pillow's name of the format.
        data: the whole file.

    Returns:
        How many bytes of memory decoding it takes for each of its pixels.

    Raises:
        RefusedError: more parts than are taken.
    """
    if kind == "JPEG":
        return BYTES_A_PIXEL[kind] + _check_jpeg(data)
    if kind == "PNG":
        _check_png(data)
    return BYTES_A_PIXEL[kind]


def _coefficient_bytes(data: bytes, start: int) -> float:
    """The bytes a pixel of all coefficients, from the frame header that is at `start`."""
    count = data[start + 7] if start + 7 < len(data) else 0
    samplings = data[start + 9 : start + 8 + 3 * count : 3]
    areas = [(sampling >> 4) * (sampling & 15) for sampling in samplings]
    across = max((sampling >> 4 for sampling in samplings), default=0)
    down = max((sampling & 15 for sampling in samplings), default=0)
    return 2.0 * sum(areas) / max(1, across * down)


def _check_jpeg(data: bytes) -> float:
    """Bytes a pixel of the coefficients that are kept while the scans are read."""
    place, scans, segments, pixels, coefficients = 2, 0, 0, 0, 0.0
    while place + 4 <= len(data):
        # Between segments and in the compressed data, what is no marker is passed over, as the
        # decoder does.
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
            f"The JPEG picture has more than {most} scans; expected no more at its size.",
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
                f"{MAX_OTHER_CHUNKS} other chunks; expected fewer.",
                too_large=True,
            )
        place += 12 + length
