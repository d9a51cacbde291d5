"""Measure the recall and the false boxes of the server's face detectors, and levelled crops.

    python -m tests.benchmarks.recall --data fer2013.csv [--photos folder] [--check 400]

FER2013 faces of 24 to 300 pixels are placed into frames of 640x480, half of them plain, half photos
without people. A quarter of the faces is unchanged, a quarter tilted by up to 45 degrees, a quarter
darker or brighter (gamma 0.3 to 4), a quarter both. The faces of the photos were counted by eye. A
face counts as detected if the IoU with a box is more than 0.35; other boxes are false.

The baseline is a plain cascade (frontalface_default) at full resolution. Then follow the steps of
the detector, each in addition to those before, and the cascade alone. The milliseconds are CPU time
on all cores; they are also printed for a frame in which nothing is detected, the highest cost of
detection.

At last the accuracy on tilted faces (1600 more frames, all tilted): with level crops, as the server
makes them, and with crops rotated by the roll that the network's keypoints give.
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

from app.inference.detection import face_search
from app.inference.detection.blazeface_network import BlazeFaceNetwork
from app.inference.detection.boxes import merge, overlap
from app.inference.detection.cascade import Cascade
from app.inference.detection.haar_box import roll
from app.inference.face_detector import HaarFaceDetector
from app.inference.model_store import ModelStore
from app.inference.test_time_augmentation import augmented_batch, mean_scores
from app.inference.types import Box
from training.data.fer2013 import read_fer2013

from .faces import ROOT, sample
from .photo_faces import PHOTO_FACES

WIDTH, HEIGHT = 640, 480
FOUND = 0.35
KINDS = ("as it is", "tilted", "gamma", "both")
TEXTURES = ("coffee", "chelsea", "rocket", "brick", "gravel", "grass", "coins", "page", "moon")


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


def frames(file: Path, count: int, margin: float, kinds=(0, 1, 2, 3)) -> list[Case]:
    """`count` frames with a FER2013 face each, of these `KINDS` in turn."""
    random = np.random.default_rng(1)
    chosen = sample(read_fer2013(file), count, random)
    cases = []
    for number, (face, label) in enumerate(zip(chosen.images, chosen.labels, strict=True)):
        kind, plain = kinds[number % len(kinds)], number // 4 % 2 == 0
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


def timed(work: Callable[[], list[Box]]) -> tuple[list[Box], float]:
    """The result of `work`, and its CPU time in seconds."""
    started = time.process_time()
    return work(), time.process_time() - started


Step = Callable[[np.ndarray], list[Box]]
"""(H, W, 3) uint8 RGB -> boxes in its pixels."""


def steps(network: BlazeFaceNetwork, haar: HaarFaceDetector) -> dict[str, Step]:
    """The steps of the detector; each is made where those before found nothing."""
    return {
        "BlazeFace, two sizes": lambda image: face_search.with_large(
            network, image, face_search.PICTURE
        ),
        "+ small faces": lambda image: face_search.run(network, image, face_search.SMALL_FACES),
        "+ Haar cascade": lambda image: [face.box for face in haar.detect(image)],
    }


def measure(cases: list[Case]) -> None:
    """Print the table."""
    table = Table(cases)
    network, haar = BlazeFaceNetwork(), HaarFaceDetector()
    network.run(np.zeros((288, 384, 3), np.uint8))  # load it
    cascade = Cascade("frontalface_default")

    def plain(image: np.ndarray) -> list[Box]:
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        return [box for box, _ in cascade.detect(grey, 24, 1.1, 5)]

    nothing: list[list[Box]] = [[] for _ in cases]
    table.row("plain cascade", *added(plain, cases, nothing, 0.0))
    made = steps(network, haar)
    table.row("Haar cascade alone", *added(made["+ Haar cascade"], cases, nothing, 0.0))
    found, spent = nothing, 0.0
    for name, step in made.items():
        found, spent = added(step, cases, found, spent)
        table.row(name, found, spent)


def added(
    step: Step, cases: list[Case], before: list[list[Box]], spent: float
) -> tuple[list[list[Box]], float]:
    """The boxes after `step` ran on the cases without boxes, and the CPU time so far in seconds."""
    found = []
    for case, boxes in zip(cases, before, strict=True):
        if not boxes:
            boxes, seconds = timed(lambda image=case.image: merge(step(image)))
            spent += seconds if case.kind is not None else 0
        found.append(boxes)
    return found, spent


def worst_case() -> None:
    """Print the cost of an image in which no step detects a face."""
    image = np.dstack([cv2.resize(pictures.gravel(), (640, 480))] * 3)
    made = steps(BlazeFaceNetwork(), HaarFaceDetector())
    times: dict[str, list[float]] = {name: [] for name in made}
    for number in range(10):
        for name, step in made.items():
            boxes, seconds = timed(lambda s=step: s(image))
            assert boxes == [], name
            if number > 0:
                times[name].append(seconds * 1000)
    each = {name: float(np.median(spent)) for name, spent in times.items()}
    first, *_ = each.values()
    print("nothing found, ms of computing: " + ", ".join(f"{n} {ms:.0f}" for n, ms in each.items())
          + f"; all {sum(each.values()) / first:.1f} times the first")  # fmt: skip


def levelling(file: Path, count: int, classifier) -> None:
    """Print the accuracy on tilted faces: with level crops, and with crops rotated by the roll."""
    network, contract = BlazeFaceNetwork(), classifier.contract
    batches: tuple[list, list] = ([], [])
    labels, tilts, errors = [], [], []
    for case in frames(file, count, contract.crop.margin, kinds=(1,)):
        found = [
            (one, box)
            for one, box in face_search.detections(network, case.image, face_search.PICTURE)
            if overlap(box, case.faces[0]) > FOUND
        ]
        if not found:
            continue
        detection, box = max(found, key=lambda one: overlap(one[1], case.faces[0]))
        angle = float(np.degrees(roll(detection)))
        centre = (box.x + box.width / 2 - 0.5, box.y + box.height / 2 - 0.5)
        turn = cv2.getRotationMatrix2D(centre, angle, 1.0)
        turned = cv2.warpAffine(case.image, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        for image, batch in zip((case.image, turned), batches, strict=True):
            batch.append(augmented_batch(image, [box], contract))
        labels.append(case.label)
        tilts.append(abs(case.tilt))
        errors.append(abs(angle + case.tilt))
    right = [
        mean_scores(classifier.predict(np.concatenate(batch))).argmax(axis=1) == labels
        for batch in batches
    ]
    print(f"roll of the keypoints off by {np.median(errors):.1f} degrees (median; 90 % below "
          f"{np.quantile(errors, 0.9):.1f})")  # fmt: skip
    for low, high in ((0, 10), (10, 20), (20, 30), (30, 45)):
        chosen = (np.array(tilts) >= low) & (np.array(tilts) < high)
        level, rotated = (float(one[chosen].mean()) for one in right)
        print(f"right on {chosen.sum()} faces tilted by {low} to {high} degrees: level crops "
              f"{level:.1%}, rotated crops {rotated:.1%}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--check", type=int, default=400)
    parser.add_argument("--tilted", type=int, default=1600)
    parser.add_argument("--model", default="mien_small.fer2013")
    options = parser.parse_args()
    classifier = ModelStore(ROOT / "app" / "models").classifier(options.model)
    cases = frames(options.data, options.check, classifier.contract.crop.margin)
    cases += photos(options.photos) if options.photos else []
    measure(cases)
    worst_case()
    levelling(options.data, options.tilted, classifier)


if __name__ == "__main__":
    main()
