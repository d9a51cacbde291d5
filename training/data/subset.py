"""Select the images that a run learns from and those that it is evaluated on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..config import Settings, Split
from .dataset import Dataset


@dataclass(frozen=True, slots=True)
class Subset:
    """The images that a run uses.

    Attributes:
        training: the images to learn from.
        validation: the images that each epoch is evaluated on.
        test: the test images of the recipe's own split; None if the recipe has no split.
        left_out: reason -> number of images of the train split that are not learned from.
    """

    training: Dataset
    validation: Dataset
    test: Dataset | None
    left_out: dict[str, int]


def select_subset(data: Dataset, settings: Settings) -> Subset:
    """Select the images of a run with `settings`.

    Three steps reduce the train split: drop the images with the lowest entropy, drop the labels
    that are not learned, apply the recipe's own split. Without an own split, the run is evaluated
    on the images of the validation split that have a learned label.

    Raises:
        DataError: a split is missing, or a label is unknown.
    """
    training, validation = data.split("train"), data.split("validation")
    left_out = {}

    def keep(kept: Dataset, reason: str) -> Dataset:
        if len(kept) < len(training):
            left_out[reason] = len(training) - len(kept)
        return kept

    if settings.drop_low_entropy:
        order = np.argsort(entropy(training.images), kind="stable")
        dropped = order[: round(settings.drop_low_entropy * len(training))]
        training = keep(training.take(np.setdiff1d(order, dropped)), "lowest entropy")
    names = settings.labels or data.names
    training = keep(training.only(names), "labels that are not learned")
    validation = validation.only(names)
    own_test = None
    if settings.split:
        train, held, test = split_off(len(training), settings.split)
        validation = training.take(held)
        left_out["the recipe's own validation pictures"] = len(held)
        left_out["the recipe's own test pictures"] = len(test)
        own_test = training.take(test)
        training = training.take(train)
    return Subset(training, validation, own_test, left_out)


def split_off(count: int, split: Split) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split the positions 0..count - 1 into (train, validation, test).

    scikit-learn's `train_test_split` is applied twice with `split.seed`, not stratified: first the
    fraction `split.off` is split off; of it, the fraction `split.validation` is for validation and
    the rest for testing.
    """
    from sklearn.model_selection import train_test_split

    train, off = train_test_split(np.arange(count), test_size=split.off, random_state=split.seed)
    test, validation = train_test_split(off, test_size=split.validation, random_state=split.seed)
    return train, validation, test


def entropy(images: np.ndarray) -> np.ndarray:
    """Shannon entropy of the grey levels of each image.

    Args:
        images: (n, h, w) uint8.

    Returns:
        (n,) float64, in bits, from 0 (a single grey level) to 8.
    """
    flat = images.reshape(len(images), -1)
    bits = np.empty(len(flat))
    for index, pixels in enumerate(flat):
        share = np.bincount(pixels, minlength=256) / flat.shape[1]
        share = share[share > 0]
        bits[index] = abs((share * np.log2(share)).sum())
    return bits
