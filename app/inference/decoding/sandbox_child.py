"""Decode one image as a separate process: the file on stdin, the answer on stdout.

    python -I sandbox_child.py AVIF,HEIF max_pixels side seconds

`side` is that of `pillow_reader.read`, 0 for None. The answer is one line of JSON,
`{"size": [w, h], "full": [w, h]}` followed by the RGB bytes, or
`{"refused": sentence, "too_large": true or false}`.

The operating system ends this process after `seconds` of processor time, and gives it only the
memory that an image of the size in the file's header needs; it cannot write to files.
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
"""Address space of Python, its libraries and their threads before anything is decoded."""

BYTES_PER_PIXEL = 24
"""The most memory per pixel while decoding: 16 bits, 4 channels, and some copies."""

THREADS = 2
"""Threads of one decoder."""


def limit_memory(pixels: int) -> None:
    """Limit this process's memory to what an image of that many pixels needs."""
    limit = BASE_BYTES + BYTES_PER_PIXEL * pixels
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


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
    warnings.simplefilter("ignore")  # Pillow warns about damaged tags
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
