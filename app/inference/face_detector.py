"""Detect the faces in a photo: with BlazeFace and, where it finds none, with a Haar cascade.

`python -m tests.benchmarks.recall` measures what each of them finds and costs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np

from .detection.blazeface_network import NETWORK, BlazeFaceNetwork
from .detection.boxes import merge
from .detection.cascade import grey_copy
from .detection.coarse_to_fine import CoarseToFineCascade
from .detection.face_search import search_picture
from .types import Box, DetectedFace

COARSE_STAGES = 14
"""How many of its 20 stages the Haar cascade uses in the coarse pass."""

LONGER_SIDE = 640
"""A larger image is reduced to this longer side, in pixels, for the Haar cascade."""

SMALLEST = 24
"""The smallest face, in pixels of the reduced image; the cascade was trained on 20."""

FACTOR = 1.1
"""The ratio of one window size to the next."""

NEIGHBOURS = 3
"""How many accepted windows must overlap for a face."""

MIN_WEIGHT = 55.0
"""Detections of the cascade with less weight are dropped."""


class FaceDetector(Protocol):
    """What `Recognizer` needs of a detector."""

    def detect(self, image: np.ndarray) -> list[DetectedFace]:
        """The faces in an (H, W, 3) uint8 RGB image, in its pixels, largest first."""
        ...


class PhotoFaceDetector:
    """BlazeFace and, where it finds none, a Haar cascade. Thread-safe.

    BlazeFace is first because it also finds tilted faces beside upright ones, and because the
    browser then cuts the same crops. The cascade finds some faces that BlazeFace does not, most of
    them in very dark or very bright images.

    Args:
        network: the path of blazeface.json.
    """

    def __init__(self, network: Path = NETWORK) -> None:
        self.network = BlazeFaceNetwork(network)
        self.cascade = HaarFaceDetector()

    def detect(self, image: np.ndarray) -> list[DetectedFace]:
        """The faces in `image`, in its pixels, largest first, without overlapping ones.

        Args:
            image: (H, W, 3) uint8, RGB.

        Raises:
            ModelFileError: the network's file is missing or damaged.
        """
        boxes = merge(search_picture(self.network, image))
        if boxes:
            return [DetectedFace(box, "blazeface") for box in boxes]
        return self.cascade.detect(image)


class HaarFaceDetector:
    """OpenCV's Haar cascade for upright frontal faces. Thread-safe."""

    def __init__(self) -> None:
        self.frontal = CoarseToFineCascade("frontalface_alt2", stages=COARSE_STAGES)

    def detect(self, image: np.ndarray) -> list[DetectedFace]:
        """The upright frontal faces in an (H, W, 3) uint8 RGB image, in its pixels, largest first,
        without overlapping ones."""
        grey = grey_copy(image, LONGER_SIDE)
        found = self.frontal.detect(grey, SMALLEST, FACTOR, NEIGHBOURS, MIN_WEIGHT)
        across, down = image.shape[1] / grey.shape[1], image.shape[0] / grey.shape[0]
        boxes: list[Box] = merge([box for box, _ in found])
        return [DetectedFace(box.scaled(across, down), "haar") for box in boxes]
