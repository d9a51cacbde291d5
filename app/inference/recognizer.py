"""Recognise the faces in a decoded image: detect, crop, predict.

Twin of static/js/inference/recognizer.js.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from .classifier import ExpressionClassifier
from .contract import ModelContract
from .face_detector import FaceDetector
from .preprocess import crop_box, to_batch
from .types import Box, Face


class Recognizer:
    """A face detector and a classifier. Thread-safe.

    Args:
        detector: finds the faces.
        classifier: scores their expressions.
        max_faces: how many faces are scored at most; the largest ones.
    """

    def __init__(
        self, detector: FaceDetector, classifier: ExpressionClassifier, max_faces: int
    ) -> None:
        self.detector = detector
        self.classifier = classifier
        self.max_faces = max_faces

    def detect(self, image: np.ndarray) -> list[Box]:
        """Boxes of the faces to score, in pixels of `image`, largest first.

        Args:
            image: (H, W, 3) uint8, RGB.
        """
        return self.detector.detect(image)[: self.max_faces]

    def lacks_pixels(self, boxes: Sequence[Box]) -> bool:
        """Whether a face in `boxes` is narrower than the model's input, so that it should be
        cropped from a larger copy of the image."""
        return any(box.width < self.classifier.contract.input.width for box in boxes)

    def score(self, image: np.ndarray, boxes: Sequence[Box]) -> tuple[list[Face], dict[str, float]]:
        """Score the faces in `boxes` of `image`.

        Args:
            image: (H, W, 3) uint8, RGB.
            boxes: in pixels of `image`.

        Returns:
            A face for each box, in the same order, and the milliseconds of "crop" and "predict".

        Raises:
            ModelFileError: the model cannot be loaded.
            ContractError: the model does not fit its contract.
        """
        contract = self.classifier.contract
        started = perf_counter()
        batch = to_batch(image, [crop_box(box, contract.crop) for box in boxes], contract.input)
        cropped = perf_counter()
        probabilities = self.classifier.predict(batch)
        timings = {
            "crop": (cropped - started) * 1000,
            "predict": (perf_counter() - cropped) * 1000,
        }
        pairs = zip(boxes, probabilities, strict=True)
        return [_face(i, box, scores, contract) for i, (box, scores) in enumerate(pairs)], timings


def _face(number: int, box: Box, probabilities: np.ndarray, contract: ModelContract) -> Face:
    scores = dict(zip(contract.labels, map(float, probabilities), strict=True))
    label = max(scores, key=scores.__getitem__)
    return Face(
        id=number,
        box=box,
        label=label,
        score=scores[label],
        scores=scores,
        unsure=scores[label] < contract.calibration.unsure_below,
    )
