"""Where an image lies in the picture that the face detector receives: as large as it fits, centred,
with black or a border of grey beside it. Twin of static/js/inference/letterbox.js."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True, slots=True)
class Letterbox:
    """The place of an image in a picture.

    Attributes:
        x, y: the image's left and top edge in the picture, whole pixels.
        width, height: of the image in the picture, whole numbers of pixels.
        across, down: pixels of the image for one pixel of the picture.
        picture: width and height of the picture.
        grey: the level of the pixels beside the image, 0..255.
    """

    x: int
    y: int
    width: int
    height: int
    across: float
    down: float
    picture: tuple[int, int]
    grey: int

    def draw(self, image: np.ndarray) -> np.ndarray:
        """The picture: (H, W, 3) uint8 of an (h, w, 3) uint8 image."""
        size = self.width, self.height
        # What is reduced is averaged over its area; OpenCV's other methods skip pixels.
        method = cv2.INTER_AREA if self.across >= 1 else cv2.INTER_LINEAR
        small = cv2.resize(image, size, interpolation=method)
        drawn = np.full((self.picture[1], self.picture[0], 3), self.grey, np.uint8)
        drawn[self.y : self.y + self.height, self.x : self.x + self.width] = small
        return drawn


BORDER_GREY = 128


def letterbox(width: int, height: int, size: int, step: int, border: float = 0.0) -> Letterbox:
    """Place an image in a picture.

    Args:
        width, height: of the image in pixels.
        size: the picture's longer side in pixels.
        step: the picture's shorter side is the least multiple of this that holds the image.
        border: at least this part of the picture's sides is a border of grey on each side of the
            image; 0: what the image leaves of the picture is black.
    """
    scale = size * (1 - 2 * border) / max(width, height)
    inner_width, inner_height = max(1, _round(width * scale)), max(1, _round(height * scale))
    # Less a trifle: a quotient that is a whole number may come out a little larger.
    picture = [
        math.ceil(length / (1 - 2 * border) / step - 1e-6) * step
        for length in (inner_width, inner_height)
    ]
    return Letterbox(
        x=(picture[0] - inner_width) // 2,
        y=(picture[1] - inner_height) // 2,
        width=inner_width,
        height=inner_height,
        across=width / inner_width,
        down=height / inner_height,
        picture=(picture[0], picture[1]),
        grey=BORDER_GREY if border > 0 else 0,
    )


def _round(value: float) -> int:
    """Rounded half up, as JavaScript does."""
    return math.floor(value + 0.5)
