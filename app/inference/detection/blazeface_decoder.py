"""Decode the outputs of BlazeFace 256 into face detections.

Twin of static/js/inference/blazeface-decoder.js, which describes the network's outputs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

INPUT_SIZE = 256
"""The longer side of the picture in pixels."""

SIZE_STEP = 32
"""The sides of the picture are multiples of this."""

VALUES = 16
GRIDS = ((16, 2), (32, 6))
"""Of each grid: the distance of its points in pixels, and how many anchors each point has."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A possible face, in pixels of the picture.

    Attributes:
        score: 0..1.
        values: 16 numbers: centre x and y, width and height of the box, then x and y of the right
            eye, the left eye, the nose, the mouth, the right and the left ear (the person's own).
    """

    score: float
    values: np.ndarray


def decode(
    grid: int, logits: np.ndarray, values: np.ndarray, threshold: float, width: int = INPUT_SIZE
) -> list[Detection]:
    """The faces on one of the two grids.

    Args:
        grid: 0 for the 16-pixel one, 1 for the 32-pixel one.
        logits: one for each anchor.
        values: 16 for each anchor.
        threshold: the least score, 0..1.
        width: of the picture, in pixels.
    """
    stride, anchors = GRIDS[grid]
    columns = width // stride
    logits = np.ravel(logits).astype(np.float64)
    (found,) = np.nonzero(logits >= np.log(threshold / (1 - threshold)))
    decoded = values.reshape(-1, VALUES)[found].astype(np.float64)
    cells = found // anchors
    offset = np.stack([cells % columns, cells // columns], axis=1) * stride + stride / 2
    decoded[:, 0:2] += offset
    decoded[:, 4:] += np.tile(offset, 6)
    scores = 1 / (1 + np.exp(-logits[found]))
    return [Detection(float(score), one) for score, one in zip(scores, decoded, strict=True)]


def merge(detections: list[Detection], overlap: float) -> list[Detection]:
    """One detection for each face, most certain first, by weighted non-maximum suppression:
    detections that overlap the most certain one by more than `overlap` (IoU) are averaged with it,
    weighted by score."""
    rest = sorted(detections, key=lambda one: -one.score)
    faces = []
    while rest:
        best = rest[0]
        same = [one for one in rest if one is best or iou(best.values, one.values) > overlap]
        rest = [one for one in rest if not any(one is other for other in same)]
        weights = np.array([one.score for one in same])
        values = weights @ np.stack([one.values for one in same]) / weights.sum()
        faces.append(Detection(best.score, values))
    return faces


def iou(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union, 0..1, of two boxes given as centre x and y, width and height."""
    low = np.maximum(a[:2] - a[2:4] / 2, b[:2] - b[2:4] / 2)
    high = np.minimum(a[:2] + a[2:4] / 2, b[:2] + b[2:4] / 2)
    if (high <= low).any():
        return 0.0
    shared = float(np.prod(high - low))
    return shared / (float(a[2] * a[3] + b[2] * b[3]) - shared)
