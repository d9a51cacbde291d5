"""Leave out the chunks of a PNG file that its pixels do not need.

Image generators and printers write megabytes of text, and damaged ancillary chunks occur; browsers
skip them, Pillow refuses such files. Imports nothing, as `pillow_reader.py`.
"""

from __future__ import annotations

from struct import unpack_from
from zlib import crc32

CRITICAL = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}

KEPT = {b"tRNS": 1024, b"eXIf": 1 << 16, b"iCCP": 1 << 20}
"""The ancillary chunks that are used -> the most bytes that they may have."""


def needed_chunks(data: bytes) -> bytes:
    """The PNG file `data` with only the chunks that are used and not damaged.

    Chunks behind the first damaged length are kept as they are: the decoder reports them.
    """
    kept, place = [data[:8]], 8
    while place + 12 <= len(data):
        (length,) = unpack_from(">I", data, place)
        kind, end = data[place + 4 : place + 8], place + 12 + length
        if end > len(data):
            break
        if kind in CRITICAL or _is_kept(data, place, kind, length):
            kept.append(data[place:end])
        place = end
        if kind == b"IEND":
            return b"".join(kept)
    kept.append(data[place:])
    return b"".join(kept)


def _is_kept(data: bytes, place: int, kind: bytes, length: int) -> bool:
    if length > KEPT.get(kind, -1):
        return False
    (expected,) = unpack_from(">I", data, place + 8 + length)
    return crc32(data[place + 4 : place + 8 + length]) == expected
