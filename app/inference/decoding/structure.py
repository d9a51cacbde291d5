"""What a JPEG or PNG file asks of its decoder besides pixels, held against limits beforehand.

Within the limits of bytes and pixels a file can still ask for hours: each of a progressive JPEG's
scans, of a few bytes, passes over the whole picture, and each chunk of a PNG may unpack a
megabyte. Only the walk over the file's parts is made here; what is wrong in them, the decoder says.
"""

from __future__ import annotations

import re
from struct import unpack_from

from .pixels import RefusedError

MAX_SCAN_PIXELS = 1_000_000_000
"""Scans of a JPEG times its pixels; usual progressive files have 10 scans."""

MAX_SCANS = 100
MAX_SEGMENTS = 2_000
"""Marker segments of a JPEG; its metadata come in segments of up to 64 KiB."""

MAX_CHUNKS = 50_000
"""Chunks of a PNG with pixels in them, of all its frames; usual ones hold 8 KiB."""

MAX_OTHER_CHUNKS = 500

_NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")


def check(kind: str, data: bytes) -> None:
    """Refuse a file of many parts.

    Args:
        kind: Pillow's name of the format.
        data: the whole file.

    Raises:
        RefusedError: more parts than are taken.
    """
    if kind == "JPEG":
        _check_jpeg(data)
    elif kind == "PNG":
        _check_png(data)


def _check_jpeg(data: bytes) -> None:
    place, scans, segments, pixels = 2, 0, 0, 0
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
