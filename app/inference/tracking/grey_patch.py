"""Make a reduced grey copy of a part of a frame, in which faces are tracked.

Twin of static/js/inference/tracking/grey-patch.js.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SAMPLES = 3
"""At most this many pixels across and down are averaged for one pixel of the patch."""

LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, slots=True)
class GreyPatch:
    """A reduced grey copy of a part of a frame.

    Attributes:
        data: (H, W) float64, 0..255.
        x, y: its top left corner, in pixels of the frame.
        scale: pixels of the frame, across and down, for one pixel of the patch.
    """

    data: np.ndarray
    x: int
    y: int
    scale: int


def grey_patch(pixels: np.ndarray, x: int, y: int, scale: int) -> GreyPatch:
    """Convert pixels to luma grey and reduce them by averaging.

    Args:
        pixels: (H, W, 3) uint8, RGB: a part of the frame.
        x, y: top left corner of that part, in pixels of the frame.
        scale: a whole number, 1 or more.
    """
    height, width = pixels.shape[:2]
    columns, rows = max(1, width // scale), max(1, height // scale)
    across, down = min(scale, width), min(scale, height)
    samples = min(SAMPLES, across, down)
    total = np.zeros((rows, columns, 3))
    for i in range(samples):
        top = int((i + 0.5) * down / samples)
        for k in range(samples):
            left = int((k + 0.5) * across / samples)
            total += pixels[top::scale, left::scale][:rows, :columns]
    return GreyPatch(total @ LUMA / samples**2, x, y, scale)


def interpolate(patch: GreyPatch, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The values at points, by bilinear interpolation; at and beyond an edge those of the edge.

    Args:
        patch: the patch.
        x, y: in pixels of the frame, arrays of one shape.
    """
    data = patch.data
    height, width = data.shape
    across = ((x - patch.x) / patch.scale - 0.5).clip(0, width - 1)
    down = ((y - patch.y) / patch.scale - 0.5).clip(0, height - 1)
    column = across.astype(np.intp).clip(0, max(width - 2, 0))
    row = down.astype(np.intp).clip(0, max(height - 2, 0))
    right, under = across - column, down - row
    flat, at = data.ravel(), row * width + column
    following, below = (1 if width > 1 else 0), (width if height > 1 else 0)
    first, third = flat[at], flat[at + below]
    upper = first + right * (flat[at + following] - first)
    lower = third + right * (flat[at + below + following] - third)
    return upper + under * (lower - upper)
