"""Read labelled faces of other kinds than FER2013's, such as news photos, from a NumPy file.

The file (.npz) has the arrays `image` (n, side, side) uint8, grey, each the crop of a face with the
contract's margin; `label` (n,) int, FER2013's numbers; `split` (n,) str, "train" or "validation";
and optionally `source` (n,) str, the kind of image.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..errors import DataError
from .dataset import LABELS, SIZE


@dataclass(frozen=True, slots=True)
class Faces:
    """Faces of one split.

    Attributes:
        images: (n, 48, 48) uint8, grey.
        labels: (n,) int64, FER2013's numbers.
        sources: (n,) str, the kind of image.
    """

    images: np.ndarray
    labels: np.ndarray
    sources: np.ndarray


def read_faces(path: Path, split: str) -> Faces:
    """Read the faces of `split` ("train" or "validation") from the file `path`.

    Raises:
        DataError: the file cannot be read, an array is missing or has a wrong shape or values, or
            `split` has no faces.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files if name in _ARRAYS}
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path}: cannot be read as a NumPy file of arrays: {error}") from None
    missing = [name for name in _ARRAYS[:3] if name not in arrays]
    if missing:
        raise DataError(f"{path}: no array {', '.join(missing)}")
    images, labels, splits = (arrays[name] for name in _ARRAYS[:3])
    count = len(images)
    if images.ndim != 3 or images.dtype != np.uint8 or images.shape[1] != images.shape[2]:
        raise DataError(
            f"{path}: image is {images.dtype} of shape {images.shape}, expected uint8, (n, side, "
            "side)"
        )
    if labels.shape != (count,) or labels.dtype.kind not in "iu" or splits.shape != (count,):
        raise DataError(
            f"{path}: expected a whole number in label and a text in split for each image"
        )
    if count and not (labels.min() >= 0 and labels.max() < len(LABELS)):
        raise DataError(f"{path}: label is {labels.min()}..{labels.max()}, expected 0..6")
    chosen = splits == split
    if not chosen.any():
        raise DataError(f"{path}: no image of the split {split}")
    sources = arrays.get("source", np.full(count, path.stem))
    reduced = [
        image if image.shape == (SIZE, SIZE) else _resized(image) for image in images[chosen]
    ]
    return Faces(np.stack(reduced), labels[chosen].astype(np.int64), sources[chosen].astype(str))


_ARRAYS = ("image", "label", "split", "source")


def _resized(image: np.ndarray) -> np.ndarray:
    larger = image.shape[0] < SIZE
    how = cv2.INTER_LINEAR if larger else cv2.INTER_AREA
    return cv2.resize(image, (SIZE, SIZE), interpolation=how)
