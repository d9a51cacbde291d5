"""Test-time augmentation: a face is classified in two versions of its crop, one a little larger and
one smaller and mirrored, and the scores are averaged.

Twin of static/js/inference/test-time-augmentation.js, which says why; both read the versions in
static/js/inference/augmentations.json.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .contract import CropSpec, ModelContract
from .preprocess import crop_box, to_batch
from .types import Box


@dataclass(frozen=True, slots=True)
class Augmentation:
    """One version of a crop.

    Attributes:
        scale: the side of the crop, in sides of the contract's.
        mirrored: whether it is flipped horizontally.
    """

    scale: float
    mirrored: bool


AUGMENTATIONS = tuple(
    Augmentation(**one)
    for one in json.loads(
        (
            Path(__file__).parents[2] / "static" / "js" / "inference" / "augmentations.json"
        ).read_text("utf-8")
    )
)


def augmented_crop(box: Box, crop: CropSpec, augmentation: Augmentation) -> Box:
    """The square that is cut out for one version of a face."""
    whole = crop_box(box, crop)
    side = whole.width * augmentation.scale
    edge = (whole.width - side) / 2
    return Box(whole.x + edge, whole.y + edge, side, side)


def augmented_batch(image: np.ndarray, boxes: Sequence[Box], contract: ModelContract) -> np.ndarray:
    """The model's inputs of every version of every face.

    Args:
        image: (H, W, 3) uint8, RGB.
        boxes: of the faces, in pixels of `image`.
        contract: of the model.

    Returns:
        (n * versions, height, width, channels) float32 in 0..255, the versions of a face together.
    """
    crops = [augmented_crop(box, contract.crop, one) for box in boxes for one in AUGMENTATIONS]
    batch = to_batch(image, crops, contract.input)
    for number, augmentation in enumerate(AUGMENTATIONS):
        if augmentation.mirrored:
            batch[number :: len(AUGMENTATIONS)] = batch[number :: len(AUGMENTATIONS), :, ::-1]
    return batch


def version_batch(
    image: np.ndarray, boxes: Sequence[Box], version: int, contract: ModelContract
) -> np.ndarray:
    """The model's inputs of one version of each face: in a video the versions take turns.

    Args:
        image: (H, W, 3) uint8, RGB.
        boxes: of the faces, in pixels of `image`.
        version: index in `AUGMENTATIONS`.
        contract: of the model.

    Returns:
        (n, height, width, channels) float32 in 0..255.
    """
    augmentation = AUGMENTATIONS[version]
    crops = [augmented_crop(box, contract.crop, augmentation) for box in boxes]
    batch = to_batch(image, crops, contract.input)
    return np.ascontiguousarray(batch[:, :, ::-1]) if augmentation.mirrored else batch


def mean_scores(probabilities: np.ndarray) -> np.ndarray:
    """(n, labels): the mean over the versions of each face, of (n * versions, labels)."""
    versions = probabilities.reshape(-1, len(AUGMENTATIONS), probabilities.shape[-1])
    mean: np.ndarray = versions.mean(axis=1)
    return mean
