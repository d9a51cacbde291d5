"""Files that would keep a decoder busy for long, within the limits of bytes and pixels."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
from PIL import Image


def encoded(picture: Image.Image, kind: str, **options) -> bytes:
    """`picture` as a file of the format that Pillow calls `kind`."""
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def jpeg_of_scans(side: int, scans: int) -> bytes:
    """A progressive JPEG of side x side pixels whose last scan comes again and again."""
    file = encoded(Image.new("L", (side, side), 90), "JPEG", progressive=True)
    last = file[file.rindex(b"\xff\xda") : -2]
    return file[:-2] + last * (scans - file.count(b"\xff\xda")) + file[-2:]


def jpeg_of_segments(count: int) -> bytes:
    """A JPEG with that many comments."""
    file = encoded(Image.new("L", (16, 16), 90), "JPEG")
    return file[:2] + b"\xff\xfe\x00\x03." * count + file[2:]


def png_of_chunks(kind: bytes, count: int, content: bytes = b"") -> bytes:
    """A PNG with that many chunks of a kind before its pixels."""
    file = encoded(Image.new("L", (16, 16), 90), "PNG")
    chunk = struct.pack(">I", len(content)) + kind + content
    chunk += struct.pack(">I", zlib.crc32(kind + content))
    return file[:33] + chunk * count + file[33:]


def png_of_profiles(count: int) -> bytes:
    """A PNG with that many colour profiles, each of a megabyte when unpacked."""
    return png_of_chunks(b"iCCP", count, b"x\0\0" + zlib.compress(bytes(1 << 20), 9))


def tiff_of_strips(count: int) -> bytes:
    """A TIFF of one column whose rows each stand in a strip of their own, all the same byte."""
    tags = [(256, 4, 1, 1), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    tags += [(273, 4, count, 200), (278, 4, 1, 1), (279, 3, count, 200 + 4 * count)]
    head = struct.pack("<2sHIH", b"II", 42, 8, len(tags))
    head += b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    offsets = np.full(count, 8, "<u4").tobytes()
    return head.ljust(200, b"\0") + offsets + np.ones(count, "<u2").tobytes()


def gif_of_comments(blocks: int) -> bytes:
    """A GIF with a comment in that many blocks of a byte."""
    file = encoded(Image.new("L", (16, 16), 90), "GIF")
    place = file.index(b",")
    return file[:place] + b"!\xfe" + b"\x01." * blocks + b"\0" + file[place:]


def bmp_of_runs(side: int) -> bytes:
    """A run-length encoded BMP of side x side pixels in runs of one pixel."""
    rows = b"\x01\x05" * side + b"\0\0"
    body = rows * side + b"\0\x01"
    palette = bytes(256 * 4)
    offset = 54 + len(palette)
    head = struct.pack("<2sIHHI", b"BM", offset + len(body), 0, 0, offset)
    head += struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(body), 0, 0, 256, 0)
    return head + palette + body
