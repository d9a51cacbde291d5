"""Measure the recall and the false boxes of the server's face detector, pass by pass.

    python -m tests.benchmarks.recall --data fer2013.csv [--photos folder] [--check 400]

FER2013 faces of 24 to 300 pixels are placed into frames of 640x480, half of them plain, half photos
without people. A quarter of the faces is unchanged, a quarter tilted by up to 45 degrees, a quarter
darker or brighter (gamma 0.3 to 4), a quarter both. The faces of the photos were counted by eye. A
face counts as detected if the IoU with a box is more than 0.35; other boxes are false.

The baseline is a plain cascade (frontalface_default) at full resolution. Then follow the passes of
the detector, each in addition to those before; "tried" are passes that were not kept, added to the
first two only. The milliseconds are CPU time on all cores; they are also printed for a frame in
which nothing is detected, the highest cost of detection.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from skimage import data as pictures

from app.inference import face_detector
from app.inference.detection.boxes import merge, overlap
from app.inference.detection.cascade import Cascade, grey_copy
from app.inference.face_detector import PASSES, HaarFaceDetector
from app.inference.model_store import ModelStore
from app.inference.preprocess import crop_box, to_batch
from app.inference.types import Box
from training.data.fer2013 import read_fer2013

from .faces import ROOT, sample
from .photo_faces import PHOTO_FACES

WIDTH, HEIGHT = 640, 480
FOUND = 0.35
KINDS = ("as it is", "tilted", "gamma", "both")
NAMES = ("front", "+ filling", "+ tilted 22", "+ tilted 38", "+ profile")
TEXTURES = ("coffee", "chelsea", "rocket", "brick", "gravel", "grass", "coins", "page", "moon")
ANGLES = (-38, -22, 22, 38)


@dataclass(frozen=True)
class Case:
    """An image with its faces. `kind` is one of `KINDS`, or None for a photo."""

    image: np.ndarray
    faces: list[Box]
    kind: int | None = None
    tilt: float = 0.0
    label: int = -1


def background(random: np.random.Generator, plain: bool) -> np.ndarray:
    """A background without faces: (480, 640) float32, 0..255."""
    if plain:
        noise = random.uniform(0, 40) * random.uniform(-0.5, 0.5, (HEIGHT, WIDTH))
        return (random.uniform(40, 215) + noise).astype(np.float32)
    picture = getattr(pictures, TEXTURES[random.integers(len(TEXTURES))])()
    if picture.ndim == 3:
        picture = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    scale = max(WIDTH / picture.shape[1], HEIGHT / picture.shape[0])
    picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture = cv2.resize(picture[:HEIGHT, :WIDTH], (WIDTH, HEIGHT))
    return picture.astype(np.float32)


def frames(file: Path, count: int, margin: float) -> list[Case]:
    """`count` frames with a FER2013 face each."""
    random = np.random.default_rng(1)
    chosen = sample(read_fer2013(file), count, random)
    cases = []
    for number, (face, label) in enumerate(zip(chosen.images, chosen.labels, strict=True)):
        kind, plain = number % 4, number // 4 % 2 == 0
        side = round(24 * (300 / 24) ** random.random())
        tilt = random.uniform(-45, 45) if kind in (1, 3) else 0.0
        gamma = 0.3 * (4 / 0.3) ** random.random() if kind in (2, 3) else 1.0
        radians = np.radians(tilt)
        half = side / 2 * (abs(np.cos(radians)) + abs(np.sin(radians)))
        x, y = (random.uniform(min(half, n / 2), max(n - half, n / 2)) for n in (WIDTH, HEIGHT))
        if side < len(face):
            face = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
        middle = (len(face) - 1) / 2
        turn = cv2.getRotationMatrix2D((middle, middle), tilt, side / len(face))
        turn[:, 2] += [x - 0.5 - middle, y - 0.5 - middle]
        there = cv2.warpAffine(np.ones_like(face, np.float32), turn, (WIDTH, HEIGHT))
        face = cv2.warpAffine(face, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        grey = background(random, plain) * (1 - there) + face * there
        grey = (255 * (np.clip(grey, 0, 255) / 255) ** gamma).astype(np.uint8)
        box = side / (1 + 2 * margin)
        truth = Box(x - box / 2, y - box / 2, box, box)
        cases.append(Case(np.dstack([grey] * 3), [truth], kind, tilt, int(label)))
    return cases


def photos(folder: Path) -> list[Case]:
    """The photos whose faces were counted by eye."""
    cases = []
    for name, faces in PHOTO_FACES.items():
        image = np.asarray(Image.open(folder / f"{name}.jpg").convert("RGB"))
        height, width = image.shape[:2]
        boxes = [Box((x - s / 2) * width, y * height - s / 2 * width, s * width, s * width)
                 for x, y, s in faces]  # fmt: skip
        cases.append(Case(image, boxes))
    return cases


def hits(boxes: list[Box], faces: list[Box]) -> tuple[int, int]:
    """Number of `faces` that are detected, and number of false boxes."""
    left = list(boxes)
    for face in faces:
        best = max(left, key=lambda box: overlap(box, face), default=None)
        if best is not None and overlap(best, face) > FOUND:
            left.remove(best)
    return len(boxes) - len(left), len(left)


class Table:
    """A table with a row for each way of detecting faces."""

    def __init__(self, cases: list[Case]) -> None:
        self.cases = cases
        print(f"{'':22}" + "".join(f"{name:>16}" for name in (*KINDS, "all", "photos"))
              + "   ms a frame")  # fmt: skip

    def row(self, name: str, found: list[list[Box]], spent: float) -> None:
        """`found` are the boxes in each case, `spent` the seconds of computing in all frames."""
        text = f"{name:22}"
        for kind in (*range(4), range(4), None):
            wanted = kind if isinstance(kind, range) else (kind,)
            rows = [(c, b) for c, b in zip(self.cases, found, strict=True) if c.kind in wanted]
            counts = [hits(boxes, case.faces) for case, boxes in rows]
            total = sum(len(case.faces) for case, _ in rows)
            text += f"{sum(h for h, _ in counts):>7}/{total:<3}+{sum(f for _, f in counts):<3} "
        frames = sum(case.kind is not None for case in self.cases)
        print(f"{text}{spent / frames * 1000:11.1f}", flush=True)


def second(detector: HaarFaceDetector, grey: np.ndarray) -> list[Box]:
    """Tried: a second cascade."""
    return [box for box, weight in detector.second.detect(grey, 24, 1.15, 3) if weight > 2]


def equalised(detector: HaarFaceDetector, grey: np.ndarray) -> list[Box]:
    """Tried: the first cascade after histogram equalisation."""
    return detector.detect_confirmed(cv2.createCLAHE(2.0, (8, 8)).apply(grey))


def timed(work: Callable[[], list[Box]]) -> tuple[list[Box], float]:
    """The result of `work`, and its CPU time in seconds."""
    started = time.process_time()
    return work(), time.process_time() - started


def measure(cases: list[Case]) -> list[list[Box]]:
    """Print the table; returns the boxes of all passes together."""
    table = Table(cases)
    cascade = Cascade("frontalface_default")
    plain = [
        timed(lambda c=case: [b for b, _ in cascade.detect(
            cv2.cvtColor(c.image, cv2.COLOR_RGB2GRAY), 24, 1.1, 5)])
        for case in cases
    ]  # fmt: skip
    table.row("plain cascade", [boxes for boxes, _ in plain], frame_seconds(cases, plain))
    detector = HaarFaceDetector()
    found: list[list[Box]] = [[] for _ in cases]
    spent, after_two = 0.0, None
    for name, step in zip(NAMES, PASSES, strict=True):
        found, spent = added(detector, step, cases, found, spent)
        table.row(name, found, spent)
        if name == NAMES[1]:
            after_two = found, spent
    for name, step in (("tried: default", second), ("tried: equalised", equalised)):
        boxes, cost = added(detector, step, cases, *after_two)
        table.row(name, boxes, cost)
    return found


def added(detector, step, cases, before, spent):
    """The boxes after `step` ran on the cases without boxes, and the CPU time so far in seconds."""
    found = []
    for case, boxes in zip(cases, before, strict=True):
        if not boxes:
            grey = grey_copy(case.image, face_detector.LONGER_SIDE)
            scale = case.image.shape[1] / grey.shape[1]
            boxes, seconds = timed(lambda g=grey: merge(step(detector, g)))
            boxes = [box.scaled(scale, scale) for box in boxes]
            spent += seconds if case.kind is not None else 0
        found.append(boxes)
    return found, spent


def frame_seconds(cases: list[Case], results: list[tuple[list[Box], float]]) -> float:
    return sum(s for case, (_, s) in zip(cases, results, strict=True) if case.kind is not None)


def worst_case() -> None:
    """Print the cost of an image in which no pass detects a face."""
    empty = pictures.gravel()
    image = np.dstack([cv2.resize(empty, (640, 480))] * 3)
    whole, first = HaarFaceDetector(), HaarFaceDetector(PASSES[:1])
    times = {name: [] for name in ("all", "first")}
    for _ in range(9):
        for name, detector in (("all", whole), ("first", first)):
            boxes, seconds = timed(lambda d=detector: d.detect(image))
            assert boxes == []
            times[name].append(seconds * 1000)
    every, one = (float(np.median(times[name])) for name in ("all", "first"))
    print(f"nothing found: all passes {every:.0f} ms of computing, the first alone {one:.0f} ms, "
          f"{every / one:.1f} times as much")  # fmt: skip


def levelling(cases: list[Case], found: list[list[Box]], classifier) -> None:
    """Print the accuracy on tilted faces: with upright crops and with rotated crops."""
    contract = classifier.contract
    upright, level, labels = [], [], []
    for case, boxes in zip(cases, found, strict=True):
        if abs(case.tilt) < 11 or not boxes:
            continue
        box = max(boxes, key=lambda box: overlap(box, case.faces[0]))
        if overlap(box, case.faces[0]) <= FOUND:
            continue
        angle = min(ANGLES, key=lambda angle: abs(angle - case.tilt))
        centre = (box.x + box.width / 2 - 0.5, box.y + box.height / 2 - 0.5)
        turn = cv2.getRotationMatrix2D(centre, -angle, 1.0)
        turned = cv2.warpAffine(case.image, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        crop = crop_box(box, contract.crop)
        upright.append(to_batch(case.image, [crop], contract.input))
        level.append(to_batch(turned, [crop], contract.input))
        labels.append(case.label)
    right = [
        float((classifier.predict(np.concatenate(batch)).argmax(axis=1) == labels).mean())
        for batch in (upright, level)
    ]
    print(f"right on {len(labels)} tilted faces: upright crops {right[0]:.1%}, level crops "
          f"{right[1]:.1%}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--check", type=int, default=400)
    parser.add_argument("--model", default="mien_plain.fer2013")
    options = parser.parse_args()
    classifier = ModelStore(ROOT / "app" / "models").classifier(options.model)
    cases = frames(options.data, options.check, classifier.contract.crop.margin)
    cases += photos(options.photos) if options.photos else []
    found = measure(cases)
    worst_case()
    levelling(cases, found, classifier)


if __name__ == "__main__":
    main()
