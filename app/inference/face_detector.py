"""Finds faces with OpenCV's Haar cascades on a reduced grey picture.

One pass looks for upright faces seen from the front. Only where it finds nothing, further ones
look for a face that fills the picture, for tilted ones and for profiles; the first pass that finds
a face ends the search. Each is a search in two looks (face_search.py). What each pass adds and
costs: `python -m tests.benchmarks.recall`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import cv2
import numpy as np

from .detection.boxes import merge, overlap
from .detection.cascade import Cascade, grey_copy, turned
from .detection.coarse_to_fine import FaceSearch
from .types import Box

FRONT_STAGES, PROFILE_STAGES = 14, 18
"""How many of their 20 and 26 stages the cascades have in a search's glance."""

LONGER_SIDE = 640
"""A larger picture is reduced to this before detecting, in pixels."""

SMALLEST = 24
"""The smallest face, in pixels of the reduced picture; the cascades were trained on 20."""

FACTOR, FURTHER_FACTOR = 1.1, 1.15
"""From one size of face to the next, in the first pass and in the further ones."""

NEIGHBOURS, FURTHER_NEIGHBOURS = 3, 1
"""A face must be found in so many places and sizes besides."""

MIN_WEIGHT = 55.0
"""Finds of the first pass that the cascade's last stages are less sure of are dropped."""

FURTHER_SIDE = 480
"""The further passes see a smaller picture, which bounds what all of them cost together."""

SURE, POSSIBLE = 56.0, 54.9
"""Finds of the further passes of less weight than POSSIBLE are dropped; of those under SURE, what a
second cascade, trained apart from the first, does not take for a face as well."""

PROFILE_WEIGHT = 0.7
"""The profile cascade's weights are of another kind."""

FILLING_SIDE = 320
FILLING_BORDER = 0.25
FILLING_SMALLEST = 0.5
"""A face that fills the picture is looked for in a smaller copy, with a border of its edge pixels
(part of the shorter side), of at least this part of the shorter side."""

CONFIRM_SIDE, CONFIRM_AROUND, CONFIRM_OVERLAP = 48, 0.4, 0.4
"""Confirming: pixels of the face, what is added on each side of it, and the least overlap (IoU)."""

Step = Callable[["HaarFaceDetector", np.ndarray], list[Box]]
"""Looks for faces in (H, W) uint8; boxes in its pixels."""


class FaceDetector(Protocol):
    """What the recogniser needs of a detector."""

    def detect(self, image: np.ndarray) -> list[Box]:
        """Boxes of the faces in an (H, W, 3) uint8 RGB image, in its pixels, largest first."""
        ...


class HaarFaceDetector:
    """OpenCV's Haar cascades. Safe to share by threads.

    Args:
        steps: the passes, each made only where those before it found nothing; `STEPS` if None.
    """

    def __init__(self, steps: Sequence[Step] | None = None) -> None:
        self.steps = STEPS if steps is None else tuple(steps)
        self.front = FaceSearch("frontalface_alt2", stages=FRONT_STAGES)
        self.second = Cascade("frontalface_default")
        self.profile = FaceSearch("profileface", stages=PROFILE_STAGES)

    def detect(self, image: np.ndarray) -> list[Box]:
        """Boxes of the faces in `image`, largest first; overlapping finds of a face are one box.

        Args:
            image: (H, W, 3) uint8, RGB.
        """
        grey = grey_copy(image, LONGER_SIDE)
        for step in self.steps:
            boxes = merge(step(self, grey))
            if boxes:
                across, down = image.shape[1] / grey.shape[1], image.shape[0] / grey.shape[0]
                return [box.scaled(across, down) for box in boxes]
        return []

    def faces(self, grey: np.ndarray, smallest: int) -> list[Box]:
        """Upright faces seen from the front."""
        found = self.front.find(grey, smallest, FACTOR, NEIGHBOURS, MIN_WEIGHT)
        return [box for box, _ in found]

    def confirmed_faces(self, grey: np.ndarray) -> list[Box]:
        """The same by a wider net, confirmed by a second cascade where the first is not sure."""
        found = self.front.find(grey, SMALLEST, FURTHER_FACTOR, FURTHER_NEIGHBOURS, POSSIBLE)
        return [box for box, weight in found if weight >= SURE or self._confirmed(grey, box)]

    def _confirmed(self, grey: np.ndarray, box: Box) -> bool:
        """Whether the second cascade finds the face in `box` as well."""
        around = round(CONFIRM_AROUND * box.width)
        left, top = max(0, int(box.x) - around), max(0, int(box.y) - around)
        right, bottom = int(box.x + box.width) + around, int(box.y + box.height) + around
        part = grey[top:bottom, left:right]
        scale = CONFIRM_SIDE / box.width
        size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        part = cv2.resize(part, size, interpolation=way)
        face = Box((box.x - left) * scale, (box.y - top) * scale, CONFIRM_SIDE, CONFIRM_SIDE)
        found = self.second.find(part, CONFIRM_SIDE * 2 // 3, FACTOR, FURTHER_NEIGHBOURS)
        return any(overlap(other, face) > CONFIRM_OVERLAP for other, _ in found)


def upright(detector: HaarFaceDetector, grey: np.ndarray) -> list[Box]:
    """Faces seen from the front."""
    return detector.faces(grey, SMALLEST)


def filling(detector: HaarFaceDetector, grey: np.ndarray) -> list[Box]:
    """The face that fills the picture, which the cascade finds only with a border round it."""
    reduced = grey_copy(grey, FILLING_SIDE)
    scale, shorter = grey.shape[1] / reduced.shape[1], min(reduced.shape)
    border = round(FILLING_BORDER * shorter)
    framed = cv2.copyMakeBorder(reduced, border, border, border, border, cv2.BORDER_REPLICATE)
    found = detector.faces(framed, max(SMALLEST, round(FILLING_SMALLEST * shorter)))
    moved = [Box(box.x - border, box.y - border, box.width, box.height) for box in found]
    return [box.scaled(scale, scale) for box in moved]


def tilted(degrees: float) -> Step:
    """A step that looks for faces tilted by so much, either way: upright boxes round them."""

    def step(detector: HaarFaceDetector, grey: np.ndarray) -> list[Box]:
        reduced = grey_copy(grey, FURTHER_SIDE)
        scale = grey.shape[1] / reduced.shape[1]
        boxes = []
        for angle in (degrees, -degrees):
            picture, back = turned(reduced, angle)
            for box in detector.confirmed_faces(picture):
                centre = back @ (box.x + box.width / 2, box.y + box.height / 2, 1)
                x, y = float(centre[0]), float(centre[1])
                if 0 <= x < reduced.shape[1] and 0 <= y < reduced.shape[0]:
                    corner = x - box.width / 2, y - box.height / 2
                    boxes.append(Box(*corner, box.width, box.height).scaled(scale, scale))
        return boxes

    return step


def profile(detector: HaarFaceDetector, grey: np.ndarray) -> list[Box]:
    """Faces seen from the left or the right."""
    reduced = grey_copy(grey, FURTHER_SIDE)
    scale, width = grey.shape[1] / reduced.shape[1], reduced.shape[1]
    boxes = []
    for mirrored in (False, True):
        picture = cv2.flip(reduced, 1) if mirrored else reduced
        find = detector.profile.find
        for box, _ in find(picture, SMALLEST, FURTHER_FACTOR, FURTHER_NEIGHBOURS, PROFILE_WEIGHT):
            x = width - box.x - box.width if mirrored else box.x
            boxes.append(Box(x, box.y, box.width, box.height).scaled(scale, scale))
    return boxes


STEPS: tuple[Step, ...] = (upright, filling, tilted(22), tilted(38), profile)
"""The passes, in the order in which they are made until one finds a face."""
