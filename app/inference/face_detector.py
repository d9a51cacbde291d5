"""Detect faces with OpenCV's Haar cascades on a reduced grey image.

The first pass looks for upright frontal faces. Only where it finds nothing, further passes look for
a face that fills the image, for tilted faces and for profiles; the first pass that finds a face
ends the search. Each pass is a coarse-to-fine search (detection/coarse_to_fine.py).
`python -m tests.benchmarks.recall` measures what each pass finds and costs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import cv2
import numpy as np

from .detection.boxes import merge, overlap
from .detection.cascade import Cascade, grey_copy, rotated
from .detection.coarse_to_fine import CoarseToFineCascade
from .types import Box, DetectedFace

FRONTAL_STAGES, PROFILE_STAGES = 14, 18
"""How many of their 20 and 26 stages the cascades use in the coarse pass."""

LONGER_SIDE = 640
"""A larger image is reduced to this longer side, in pixels, before detecting."""

SMALLEST = 24
"""The smallest face, in pixels of the reduced image; the cascades were trained on 20."""

FACTOR, FURTHER_FACTOR = 1.1, 1.15
"""The ratio of one window size to the next, in the first pass and in the further ones."""

NEIGHBOURS, FURTHER_NEIGHBOURS = 3, 1
"""How many accepted windows must overlap for a face, in the first pass and in the further ones."""

MIN_WEIGHT = 55.0
"""Detections of the first pass with less weight are dropped."""

FURTHER_SIDE = 480
"""The longer side of the image in the further passes, which bounds their cost together."""

CERTAIN_WEIGHT, POSSIBLE_WEIGHT = 56.0, 54.9
"""Detections of the further passes with less weight than POSSIBLE_WEIGHT are dropped; those below
CERTAIN_WEIGHT are dropped unless a second, independently trained cascade finds the face as well."""

PROFILE_WEIGHT = 0.7
"""The least weight of a profile; the weights of the profile cascade have another scale."""

FILLING_SIDE = 320
FILLING_BORDER = 0.25
FILLING_SMALLEST = 0.5
"""A face that fills the image: the longer side of the copy in which it is detected, the width of
the border of repeated edge pixels and the smallest face (parts of the shorter side)."""

CONFIRM_SIDE, CONFIRM_MARGIN, CONFIRM_OVERLAP = 48, 0.4, 0.4
"""Confirming: the face's side in pixels, the margin on each side, and the least overlap (IoU)."""

DetectionPass = Callable[["HaarFaceDetector", np.ndarray], list[Box]]
"""Detects faces in (H, W) uint8; boxes in its pixels."""


class FaceDetector(Protocol):
    """What `Recognizer` needs of a detector."""

    def detect(self, image: np.ndarray) -> list[DetectedFace]:
        """The faces in an (H, W, 3) uint8 RGB image, in its pixels, largest first."""
        ...


class HaarFaceDetector:
    """OpenCV's Haar cascades. Thread-safe.

    Args:
        passes: each is made only where those before it found nothing; `PASSES` if None.
    """

    def __init__(self, passes: Sequence[DetectionPass] | None = None) -> None:
        self.passes = PASSES if passes is None else tuple(passes)
        self.frontal = CoarseToFineCascade("frontalface_alt2", stages=FRONTAL_STAGES)
        self.second = Cascade("frontalface_default")
        self.profile = CoarseToFineCascade("profileface", stages=PROFILE_STAGES)

    def detect(self, image: np.ndarray) -> list[DetectedFace]:
        """The faces in `image`, in its pixels, largest first, without overlapping ones.

        Args:
            image: (H, W, 3) uint8, RGB.
        """
        grey = grey_copy(image, LONGER_SIDE)
        for detection_pass in self.passes:
            boxes = merge(detection_pass(self, grey))
            if boxes:
                across, down = image.shape[1] / grey.shape[1], image.shape[0] / grey.shape[0]
                return [DetectedFace(box.scaled(across, down), "haar") for box in boxes]
        return []

    def detect_frontal(self, grey: np.ndarray, smallest: int) -> list[Box]:
        """Upright frontal faces of at least `smallest` pixels."""
        found = self.frontal.detect(grey, smallest, FACTOR, NEIGHBOURS, MIN_WEIGHT)
        return [box for box, _ in found]

    def detect_confirmed(self, grey: np.ndarray) -> list[Box]:
        """Upright frontal faces with lower thresholds; uncertain ones need the second cascade."""
        found = self.frontal.detect(
            grey, SMALLEST, FURTHER_FACTOR, FURTHER_NEIGHBOURS, POSSIBLE_WEIGHT
        )
        return [
            box
            for box, weight in found
            if weight >= CERTAIN_WEIGHT or self._is_confirmed(grey, box)
        ]

    def _is_confirmed(self, grey: np.ndarray, box: Box) -> bool:
        """Whether the second cascade finds the face in `box` as well."""
        margin = round(CONFIRM_MARGIN * box.width)
        left, top = max(0, int(box.x) - margin), max(0, int(box.y) - margin)
        right, bottom = int(box.x + box.width) + margin, int(box.y + box.height) + margin
        part = grey[top:bottom, left:right]
        scale = CONFIRM_SIDE / box.width
        size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        part = cv2.resize(part, size, interpolation=interpolation)
        face = Box((box.x - left) * scale, (box.y - top) * scale, CONFIRM_SIDE, CONFIRM_SIDE)
        found = self.second.detect(part, CONFIRM_SIDE * 2 // 3, FACTOR, FURTHER_NEIGHBOURS)
        return any(overlap(other, face) > CONFIRM_OVERLAP for other, _ in found)


def frontal(detector: HaarFaceDetector, grey: np.ndarray) -> list[Box]:
    """Detect upright frontal faces."""
    return detector.detect_frontal(grey, SMALLEST)


def filling(detector: HaarFaceDetector, grey: np.ndarray) -> list[Box]:
    """Detect a face that fills the image, which the cascade finds only with a border around it."""
    reduced = grey_copy(grey, FILLING_SIDE)
    scale, shorter = grey.shape[1] / reduced.shape[1], min(reduced.shape)
    border = round(FILLING_BORDER * shorter)
    framed = cv2.copyMakeBorder(reduced, border, border, border, border, cv2.BORDER_REPLICATE)
    smallest = max(SMALLEST, round(FILLING_SMALLEST * shorter))
    found = detector.detect_frontal(framed, smallest)
    moved = [Box(box.x - border, box.y - border, box.width, box.height) for box in found]
    return [box.scaled(scale, scale) for box in moved]


def tilted(degrees: float) -> DetectionPass:
    """A pass that detects faces tilted by `degrees` either way; their boxes are upright."""

    def detect_tilted(detector: HaarFaceDetector, grey: np.ndarray) -> list[Box]:
        reduced = grey_copy(grey, FURTHER_SIDE)
        scale = grey.shape[1] / reduced.shape[1]
        boxes = []
        for angle in (degrees, -degrees):
            image, back = rotated(reduced, angle)
            for box in detector.detect_confirmed(image):
                centre = back @ (box.x + box.width / 2, box.y + box.height / 2, 1)
                x, y = float(centre[0]), float(centre[1])
                if 0 <= x < reduced.shape[1] and 0 <= y < reduced.shape[0]:
                    corner = x - box.width / 2, y - box.height / 2
                    boxes.append(Box(*corner, box.width, box.height).scaled(scale, scale))
        return boxes

    return detect_tilted


def profile(detector: HaarFaceDetector, grey: np.ndarray) -> list[Box]:
    """Detect faces seen from the left or the right."""
    reduced = grey_copy(grey, FURTHER_SIDE)
    scale, width = grey.shape[1] / reduced.shape[1], reduced.shape[1]
    boxes = []
    for mirrored in (False, True):
        image = cv2.flip(reduced, 1) if mirrored else reduced
        found = detector.profile.detect(
            image, SMALLEST, FURTHER_FACTOR, FURTHER_NEIGHBOURS, PROFILE_WEIGHT
        )
        for box, _ in found:
            x = width - box.x - box.width if mirrored else box.x
            boxes.append(Box(x, box.y, box.width, box.height).scaled(scale, scale))
    return boxes


PASSES: tuple[DetectionPass, ...] = (frontal, filling, tilted(22), tilted(38), profile)
"""The passes, in the order in which they are made until one finds a face."""
