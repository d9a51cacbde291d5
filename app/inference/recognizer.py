"""From a decoded picture to faces: detect, cut out, predict.

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
    """A face detector and a classifier together. Safe to share by threads.

    Args:
        detector: finds the faces.
        classifier: scores them.
        max_faces: the most faces that are scored, the largest ones.
    """

    def __init__(
        self, detector: FaceDetector, classifier: ExpressionClassifier, max_faces: int
    ) -> None:
        self.detector = detector
        self.classifier = classifier
        self.max_faces = max_faces

    def recognize(self, image: np.ndarray) -> tuple[list[Face], dict[str, float]]:
        """The faces in `image`, largest first, and what it took.

        Args:
            image: (H, W, 3) uint8, RGB.

        Returns:
            The faces, and the milliseconds of "detect", "crop" and "predict".

        Raises:
            ModelFileError: the model cannot be loaded.
            ContractError: the model does not fit its contract.
        """
        started = perf_counter()
        boxes = self.detect(image)
        detected = (perf_counter() - started) * 1000
        faces, timings = self.score(image, boxes)
        return faces, {"detect": detected, **timings}

    def detect(self, image: np.ndarray) -> list[Box]:
        """Boxes of the faces that are to be scored, in pixels of `image`, largest first.

        Args:
            image: (H, W, 3) uint8, RGB.
        """
        return self.detector.detect(image)[: self.max_faces]

    def lacks_pixels(self, boxes: Sequence[Box]) -> bool:
        """Whether a face in `boxes` has fewer pixels than the model takes: it is better cut from
        a larger copy of the picture."""
        return any(box.width < self.classifier.contract.input.width for box in boxes)

    def score(self, image: np.ndarray, boxes: Sequence[Box]) -> tuple[list[Face], dict[str, float]]:
        """The faces in `boxes` of `image`, and the milliseconds of "crop" and "predict".

        Raises:
            ModelFileError, ContractError: as of `recognize`.
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
        rows = zip(boxes, probabilities, strict=True)
        return [_face(i, box, row, contract) for i, (box, row) in enumerate(rows)], timings


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
