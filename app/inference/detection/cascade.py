"""OpenCV's Haar cascades (Viola and Jones 2001), made safe for threads; grey pictures for them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np

from ..types import Box

WINDOW = 20
"""Pixels of a side of the smallest window that the cascades used here can judge."""

Find = tuple[Box, float]
"""What may be a face: its box, and the weight that the cascade's last stage gave it."""


class Cascade:
    """One of the cascades that come with OpenCV. Safe to share by threads.

    Args:
        name: its file is haarcascade_<name>.xml.
        stages: only its first so many stages; it takes more windows for faces then. None: all.
    """

    def __init__(self, name: str, stages: int | None = None) -> None:
        self.file = Path(cv2.__file__).parent / "data" / f"haarcascade_{name}.xml"
        self.stages = stages
        # A cv2.CascadeClassifier keeps its working buffers, some megabytes, in itself: only one
        # thread may use it at a time, and as many exist as were ever in use at once.
        self._idle: list[cv2.CascadeClassifier] = []

    def find(
        self, grey: np.ndarray, smallest: int, factor: float, neighbours: int, largest: int = 0
    ) -> list[Find]:
        """What the cascade takes for faces.

        Args:
            grey: (H, W) uint8.
            smallest, largest: the least and the most pixels of a face's side; 0: no most.
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
            maxSize=(largest, largest),
            outputRejectLevels=True,
        )
        self._idle.append(classifier)
        return [
            (Box(*map(float, box)), float(weight))
            for box, weight in zip(found, np.ravel(weights), strict=True)
        ]

    def windows(self, grey: np.ndarray, smallest: int, largest: int, factor: float) -> np.ndarray:
        """The windows that the cascade takes for faces, not yet put together.

        Args:
            grey, smallest, largest, factor: as of `find`.

        Returns:
            (n, 4) float64: x and y of the top left corner and the side, in pixels of `grey`, and
            the weight that the last stage gave the window.
        """
        rows = [
            (box.x, box.y, box.width, weight)
            for box, weight in self.find(grey, smallest, factor, 0, largest)
        ]
        return np.array(rows, np.float64).reshape(-1, 4)

    def _load(self) -> cv2.CascadeClassifier:
        classifier = cv2.CascadeClassifier()
        if self.stages is None:
            classifier.load(str(self.file))
        else:
            flags = cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY
            storage = cv2.FileStorage(_shortened(self.file, self.stages), flags)
            classifier.read(storage.getNode("cascade"))
        if classifier.empty():
            raise RuntimeError(f"{self.file}: OpenCV cannot read this cascade")
        return classifier


def _shortened(file: Path, stages: int) -> str:
    """The cascade in `file` with its first `stages` stages alone, as XML."""
    root = ElementTree.parse(file).getroot()
    number, every = root.find("cascade/stageNum"), root.find("cascade/stages")
    if number is None or every is None:
        raise RuntimeError(f"{file}: there is no cascade in it")
    for stage in list(every)[stages:]:
        every.remove(stage)
    number.text = str(len(every))
    return '<?xml version="1.0"?>\n' + ElementTree.tostring(root, encoding="unicode")


def grey_copy(image: np.ndarray, longer_side: int) -> np.ndarray:
    """(H, W) uint8 luma of an RGB image or of its luma, with at most that longer side."""
    # Grey first: a third of the memory goes through the resize.
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    factor = min(1.0, longer_side / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return grey if size == (width, height) else cv2.resize(grey, size, interpolation=cv2.INTER_AREA)


def halvings(grey: np.ndarray) -> list[np.ndarray]:
    """The picture and copies of it, each half as large as the one before, as long as a window
    twice as large as the smallest fits in."""
    levels = [grey]
    while min(levels[-1].shape) >= 2 * WINDOW:
        height, width = levels[-1].shape
        size = (max(1, width // 2), height // 2)
        levels.append(cv2.resize(levels[-1], size, interpolation=cv2.INTER_AREA))
    return levels


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
