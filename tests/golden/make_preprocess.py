"""Write preprocess.json, the reference for the preprocessing in Python and in JavaScript.

    python -m tests.golden.make_preprocess

The expected values are computed independently of app.inference.preprocess: pixel by pixel, exactly,
with fractions.
"""

from __future__ import annotations

import base64
import json
import math
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

import numpy as np

OUT = Path(__file__).parent / "preprocess.json"
LUMA = (Fraction(299, 1000), Fraction(587, 1000), Fraction(114, 1000))

CROPS: dict[str, tuple[str, tuple[float, float, float], tuple[int, int, int]]] = {
    # name: (picture, (x, y, side), (height, width, channels))
    "identity": ("gradient", (0, 0, 48), (48, 48, 1)),
    "half": ("noise", (0, 0, 96), (48, 48, 1)),
    "fractional": ("noise", (3.37, 5.81, 70.3), (48, 48, 1)),
    "enlarged": ("noise", (20.25, 17.5, 21.4), (48, 48, 1)),
    "tiny": ("noise", (40.6, 40.2, 0.7), (48, 48, 1)),
    "over the left and top edge": ("gradient", (-11.6, -9.2, 40), (48, 48, 1)),
    "over the right and bottom edge": ("noise", (61.3, 70.9, 52.25), (48, 48, 1)),
    "larger than the picture": ("gradient", (-20.5, -31.5, 130), (48, 48, 1)),
    "wholly outside": ("noise", (150, -90, 33), (24, 24, 1)),
    "checkerboard, not aligned": ("checkerboard", (0.5, 0.5, 95), (48, 48, 1)),
    "colour": ("noise", (2.2, 1.1, 80.8), (48, 48, 3)),
    "another size of input": ("gradient", (4.4, 4.4, 60.6), (32, 40, 1)),
}

CROP_BOXES = [
    ((10, 20, 100, 100), 0.02),
    ((10.5, -20.25, 80, 120), 0.02),
    ((0, 0, 33, 21), 0.0),
    ((5, 5, 60, 60), 0.35),
    ((7, 9, 44, 44), -0.1),
]

CALIBRATIONS = [
    ([0.5, 0.3, 0.2], [0, 0, 0], 1.0),
    ([0.5, 0.3, 0.2], [0, 0, 0], 2.0),
    ([0.98, 0.01, 0.01], [0, 0, 0], 0.5),
    ([1.0, 0.0, 0.0], [0, 0, 0], 1.3),
    ([0.25, 0.25, 0.25, 0.25], [0, 0, 0, 0], 3.0),
    ([0.5, 0.3, 0.2], [-0.4, 0.25, 1.5], 1.0),
    ([0.6, 0.3, 0.1], [0.0, 1.2, 2.5], 0.44),
    ([0.0, 0.9, 0.1], [3.0, 0.0, 0.0], 0.7),
]


def pictures() -> dict[str, np.ndarray]:
    """The three pictures, (96, 96, 3) uint8 RGB."""
    y, x = np.mgrid[0:96, 0:96]
    gradient = np.stack([x * 2.6, y * 2.6, 255 - (x + y) * 1.3], axis=-1)
    checkerboard = np.repeat((((x + y) % 2) * 255)[..., None], 3, axis=-1)
    noise = np.random.default_rng(2013).integers(0, 256, (96, 96, 3))
    return {
        name: value.astype(np.uint8)
        for name, value in (
            ("gradient", gradient),
            ("checkerboard", checkerboard),
            ("noise", noise),
        )
    }


def area_average(
    image: np.ndarray, crop: tuple[float, float, float], size: tuple[int, int, int]
) -> np.ndarray:
    """Resample by area averaging, computed with exact fractions."""
    x, y, side = (Fraction(value) for value in crop)
    height, width, channels = size
    rows = [_covered(y + side * i / height, side / height, image.shape[0]) for i in range(height)]
    columns = [_covered(x + side * j / width, side / width, image.shape[1]) for j in range(width)]
    result = np.empty(size, np.float32)
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            sums = [Fraction(0)] * 3
            for source_y, weight_y in row:
                for source_x, weight_x in column:
                    for c in range(3):
                        value = int(image[source_y, source_x, c])
                        sums[c] += weight_y * weight_x * value
            if channels == 1:
                sums = [sum((w * v for w, v in zip(LUMA, sums, strict=True)), Fraction(0))]
            result[i, j] = [float(value) for value in sums]
    return result


def _covered(start: Fraction, length: Fraction, limit: int) -> list[tuple[int, Fraction]]:
    end = start + length
    parts = []
    for pixel in range(floor(start), ceil(end)):
        overlap = min(end, Fraction(pixel + 1)) - max(start, Fraction(pixel))
        if overlap > 0:
            parts.append((min(max(pixel, 0), limit - 1), overlap / length))
    return parts


def golden() -> dict[str, Any]:
    """The content of preprocess.json."""
    images = pictures()
    cases = []
    for name, (picture, (x, y, side), (height, width, channels)) in CROPS.items():
        expected = area_average(images[picture], (x, y, side), (height, width, channels))
        cases.append(
            {
                "name": name,
                "picture": picture,
                "crop": {"x": x, "y": y, "width": side, "height": side},
                "input": {"height": height, "width": width, "channels": channels},
                "expected": base64.b64encode(expected.astype("<f4").tobytes()).decode(),
            }
        )
    boxes = []
    for (x, y, width, height), margin in CROP_BOXES:
        side = max(width, height) * (1 + 2 * margin)
        centre = (x + width / 2, y + height / 2)
        boxes.append(
            {
                "box": {"x": x, "y": y, "width": width, "height": height},
                "margin": margin,
                "expected": {
                    "x": centre[0] - side / 2,
                    "y": centre[1] - side / 2,
                    "width": side,
                    "height": side,
                },
            }
        )
    calibrations = []
    for probabilities, bias, temperature in CALIBRATIONS:
        # The smallest normal float32 stands in for 0, which has no logarithm.
        powers = [
            (max(p, 2**-126) * math.exp(added)) ** (1 / temperature)
            for p, added in zip(probabilities, bias, strict=True)
        ]
        calibrations.append(
            {
                "probabilities": probabilities,
                "bias": bias,
                "temperature": temperature,
                "expected": [power / sum(powers) for power in powers],
            }
        )
    stored = {
        name: {
            "width": image.shape[1],
            "height": image.shape[0],
            "rgb": base64.b64encode(image.tobytes()).decode(),
        }
        for name, image in images.items()
    }
    return {"pictures": stored, "cases": cases, "crop_boxes": boxes, "calibration": calibrations}


if __name__ == "__main__":
    OUT.write_text(json.dumps(golden(), separators=(",", ":")) + "\n")
