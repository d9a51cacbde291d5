"""Write converter/faces.json: photos of a face with face boxes, for checks that need real pixels.

    python -m tests.golden.make_faces

The photo is skimage.data.astronaut(): Eileen Collins, NASA, public domain. The boxes vary in
offset, scale and shape, and some extend beyond the photo, as a face detector's boxes do. They are
not all on the face; they cover the cases of preprocessing.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import skimage.data

FACES = Path(__file__).parents[2] / "converter" / "faces.json"

# A Haar cascade detects the face at x 175, y 66, 97 pixels wide.
CLOSE = [
    (35, 26, 97, 97),
    (36.5, 27.25, 96.4, 99.1),
    (28, 20, 112, 112),
    (-20.5, -11.75, 120, 120),
    (70, 60, 130, 90.5),
    (60, 50, 31, 44),
]
SMALL = [
    (43.75, 16.5, 24.25, 24.25),
    (38, 9, 36.6, 30),
    (-8, -30, 90, 120),
    (100.3, 90.7, 40, 40),
]
CUT = [
    (15.2, 30, 97, 97),
    (-30, 8, 80, 101.3),
    (60, -40, 57, 64),
]


def pictures() -> list[tuple[str, np.ndarray, list[tuple[float, ...]]]]:
    """(name, RGB uint8 picture of at most 160x160 pixels, boxes as x, y, width, height)."""
    astronaut = skimage.data.astronaut()
    quarter = astronaut.reshape(128, 4, 128, 4, 3).mean(axis=(1, 3)).round().astype(np.uint8)
    dark = (astronaut[36:156, 184:280, :][:, ::-1] * np.float32(0.45)).astype(np.uint8)
    return [
        ("close", astronaut[40:188, 140:288], CLOSE),
        ("small", quarter, SMALL),
        ("dark, mirrored, cut off", dark, CUT),
    ]


def faces() -> dict[str, object]:
    """The content of faces.json; pixels are base64, row by row."""
    return {
        "source": "skimage.data.astronaut(), NASA, public domain",
        "pictures": [
            {
                "name": name,
                "width": picture.shape[1],
                "height": picture.shape[0],
                "boxes": [
                    dict(zip(("x", "y", "width", "height"), box, strict=True)) for box in boxes
                ],
                "rgb": base64.b64encode(picture.tobytes()).decode("ascii"),
            }
            for name, picture, boxes in pictures()
        ],
    }


if __name__ == "__main__":
    FACES.write_text(json.dumps(faces(), indent=1) + "\n", encoding="utf-8")
