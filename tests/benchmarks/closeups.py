"""Measure faces that fill the picture: what browser and server find of them, and the labels.

    python -m tests.benchmarks.closeups --pictures folder [--labels file.csv] [--model NAME]

Each picture of the folder holds one face in its middle whose side is about 84 % of the picture's;
the file, `<folder>.csv` if not given, has the columns `file` and `label`. Each is recognised in
Chromium by mien.js, as it is and set into a grey frame of 640x480 (the baseline), and by the route
`/api/v1/recognize`. A face counts as found if the IoU of a box and the middle is more than 0.4;
other boxes are elsewhere. "Right" is the share of all pictures.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app import create_app
from app.inference.types import Box

from .crop import BATCH, ask, best, browser_page, look
from .faces import FOUND

SIDE = 0.84
"""The side of the face's Haar box, as a part of the picture's: the median of 306."""

Faces = list[dict[str, Any]]


def framed(picture: np.ndarray) -> np.ndarray:
    """The picture in the middle of a grey frame of at least 640x480."""
    height, width = picture.shape[:2]
    frame = np.full((max(480, height), max(640, width), 3), 128, np.uint8)
    top, left = (frame.shape[0] - height) // 2, (frame.shape[1] - width) // 2
    frame[top : top + height, left : left + width] = picture
    return frame


def middle(picture: np.ndarray, around: np.ndarray) -> Box:
    """The box of the face in `around`, in whose middle `picture` is."""
    height, width = around.shape[:2]
    side = SIDE * min(picture.shape[:2])
    return Box((width - side) / 2, (height - side) / 2, side, side)


def report(name: str, found: list[Faces], truths: list[Box], labels: list[str]) -> list[str | None]:
    """Print a row; returns the label of each face that was found."""
    told: list[str | None] = []
    elsewhere = 0
    for faces, truth in zip(found, truths, strict=True):
        face, most = best(faces, truth)
        here = face is not None and most > FOUND
        told.append(face["label"] if here and face else None)
        elsewhere += len(faces) - here
    count = len(labels)
    right = sum(one == label for one, label in zip(told, labels, strict=True))
    print(f"{name:24} found {sum(one is not None for one in told)} of {count}, {elsewhere} boxes "
          f"elsewhere, right {right / count:.1%}", flush=True)  # fmt: skip
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", required=True, type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--model", default="mien_small.ferplus")
    options = parser.parse_args()
    file = options.labels or options.pictures.with_suffix(".csv")
    with file.open(newline="") as text:
        rows = list(csv.DictReader(text))
    labels = [row["label"] for row in rows]
    pictures = [cv2.imread(str(options.pictures / row["file"])) for row in rows]
    frames = [framed(picture) for picture in pictures]
    client = create_app({"MIEN_RATE_LIMIT": "", "MIEN_PRELOAD": False}).test_client()
    files = {
        "as it is": [(options.pictures / row["file"]).read_bytes() for row in rows],
        "framed": [cv2.imencode(".png", frame)[1].tobytes() for frame in frames],
    }
    truths = {
        "as it is": [middle(picture, picture) for picture in pictures],
        "framed": [middle(p, f) for p, f in zip(pictures, frames, strict=True)],
    }
    told = {}
    with browser_page(options.model) as page:
        for name, contents in files.items():
            found: list[Faces] = []
            for start in range(0, len(contents), BATCH):
                found += look(page, contents[start : start + BATCH])
            told[name] = report(f"browser, {name}", found, truths[name], labels)
    there = [ask(client, options.model, content) for content in files["as it is"]]
    told["server"] = report("server, as it is", there, truths["as it is"], labels)
    for name in ("as it is", "framed"):
        same = [a == b for a, b in zip(told[name], told["server"], strict=True) if a and b]
        print(f"browser, {name}: the server's label on {sum(same) / len(same):.1%} of {len(same)}")


if __name__ == "__main__":
    main()
