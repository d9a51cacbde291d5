"""Map a BlazeFace detection to the box that a Haar cascade would give, by linear regression.

Twin of static/js/inference/haar-box.js, which says why and how it was fitted; both read the weights
in static/js/inference/haar-box-weights.json.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

from ..types import Box
from .blazeface_decoder import Detection

WEIGHTS: dict[str, list[float]] = json.loads(
    (Path(__file__).parents[3] / "static" / "js" / "inference" / "haar-box-weights.json").read_text(
        "utf-8"
    )
)

SMALLEST, LARGEST = 0.8, 1.5
"""Limits of the Haar box's side, in sides of the detection's box: badly placed keypoints must not
make it vanishingly small or as large as the image."""


def haar_box(detection: Detection) -> Box:
    """The square with level sides that a Haar cascade would give, in the detection's pixels."""
    values = detection.values
    centre, side = values[:2], float(max(values[2], values[3]))
    points = values[4:].reshape(6, 2)
    tilt = roll(detection)
    cos, sin = math.cos(tilt), math.sin(tilt)
    level = (points - centre) @ np.array([[cos, -sin], [sin, cos]]) / side
    right_eye, left_eye, nose, mouth, right_ear, left_ear = level
    eyes, ears = (right_eye + left_eye) / 2, (right_ear + left_ear) / 2
    across = [eyes[0], nose[0], mouth[0], ears[0], left_ear[1] - right_ear[1]]
    along = [
        1, eyes[1], nose[1], mouth[1], ears[1], left_eye[0] - right_eye[0],
        left_ear[0] - right_ear[0], detection.score, (nose[0] - eyes[0]) ** 2, abs(tilt),
    ]  # fmt: skip
    right = side * float(np.dot(across, WEIGHTS["across"]))
    under = side * float(np.dot(along, WEIGHTS["down"]))
    length = side * min(max(float(np.dot(along, WEIGHTS["size"])), SMALLEST), LARGEST)
    return Box(
        x=float(centre[0]) + right * cos - under * sin - length / 2,
        y=float(centre[1]) + right * sin + under * cos - length / 2,
        width=length,
        height=length,
    )


def roll(detection: Detection) -> float:
    """The tilt of the line of the eyes, in radians; positive where the head leans to the right of
    the image."""
    values = detection.values
    return math.atan2(values[7] - values[5], values[6] - values[4])
