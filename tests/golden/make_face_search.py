"""Write face_search.json: where Python finds the faces of some frames, for JavaScript to compare.

    python -m tests.golden.make_face_search

The frames are made of one picture (tests/support/fixtures/astronaut.json), whole pixels repeated or
averaged, so that both languages make the same ones. None is enlarged for the network, since that is
done by another interpolation in a browser.
"""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from app.inference.detection.blazeface_decoder import Detection, decode, merge
from app.inference.detection.blazeface_network import BlazeFaceNetwork
from app.inference.detection.face_search import search_picture
from app.inference.detection.haar_box import haar_box
from app.inference.detection.letterbox import letterbox

HERE = Path(__file__).parent
OUT = HERE / "face_search.json"
PICTURE = HERE.parent / "support" / "fixtures" / "astronaut.json"

FRAMES: dict[str, dict[str, Any]] = {
    # part: x, y, width, height of the picture; enlarged or reduced by a whole factor; at x, y
    "one face": {
        "width": 800, "height": 640,
        "parts": [{"part": [0, 0, 256, 256], "enlarge": 2, "reduce": 1, "x": 120, "y": 64}],
    },
    "a face that fills the frame": {
        "width": 686, "height": 686,
        "parts": [{"part": [79, 65, 98, 98], "enlarge": 7, "reduce": 1, "x": 0, "y": 0}],
    },
    "a large face and a small one": {
        "width": 1200, "height": 900,
        "parts": [
            {"part": [30, 20, 190, 226], "enlarge": 4, "reduce": 1, "x": 0, "y": 0},
            {"part": [0, 0, 256, 256], "enlarge": 1, "reduce": 1, "x": 900, "y": 500},
        ],
    },
    "a small face": {
        "width": 960, "height": 720,
        "parts": [{"part": [0, 0, 256, 256], "enlarge": 1, "reduce": 3, "x": 400, "y": 300}],
    },
    "nothing": {"width": 720, "height": 720, "parts": []},
}  # fmt: skip

LETTERBOXES = [
    (width, height, size, border)
    for width, height in ((640, 480), (480, 640), (1280, 720), (10_000, 10), (333, 251))
    for size, border in ((256, 0.0), (384, 0.0), (192, 1 / 6))
]


def picture() -> np.ndarray:
    """The picture, (256, 256) uint8."""
    stored = json.loads(PICTURE.read_text("utf-8"))
    grey = zlib.decompress(base64.b64decode(stored["grey"]))
    return np.frombuffer(grey, np.uint8).reshape(stored["height"], stored["width"])


def frame(spec: dict[str, Any]) -> np.ndarray:
    """One of `FRAMES`: (height, width, 3) uint8."""
    grey = np.full((spec["height"], spec["width"]), 120, np.uint8)
    for one in spec["parts"]:
        x, y, width, height = one["part"]
        part = picture()[y : y + height, x : x + width].repeat(one["enlarge"], 0)
        part = part.repeat(one["enlarge"], 1)
        step = one["reduce"]
        rows, columns = part.shape[0] // step, part.shape[1] // step
        blocks = part[: rows * step, : columns * step].reshape(rows, step, columns, step)
        part = (blocks.sum(axis=(1, 3), dtype=int) // step**2).astype(np.uint8)
        there = grey[one["y"] : one["y"] + rows, one["x"] : one["x"] + columns]
        there[:] = part[: there.shape[0], : there.shape[1]]
    return np.dstack([grey] * 3)


def detections() -> list[dict[str, Any]]:
    """Made-up outputs of the network with what they mean."""
    random = np.random.default_rng(4)
    cases = []
    for grid, (width, height, anchors, stride) in enumerate(((64, 64, 2, 16), (96, 64, 6, 32))):
        count = width // stride * (height // stride) * anchors
        logits = np.round(random.normal(-1, 2, count), 3)
        values = np.round(random.normal(0, 6, (count, 16)), 3)
        values[:, 2:4] = np.round(random.uniform(20, 50, (count, 2)), 3)
        values[:, 4:16:2] += np.tile([-9, 9, 0, 0, -20, 20], (count, 1))
        found = decode(grid, logits, values, 0.5, width)
        merged = merge(found, 0.3)
        cases.append(
            {
                "grid": grid,
                "width": width,
                "logits": logits.tolist(),
                "values": values.ravel().tolist(),
                "found": [_json(one) for one in found],
                "merged": [_json(one) for one in merged],
                "boxes": [haar_box(one).to_json() for one in merged],
            }
        )
    return cases


def _json(detection: Detection) -> dict[str, Any]:
    values = [round(float(value), 6) for value in detection.values]
    return {"score": round(detection.score, 6), "values": values}


def golden() -> dict[str, Any]:
    """The content of face_search.json."""
    network = BlazeFaceNetwork()
    frames = {
        name: {**spec, "boxes": [box.to_json() for box in search_picture(network, frame(spec))]}
        for name, spec in FRAMES.items()
    }
    places = []
    for width, height, size, border in LETTERBOXES:
        place = letterbox(width, height, size, 32, border)
        expected = {
            "x": place.x, "y": place.y, "width": place.width, "height": place.height,
            "scaleX": place.across, "scaleY": place.down, "grey": place.grey,
            "picture": {"width": place.picture[0], "height": place.picture[1]},
        }  # fmt: skip
        given = {"width": width, "height": height, "size": size, "border": border}
        places.append({**given, "expected": expected})
    return {"frames": frames, "letterboxes": places, "detections": detections()}


if __name__ == "__main__":
    OUT.write_text(json.dumps(golden(), separators=(",", ":")) + "\n")
