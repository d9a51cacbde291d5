"""OpenCV's Haar cascades (Viola and Jones 2001), made safe for threads."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from .types import Box


class Cascade:
    """One of the cascades that come with OpenCV. Safe to share by threads.

    Args:
        name: its file is haarcascade_<name>.xml.
    """

    def __init__(self, name: str) -> None:
        self.file = Path(cv2.__file__).parent / "data" / f"haarcascade_{name}.xml"
        # A cv2.CascadeClassifier keeps its working buffers, some megabytes, in itself: only one
        # thread may use it at a time, and as many exist as were ever in use at once.
        self._idle: list[cv2.CascadeClassifier] = []

    def find(
        self, grey: np.ndarray, smallest: int, factor: float, neighbours: int
    ) -> list[tuple[Box, float]]:
        """What the cascade takes for faces.

        Args:
            grey: (H, W) uint8.
            smallest: the least side of a face, in pixels.
            factor: from one size of face to the next that is looked for.
            neighbours: a face is found in so many places and sizes besides, or it is none.

        Returns:
            Boxes in pixels of `grey`, each with the weight its last stage gave it.
        """
        try:
            classifier = self._idle.pop()
        except IndexError:
            classifier = self._load()
        found, _, weights = classifier.detectMultiScale3(
            grey,
            scaleFactor=factor,
            minNeighbors=neighbours,
            minSize=(smallest, smallest),
            outputRejectLevels=True,
        )
        self._idle.append(classifier)
        return [
            (Box(*map(float, box)), float(weight))
            for box, weight in zip(found, np.ravel(weights), strict=True)
        ]

    def _load(self) -> cv2.CascadeClassifier:
        classifier = cv2.CascadeClassifier(str(self.file))
        if classifier.empty():
            raise RuntimeError(f"{self.file}: OpenCV cannot read this cascade")
        return classifier


def grey_copy(image: np.ndarray, longer_side: int) -> np.ndarray:
    """(H, W) uint8 luma of an RGB image or of its luma, with at most that longer side."""
    # Grey first: a third of the memory goes through the resize.
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    factor = min(1.0, longer_side / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return grey if size == (width, height) else cv2.resize(grey, size, interpolation=cv2.INTER_AREA)


def turned(grey: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """The picture turned anticlockwise within a frame that holds it, its edge pixels going on.

    Returns:
        (H, W) uint8, and the (2, 3) matrix that leads from its pixels back to those of `grey`.
    """
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cosine, sine = abs(turn[0, 0]), abs(turn[0, 1])
    size = (round(width * cosine + height * sine), round(width * sine + height * cosine))
    turn[:, 2] += [(size[0] - width) / 2, (size[1] - height) / 2]
    picture = cv2.warpAffine(grey, turn, size, borderMode=cv2.BORDER_REPLICATE)
    return picture, cv2.invertAffineTransform(turn)
