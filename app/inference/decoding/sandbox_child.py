"""Decodes one picture in a process of its own: file on stdin, answer on stdout.

    python -I sandbox_child.py AVIF,HEIF max_pixels side seconds

`side` is that of `pillow_reader.read`, 0 for none. The answer is one line of JSON,
`{"size": [w, h], "full": [w, h]}` followed by the RGB bytes, or
`{"refused": sentence, "too_large": true or false}`.

The system ends this process when it computes for more than `seconds`, and gives it no more memory
than a picture of the size in the file's header needs; it can open no file for writing.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pillow_reader  # type: ignore[import-not-found]

BASE_BYTES = 512 << 20
"""Address space that Python, its libraries and their threads take before a pixel is there."""

BYTES_A_PIXEL = 24
"""The most that a pixel takes while it is decoded: 16 bits, 4 channels, and some copies."""

THREADS = 2


def limit_memory(picture_pixels: int) -> None:
    """Give this process the memory for a picture of that many pixels and no more."""
    most = BASE_BYTES + BYTES_A_PIXEL * picture_pixels
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


def main(formats: list[str], max_pixels: int, side: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit_memory(max_pixels)
    if "AVIF" in formats:
        from PIL import AvifImagePlugin

        AvifImagePlugin.DEFAULT_MAX_THREADS = THREADS
    if "HEIF" in formats:
        import pillow_heif

        pillow_heif.register_heif_opener(
            thumbnails=False, depth_images=False, aux_images=False, decode_threads=THREADS
        )
    warnings.simplefilter("ignore")  # Pillow's, of damaged tags
    out = sys.stdout.buffer
    data = sys.stdin.buffer.read()
    try:
        rgb, full = pillow_reader.read(data, formats, max_pixels, side or None, limit_memory)
        answer, body = {"size": rgb.size, "full": full}, rgb.tobytes()
    except pillow_reader.RefusedError as error:
        answer, body = {"refused": str(error), "too_large": error.too_large}, b""
    out.write(json.dumps(answer).encode() + b"\n")
    out.write(body)


if __name__ == "__main__":
    main(sys.argv[1].split(","), *map(int, sys.argv[2:5]))
