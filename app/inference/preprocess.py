"""Make the model's input of a face box. Twin of static/js/inference/preprocess.js, by tests/golden.

Pixels are squares: pixel i covers [i, i+1). A crop box may start and end anywhere, also outside
the image, where the edge pixels are repeated. Resampling is an exact area average: each input pixel
is the mean of the pixels that its square covers, weighted by overlap.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .contract import CropSpec, InputSpec
from .types import Box

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in luma grey (ITU-R BT.601)."""


def crop_box(box: Box, crop: CropSpec) -> Box:
    """The crop square of a face: centred on `box`, its side the longer side of `box` plus
    `crop.margin` of that on each side. Not rounded, not clipped to the image."""
    longer = max(box.width, box.height)
    side = longer * (1 + 2 * crop.margin)
    return Box(
        x=box.x + box.width / 2 - side / 2,
        y=box.y + box.height / 2 - side / 2,
        width=side,
        height=side,
    )


def to_input(image: np.ndarray, crop: Box, spec: InputSpec) -> np.ndarray:
    """The model's input for one crop box.

    Args:
        image: (H, W, 3) uint8, RGB.
        crop: the result of `crop_box`, in pixels of `image`.
        spec: the contract's input size.

    Returns:
        (spec.height, spec.width, spec.channels) float32 in 0..255.
    """
    rows, first_row, last_row = _area_weights(crop.y, crop.height, spec.height, image.shape[0])
    columns, first_column, last_column = _area_weights(
        crop.x, crop.width, spec.width, image.shape[1]
    )
    pixels = image[first_row:last_row, first_column:last_column]
    if spec.channels == 1:
        return (rows @ (pixels @ LUMA) @ columns.T)[:, :, None]
    planes = [rows @ pixels[:, :, c].astype(np.float32) @ columns.T for c in range(3)]
    return np.stack(planes, axis=-1)


def to_batch(image: np.ndarray, crops: Sequence[Box], spec: InputSpec) -> np.ndarray:
    """`to_input` of every crop box, stacked: (n, height, width, channels) float32 in 0..255."""
    batch = np.empty((len(crops), spec.height, spec.width, spec.channels), np.float32)
    for index, crop in enumerate(crops):
        batch[index] = to_input(image, crop, spec)
    return batch


def _area_weights(
    start: float, length: float, count: int, limit: int
) -> tuple[np.ndarray, int, int]:
    """Weights of `limit` image pixels in `count` equal cells of [start, start + length).

    Returns (weights, first, last): weights is (count, last - first) float32, each row sums to 1,
    for image pixels first..last-1; what lies outside 0..limit counts for the edge pixel.
    """
    edges = start + length * (np.arange(count + 1) / count)
    virtual = np.arange(int(np.floor(edges[0])), int(np.ceil(edges[-1])) + 1)
    overlap = np.minimum(edges[1:, None], virtual[None, :] + 1) - np.maximum(
        edges[:-1, None], virtual[None, :]
    )
    overlap = np.maximum(overlap, 0) / (length / count)
    clamped = np.clip(virtual, 0, limit - 1)
    first, last = int(clamped[0]), int(clamped[-1]) + 1
    # The weights of pixels that are clamped to the same edge pixel are added up.
    weights = np.add.reduceat(overlap, np.searchsorted(clamped, np.arange(first, last)), axis=1)
    return weights.astype(np.float32), first, last
