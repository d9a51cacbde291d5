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
from .test_time_augmentation import augmented_batch, mean_scores
from .types import DetectedFace, Face


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

    def detect(self, image: np.ndarray) -> list[DetectedFace]:
        """The faces to score, in pixels of `image`, largest first.

        Args:
            image: (H, W, 3) uint8, RGB.
        """
        return self.detector.detect(image)[: self.max_faces]

    def lacks_pixels(self, faces: Sequence[DetectedFace]) -> bool:
        """Whether one of `faces` is narrower than the model's input, so that it should be cropped
        from a larger copy of the image."""
        return any(face.box.width < self.classifier.contract.input.width for face in faces)

    def score(
        self, image: np.ndarray, faces: Sequence[DetectedFace]
    ) -> tuple[list[Face], dict[str, float]]:
        """Score the faces that were detected in `image`.

        Args:
            image: (H, W, 3) uint8, RGB.
            faces: in pixels of `image`.

        Returns:
            Each of `faces` with its scores, in the same order, and the milliseconds of "crop" and
            "predict".

        Raises:
            ModelFileError: the model cannot be loaded.
            ContractError: the model does not fit its contract.
        """
        contract = self.classifier.contract
        started = perf_counter()
        batch = augmented_batch(image, [face.box for face in faces], contract)
        cropped = perf_counter()
        probabilities = mean_scores(self.classifier.predict(batch))
        timings = {
            "crop": (cropped - started) * 1000,
            "predict": (perf_counter() - cropped) * 1000,
        }
        pairs = zip(faces, probabilities, strict=True)
        return [_face(i, face, scores, contract) for i, (face, scores) in enumerate(pairs)], timings


def _face(
    number: int, detected: DetectedFace, probabilities: np.ndarray, contract: ModelContract
) -> Face:
    scores = dict(zip(contract.labels, map(float, probabilities), strict=True))
    label = max(scores, key=scores.__getitem__)
    return Face(
        id=number,
        box=detected.box,
        detector=detected.detector,
        label=label,
        score=scores[label],
        scores=scores,
        unsure=scores[label] < contract.calibration.unsure_below,
    )
