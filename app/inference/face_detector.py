"""Finds upright faces seen from the front, with OpenCV's Haar cascade on a reduced grey picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from .types import Box

CASCADE = "haarcascade_frontalface_alt2.xml"

LONGER_SIDE = 640
"""A larger picture is reduced to this before detecting, in pixels."""

SMALLEST = 24
"""The smallest face, in pixels of the reduced picture; the cascade was trained on 20."""

SCALE_FACTOR = 1.1
MIN_NEIGHBOURS = 3

MIN_WEIGHT = 55.0
"""Finds that the cascade's last stages are less sure of are dropped: in 14 photos,
counted by eye, that took 3 of 4 false boxes and none of 24 faces."""

FILLING_SIDE = 320
FILLING_BORDER = 0.25
FILLING_SMALLEST = 0.5
"""Where nothing is found, a face that fills the picture is looked for: in a smaller copy, with a
border of its edge pixels (part of the shorter side), of at least this part of the shorter side."""

SAME_FACE = 0.5
"""A box is dropped when more than this part of it lies in a larger one."""


class FaceDetector(Protocol):
    """What the recogniser needs of a detector."""

    def detect(self, image: np.ndarray) -> list[Box]:
        """Boxes of the faces in an (H, W, 3) uint8 RGB image, in its pixels, largest first."""
        ...


class HaarFaceDetector:
    """OpenCV's Haar cascade (Viola and Jones 2001). Safe to share by threads."""

    def __init__(self) -> None:
        # A cv2.CascadeClassifier keeps its working buffers, some megabytes, in itself: only one
        # thread may use it at a time, and as many exist as were ever in use at once.
        self._idle: list[cv2.CascadeClassifier] = []

    def detect(self, image: np.ndarray) -> list[Box]:
        """Boxes of the faces in `image`, largest first; overlapping finds of a face are one box.

        Args:
            image: (H, W, 3) uint8, RGB.
        """
        return self._find(image, LONGER_SIDE, SMALLEST) or self._find_filling(image)

    def _find_filling(self, image: np.ndarray) -> list[Box]:
        """The face that fills the picture, which the cascade finds only with a border round it."""
        reduced, scale = _reduce(image, FILLING_SIDE)
        height, width = reduced.shape[:2]
        shorter = min(height, width)
        border = round(FILLING_BORDER * shorter)
        framed = cv2.copyMakeBorder(reduced, border, border, border, border, cv2.BORDER_REPLICATE)
        found = self._find(framed, max(framed.shape), round(FILLING_SMALLEST * shorter))
        return [
            Box(
                x=(box.x - border) / scale[0],
                y=(box.y - border) / scale[1],
                width=box.width / scale[0],
                height=box.height / scale[1],
            )
            for box in found
        ]

    def _find(self, image: np.ndarray, longer_side: int, smallest: int) -> list[Box]:
        reduced, scale = _reduce(image, longer_side)
        grey = cv2.cvtColor(reduced, cv2.COLOR_RGB2GRAY)
        with self._cascade() as cascade:
            found, _, weights = cascade.detectMultiScale3(
                grey,
                scaleFactor=SCALE_FACTOR,
                minNeighbors=MIN_NEIGHBOURS,
                minSize=(smallest, smallest),
                outputRejectLevels=True,
            )
        boxes = [
            Box(
                x=float(x / scale[0]),
                y=float(y / scale[1]),
                width=float(w / scale[0]),
                height=float(h / scale[1]),
            )
            for (x, y, w, h), weight in zip(found, np.ravel(weights), strict=True)
            if weight >= MIN_WEIGHT
        ]
        return merge(boxes)

    @contextmanager
    def _cascade(self) -> Iterator[cv2.CascadeClassifier]:
        try:
            cascade = self._idle.pop()
        except IndexError:
            cascade = _load()
        yield cascade
        self._idle.append(cascade)


def _load() -> cv2.CascadeClassifier:
    file = Path(cv2.__file__).parent / "data" / CASCADE
    cascade = cv2.CascadeClassifier(str(file))
    if cascade.empty():
        raise RuntimeError(f"{file}: OpenCV cannot read this cascade")
    return cascade


def _reduce(image: np.ndarray, longer_side: int) -> tuple[np.ndarray, tuple[float, float]]:
    """`image` with at most that longer side, and its share of the width and height it had."""
    height, width = image.shape[:2]
    factor = min(1.0, longer_side / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    if size != (width, height):
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return image, (size[0] / width, size[1] / height)


def merge(boxes: Sequence[Box]) -> list[Box]:
    """`boxes` largest first, without those that lie by more than half in a larger one."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: box.width * box.height, reverse=True):
        if all(_shared(box, larger) <= SAME_FACE for larger in kept):
            kept.append(box)
    return kept


def _shared(smaller: Box, larger: Box) -> float:
    """The part of `smaller` that lies in `larger`, 0..1."""
    width = min(smaller.x + smaller.width, larger.x + larger.width) - max(smaller.x, larger.x)
    height = min(smaller.y + smaller.height, larger.y + larger.height) - max(smaller.y, larger.y)
    return max(0.0, width) * max(0.0, height) / (smaller.width * smaller.height)
