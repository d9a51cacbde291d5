"""Measure the server's way from photo to label on FER2013 faces in larger frames.

    python -m tests.benchmarks.faces --data fer2013.csv [--check 800] [--model NAME]

Each face is placed at 64 to 400 pixels into a 640x480 frame of grey and noise, as in
fit_face_box.mjs, which measures the browser. The benchmark prints how many faces are detected,
false boxes, the errors of the boxes, and the accuracy on the detected faces: on the original images
(the baseline) and on the crops. A face counts as detected if the IoU of a box and its own box is
more than 0.4.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from app.inference.face_detector import PhotoFaceDetector
from app.inference.model_store import ModelStore
from app.inference.preprocess import crop_box, to_batch
from app.inference.test_time_augmentation import augmented_batch, mean_scores
from app.inference.types import Box
from training.data.dataset import Dataset
from training.data.fer2013 import read_fer2013

ROOT = Path(__file__).parents[2]
WIDTH, HEIGHT = 640, 480
FOUND = 0.4


def in_frame(
    picture: np.ndarray, margin: float, random: np.random.Generator
) -> tuple[np.ndarray, Box]:
    """A frame (480, 640, 3) uint8 with a grey image (48, 48) and the Haar box of its face."""
    side = round(64 * (400 / 64) ** random.random())
    x, y = random.integers(0, WIDTH - side), random.integers(0, HEIGHT - side)
    noise = random.uniform(0, 40)
    frame = random.uniform(40, 215) + noise * random.uniform(-0.5, 0.5, (HEIGHT, WIDTH))
    frame[y : y + side, x : x + side] = cv2.resize(picture, (side, side))
    grey = np.clip(frame, 0, 255).astype(np.uint8)
    box = side / (1 + 2 * margin)
    edge = (side - box) / 2
    return np.dstack([grey] * 3), Box(float(x) + edge, float(y) + edge, box, box)


def overlap(a: Box, b: Box) -> float:
    """Intersection over union, 0..1."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    shared = max(0.0, width) * max(0.0, height)
    return shared / (a.width * a.height + b.width * b.height - shared)


def sample(data: Dataset, count: int, random: np.random.Generator) -> Dataset:
    """`count` validation images, none of a single grey level."""
    validation = data.split("validation")
    varied = np.flatnonzero(np.ptp(validation.images, axis=(1, 2)) > 0)
    return validation.take(random.choice(varied, min(count, len(varied)), replace=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--check", type=int, default=800)
    parser.add_argument("--model", default="mien_plain.fer2013")
    options = parser.parse_args()
    random = np.random.default_rng(0)
    chosen = sample(read_fer2013(options.data), options.check, random)
    classifier = ModelStore(ROOT / "app" / "models").classifier(options.model)
    contract = classifier.contract
    detector = PhotoFaceDetector()
    whole, cut, right, offsets, sizes, elsewhere = [], [], [], [], [], 0
    for picture, label in zip(chosen.images, chosen.labels, strict=True):
        frame, truth = in_frame(picture, contract.crop.margin, random)
        found_boxes = (face.box for face in detector.detect(frame))
        boxes = sorted(found_boxes, key=lambda box: -overlap(box, truth))
        found = bool(boxes) and overlap(boxes[0], truth) > FOUND
        elsewhere += len(boxes) - found
        if not found:
            continue
        box, original = boxes[0], crop_box(truth, contract.crop)
        whole.append(to_batch(frame, [original], contract.input))
        cut.append(augmented_batch(frame, [box], contract))
        right.append(label)
        across = box.x + box.width / 2 - truth.x - truth.width / 2
        down = box.y + box.height / 2 - truth.y - truth.height / 2
        offsets.append(float(np.hypot(across, down)) / truth.width)
        sizes.append(abs(box.width / truth.width - 1))
    labels = np.array(right)

    originals = classifier.predict(np.concatenate(whole))
    crops = mean_scores(classifier.predict(np.concatenate(cut)))
    print(f"detected             {len(right)} of {len(chosen)}, {elsewhere} false boxes")
    for name, values in (("centre off", offsets), ("side off", sizes)):
        middle, most = np.quantile(values, [0.5, 0.9])
        print(f"{name:20} median {middle:.3f}, 90 % below {most:.3f} of the side")
    print(f"accuracy, originals  {(originals.argmax(axis=1) == labels).mean():.1%}  (baseline)")
    print(f"accuracy, crops      {(crops.argmax(axis=1) == labels).mean():.1%}")


if __name__ == "__main__":
    main()
