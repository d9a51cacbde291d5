"""Which pictures a run learns from and is judged by while it trains: what its recipe leaves out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..config import Settings, Split
from .dataset import Pictures


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run trains with.

    Attributes:
        training: what it learns from.
        validation: what it is judged by after each epoch.
        test: what the recipe's own split keeps for testing, None where it has no split.
        left_out: reason -> how many pictures of the train split it does not learn from.
    """

    training: Pictures
    validation: Pictures
    test: Pictures | None
    left_out: dict[str, int]


def select(data: Pictures, settings: Settings) -> Selection:
    """The pictures a run with `settings` trains with.

    In this order: of the train split the pictures of lowest entropy are dropped, then those of
    labels that are not learned, then the recipe's own validation pictures are split off. Without
    a split of its own a run is judged by the validation split, of which only the labels that are
    not learned are left out.

    Raises:
        DataError: a split is missing, or a label is unknown.
    """
    training, validation = data.split("train"), data.split("validation")
    left_out = {}

    def keep(kept: Pictures, reason: str) -> Pictures:
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
    return Selection(training, validation, own_test, left_out)


def split_off(count: int, split: Split) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions 0..count - 1 as (train, validation, test), by scikit-learn's `train_test_split`:
    `split.off` is taken off, and of that `split.validation` is for validation, the rest for test.
    Both times with `split.seed`, not stratified."""
    from sklearn.model_selection import train_test_split

    train, off = train_test_split(np.arange(count), test_size=split.off, random_state=split.seed)
    test, validation = train_test_split(off, test_size=split.validation, random_state=split.seed)
    return train, validation, test


def entropy(images: np.ndarray) -> np.ndarray:
    """Shannon entropy of each picture's grey levels.

    Args:
        images: (n, h, w) uint8.

    Returns:
        (n,) float64 bits, 0 (one grey level) to 8.
    """
    flat = images.reshape(len(images), -1)
    found = np.empty(len(flat))
    for index, pixels in enumerate(flat):
        share = np.bincount(pixels, minlength=256) / flat.shape[1]
        share = share[share > 0]
        found[index] = abs((share * np.log2(share)).sum())
    return found
