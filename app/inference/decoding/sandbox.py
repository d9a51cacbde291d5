"""Decodes a picture in a process of its own, which has hard limits of time and memory.

For the formats that few photos have. Their decoders are large, slow or written in Python, and a
file can be made to keep them busy for long; what happens in there cannot harm the server, and its
libraries take none of the server's memory.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .pillow_reader import NAMES, RefusedError

CHILD = Path(__file__).with_name("sandbox_child.py")

CPU_SECONDS = 10
"""Computing time a picture may take; 3 megapixels of HEIC take 0.3."""

WALL_SECONDS = 90
"""After that long the process is ended whatever it has computed: the machine may be busy."""


def decode_apart(
    data: bytes,
    formats: Sequence[str],
    max_pixels: int,
    side: int | None,
    cpu_seconds: int = CPU_SECONDS,
) -> tuple[np.ndarray, tuple[int, int]]:
    """`pixels.read` in a process of its own.

    Returns:
        (H, W, 3) uint8, RGB, and the width and height it has unreduced.

    Raises:
        RefusedError: as of `pixels.read`, or the limits of time or memory were reached.
    """
    name = " or ".join(NAMES[kind] for kind in formats)
    command = [sys.executable, "-I", str(CHILD), ",".join(formats), str(max_pixels)]
    command += [str(side or 0), str(cpu_seconds)]
    try:
        done = subprocess.run(
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_slow(name, cpu_seconds) from None
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise _too_slow(name, cpu_seconds)
    if done.returncode != 0:
        raise _failed(name)
    end = done.stdout.find(b"\n") + 1
    try:
        answer = json.loads(done.stdout[:end])
    except ValueError:
        raise _failed(name) from None
    if "refused" in answer:
        raise RefusedError(answer["refused"], answer["too_large"])
    width, height = answer["size"]
    rgb = np.frombuffer(done.stdout, np.uint8, offset=end).reshape(height, width, 3)
    return rgb, (answer["full"][0], answer["full"][1])


def _too_slow(name: str, cpu_seconds: int) -> RefusedError:
    return RefusedError(
        f"The {name} picture takes more than {cpu_seconds} seconds to decode; "
        "expected one that takes less.",
        too_large=True,
    )


def _failed(name: str) -> RefusedError:
    return RefusedError(
        f"The {name} picture is damaged or asks for more memory than its size needs; "
        "expected a complete file."
    )
