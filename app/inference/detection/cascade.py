"""OpenCV's Haar cascades (Viola and Jones 2001), made thread-safe, and grey images for them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np

from ..types import Box

WINDOW = 20
"""The side, in pixels, of the smallest window that the cascades can classify."""

Detection = tuple[Box, float]
"""A possible face: its box, and the weight that the cascade's last stage gave it."""


class Cascade:
    """One of the cascades that come with OpenCV. Thread-safe.

    Args:
        name: the cascade's file is haarcascade_<name>.xml.
        stages: how many of its first stages are used; with fewer stages it accepts more windows.
            None: all.
    """

    def __init__(self, name: str, stages: int | None = None) -> None:
        self.file = Path(cv2.__file__).parent / "data" / f"haarcascade_{name}.xml"
        self.stages = stages
        # A cv2.CascadeClassifier holds its own working buffers of some megabytes, so only one
        # thread at a time may use it. This pool has as many as were ever in use at once.
        self._idle: list[cv2.CascadeClassifier] = []

    def detect(
        self, grey: np.ndarray, smallest: int, factor: float, neighbours: int, largest: int = 0
    ) -> list[Detection]:
        """What the cascade accepts as faces (OpenCV's detectMultiScale3).

        Args:
            grey: (H, W) uint8.
            smallest, largest: limits of a face's side in pixels; `largest` 0: no upper limit.
            factor: the ratio of one window size to the next.
            neighbours: how many accepted windows must overlap for a face (minNeighbors).

        Returns:
            Boxes in pixels of `grey`, each with the weight of the last stage.
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
        """The windows that the cascade accepts as faces, not grouped.

        Args:
            grey, smallest, largest, factor: as of `detect`.

        Returns:
            (n, 4) float64: x and y of the top left corner and the side, in pixels of `grey`, and
            the weight of the last stage.
        """
        windows = [
            (box.x, box.y, box.width, weight)
            for box, weight in self.detect(grey, smallest, factor, 0, largest)
        ]
        return np.array(windows, np.float64).reshape(-1, 4)

    def _load(self) -> cv2.CascadeClassifier:
        classifier = cv2.CascadeClassifier()
        if self.stages is None:
            classifier.load(str(self.file))
        else:
            flags = cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY
            storage = cv2.FileStorage(_with_first_stages(self.file, self.stages), flags)
            classifier.read(storage.getNode("cascade"))
        if classifier.empty():
            raise RuntimeError(f"{self.file}: OpenCV cannot read this cascade")
        return classifier


def _with_first_stages(file: Path, stages: int) -> str:
    """The cascade in `file` as XML, with only its first `stages` stages."""
    root = ElementTree.parse(file).getroot()
    count, all_stages = root.find("cascade/stageNum"), root.find("cascade/stages")
    if count is None or all_stages is None:
        raise RuntimeError(f"{file}: it holds no cascade")
    for stage in list(all_stages)[stages:]:
        all_stages.remove(stage)
    count.text = str(len(all_stages))
    return '<?xml version="1.0"?>\n' + ElementTree.tostring(root, encoding="unicode")


def grey_copy(image: np.ndarray, longer_side: int) -> np.ndarray:
    """The luma of an RGB image, or a luma image, reduced to at most `longer_side`: (H, W) uint8."""
    # Converted to grey first, so that only a third of the bytes is resized.
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    factor = min(1.0, longer_side / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return grey if size == (width, height) else cv2.resize(grey, size, interpolation=cv2.INTER_AREA)


def image_pyramid(grey: np.ndarray) -> list[np.ndarray]:
    """The image and copies of it, each half as large as the one before, while a window of twice
    the smallest side fits in."""
    levels = [grey]
    while min(levels[-1].shape) >= 2 * WINDOW:
        height, width = levels[-1].shape
        size = (max(1, width // 2), height // 2)
        levels.append(cv2.resize(levels[-1], size, interpolation=cv2.INTER_AREA))
    return levels
