"""Measure how decoding large photos at a reduced scale changes the answer.

    python -m tests.benchmarks.reduced --photos folder [--width 4000]

Each photo is enlarged to that width, saved as JPEG, and decoded at full size and reduced. Its
faces, detected in the reduced image, are cropped from both. The benchmark prints the differences of
the probabilities, the changed labels, and how many faces are detected in the full image, too.
"""

from __future__ import annotations

import argparse
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from app.inference.detection.boxes import overlap
from app.inference.face_detector import PhotoFaceDetector
from app.inference.images import ImageLimits, decode
from app.inference.model_store import ModelStore
from app.inference.preprocess import crop_box, to_batch

from .faces import ROOT

LIMITS = ImageLimits(max_bytes=100_000_000, max_pixels=100_000_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", required=True, type=Path)
    parser.add_argument("--width", type=int, default=4000)
    parser.add_argument("--model", default="mien_plain.fer2013")
    options = parser.parse_args()
    classifier = ModelStore(ROOT / "app" / "models").classifier(options.model)
    contract, detector = classifier.contract, PhotoFaceDetector()
    differences, changed, faces, again, sides = [], 0, 0, 0, []
    for path in sorted(options.photos.glob("*.jpg")):
        photo = Image.open(path).convert("RGB")
        size = options.width, round(options.width * photo.height / photo.width)
        file = BytesIO()
        photo.resize(size, Image.Resampling.LANCZOS).save(file, "JPEG", quality=90)
        small = decode(file.getvalue(), LIMITS)
        whole = decode(file.getvalue(), LIMITS, side=None)
        scale = whole.width / small.pixels.shape[1]
        found = [face.box for face in detector.detect(small.pixels)]
        large = [box.scaled(scale, scale) for box in found]
        if not found:
            continue
        crops = [[crop_box(box, contract.crop) for box in boxes] for boxes in (found, large)]
        reduced = classifier.predict(to_batch(small.pixels, crops[0], contract.input))
        exact = classifier.predict(to_batch(whole.pixels, crops[1], contract.input))
        differences.append(np.abs(reduced - exact).max(axis=1))
        changed += int((reduced.argmax(axis=1) != exact.argmax(axis=1)).sum())
        faces += len(found)
        sides += [box.width for box in found]
        there = [face.box for face in detector.detect(whole.pixels)]
        again += sum(any(overlap(box, other) > 0.7 for other in there) for box in large)
    most = np.concatenate(differences)
    print(f"faces detected        {faces}, {min(sides):.0f} to {max(sides):.0f} pixels reduced")
    print(f"detected in both      {again}")
    print(f"probabilities differ  median {np.median(most):.4f}, at most {most.max():.4f}")
    print(f"labels changed        {changed}")


if __name__ == "__main__":
    main()
