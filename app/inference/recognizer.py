"""From a decoded picture to faces: detect, cut out, predict. Twin of static/js/recognizer.js."""

from __future__ import annotations

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
        contract = self.classifier.contract
        started = perf_counter()
        boxes = self.detector.detect(image)[: self.max_faces]
        detected = perf_counter()
        batch = to_batch(image, [crop_box(box, contract.crop) for box in boxes], contract.input)
        cropped = perf_counter()
        probabilities = self.classifier.predict(batch)
        predicted = perf_counter()
        timings = {
            "detect": (detected - started) * 1000,
            "crop": (cropped - detected) * 1000,
            "predict": (predicted - cropped) * 1000,
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
