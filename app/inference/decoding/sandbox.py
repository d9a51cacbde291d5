"""Decode an image in a separate process with hard limits on time and memory.

For the formats that few photos have. Their decoders are large, slow or written in Python, and a
crafted file can keep them busy for long. A failure in the separate process cannot harm the server,
and the decoders' libraries use none of the server's memory.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .pillow_reader import FORMAT_NAMES, RefusedError

CHILD_SCRIPT = Path(__file__).with_name("sandbox_child.py")

CPU_SECONDS = 10
"""The most processor time for one image; 3 megapixels of HEIC take 0.3 s."""

WALL_SECONDS = 90
"""The most elapsed time for one image, whatever its processor time: the machine may be busy."""


def decode_in_sandbox(
    data: bytes,
    formats: Sequence[str],
    max_pixels: int,
    side: int | None,
    cpu_seconds: int = CPU_SECONDS,
) -> tuple[np.ndarray, tuple[int, int]]:
    """Call `pillow_reader.read` in a separate process.

    Returns:
        (H, W, 3) uint8, RGB, and the image's width and height before the reduction.

    Raises:
        RefusedError: as `pillow_reader.read`, or a limit of time or memory was reached.
    """
    name = " or ".join(FORMAT_NAMES[kind] for kind in formats)
    command = [sys.executable, "-I", str(CHILD_SCRIPT), ",".join(formats), str(max_pixels)]
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
        "expected one that takes less time.",
        too_large=True,
    )


def _failed(name: str) -> RefusedError:
    return RefusedError(
        f"The {name} picture is damaged or needs more memory than its size allows; "
        "expected a complete file."
    )
