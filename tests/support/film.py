"""A film for Chromium's fake camera: pan and zoom over scikit-image's astronaut.

The picture is NASA's, in the public domain.

The camera moves on a closed path, so that the film has no cut where Chromium begins it again,
and where the face is in each frame is known exactly.
"""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
from skimage import data

WIDTH, HEIGHT, RATE, SECONDS = 640, 480, 30, 5
FRAMES = RATE * SECONDS
FACE = (177.0, 66.0, 97.0, 97.0)
"""Haar's box (alt2) of the astronaut's face in the 512x512 picture: x, y, width, height."""


def window(turn: float) -> tuple[float, float, float, float]:
    """What of the picture the camera sees after `turn` 0..1 of its path: x, y, width, height."""
    angle = 2 * math.pi * turn
    width = 330 + 70 * math.cos(angle)
    height = width * HEIGHT / WIDTH
    x = FACE[0] + FACE[2] / 2 + 45 * math.sin(angle) - width / 2
    y = FACE[1] + FACE[3] / 2 + 15 * math.sin(2 * angle) - height / 2
    return max(x, 0.0), max(y, 0.0), width, height


def face_in_frame(turn: float) -> tuple[float, float, float]:
    """Centre x, centre y and side of the face, in pixels of the 640x480 frame."""
    x, y, width, _ = window(turn)
    scale = WIDTH / width
    centre_x, centre_y = FACE[0] + FACE[2] / 2, FACE[1] + FACE[3] / 2
    return (centre_x - x) * scale, (centre_y - y) * scale, FACE[2] * scale


def frame(turn: float) -> np.ndarray:
    """The frame at `turn`: (480, 640, 3) uint8 RGB."""
    x, y, width, _ = window(turn)
    scale = WIDTH / width
    move = np.array([[scale, 0, -x * scale], [0, scale, -y * scale]])
    return cv2.warpAffine(
        data.astronaut(),
        move,
        (WIDTH, HEIGHT),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )


def write_film(path: Path, rate: int = RATE) -> Path:
    """Write the film to `path` as YUV4MPEG2, 4:2:0, played at `rate` frames a second; the path."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{rate}:1 Ip A1:1 C420jpeg\n".encode())
        for index in range(FRAMES):
            file.write(b"FRAME\n")
            file.write(cv2.cvtColor(frame(index / FRAMES), cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


def write_video(path: Path, seconds: float = 3, rate: int = 15) -> Path:
    """Write the beginning of the film to `path` as WebM (VP8), which browsers play; the path."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"VP80"), rate, (WIDTH, HEIGHT))
    assert writer.isOpened()
    for index in range(round(seconds * rate)):
        writer.write(frame(index / rate / SECONDS)[:, :, ::-1])
    writer.release()
    return path
