"""Videos and pictures for the tests of the batch, made of tests/support/film.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np

from .film import SECONDS, frame


def two_people(seconds: float, size: tuple[int, int] = (640, 240)) -> np.ndarray:
    """A frame with a face in each half; the right one is away from second 18.5 to 20.2."""
    left = frame(seconds / SECONDS % 1)
    right = frame((seconds / SECONDS / 1.7 + 0.3) % 1)[:, ::-1]
    if 18.5 <= seconds < 20.2:
        right = np.full_like(right, 96)
    return cv2.resize(np.hstack([left, right]), size, interpolation=cv2.INTER_AREA)


@lru_cache(maxsize=256)
def one_person(seconds: float) -> np.ndarray:
    """A frame of the film, at half its size."""
    return cv2.resize(frame(seconds / SECONDS % 1), (320, 240), interpolation=cv2.INTER_AREA)


def write(
    path: Path,
    times: Iterable[float],
    picture: Callable[[float], np.ndarray] = one_person,
    codec: str = "libx264",
    container: str | None = None,
    options: dict[str, str] | None = None,
    rotation: int = 0,
) -> Path:
    """Write a video with a frame at each of `times` (seconds); its path.

    `rotation`: by how many degrees the frames are turned anticlockwise when they are shown.
    """
    with av.open(str(path), "w", format=container) as file:
        stream = file.add_stream(codec, rate=15, options=options or {})
        base = Fraction(1, 600)
        for seconds in times:
            image = np.ascontiguousarray(picture(seconds))
            if not stream.codec_context.is_open:
                stream.width, stream.height = image.shape[1], image.shape[0]
                stream.pix_fmt = "yuv420p"
                stream.codec_context.time_base = base
                if rotation:
                    stream.set_display_rotation(rotation)
            one = av.VideoFrame.from_ndarray(image, format="rgb24")
            one.pts = round(seconds / base)
            one.time_base = base
            file.mux(stream.encode(one))
        file.mux(stream.encode(None))
    return path


def every(rate: float, seconds: float) -> list[float]:
    """Times of frames at a rate."""
    return [i / rate for i in range(round(rate * seconds))]
