"""Count images, duplicates and constant images, and the agreement of labels, for the card."""

from __future__ import annotations

from typing import Any

import numpy as np

from .dataset import Dataset, image_keys
from .fer2013 import ferplus_majority


def data_facts(data: Dataset, votes: np.ndarray | None = None) -> dict[str, Any]:
    """Count the data, for the card.

    Args:
        data: all images.
        votes: FER+'s votes of the same rows, `read_ferplus`.

    Returns:
        "splits" {split: {"pictures", "per_label": {label: n}}} of the splits that have images;
        "distinct": number of different images; "duplicates" {"within_train": copies within train,
        "validation_in_train": validation images that are also in train, "contradicting": distinct
        images that have several labels}; "constant": images with a single grey level. With `votes`
        also "ferplus" {"with_majority": images with a majority label, "agree": fraction of those
        whose majority label is FER2013's own, "not_a_face": images that more than half of the
        annotators called not a face}.
    """
    _, group, size = np.unique(image_keys(data.images), return_inverse=True, return_counts=True)
    train, validation = data.in_split("train"), data.in_split("validation")
    in_train = np.isin(group, group[train])
    pairs = np.unique(np.stack([group, data.labels]), axis=1)
    facts: dict[str, Any] = {
        "splits": {
            split: {"pictures": sum(counts.values()), "per_label": counts}
            for split, counts in data.counts().items()
        },
        "distinct": len(size),
        "duplicates": {
            "within_train": int(train.sum() - len(np.unique(group[train]))),
            "validation_in_train": int((in_train & validation).sum()),
            "contradicting": int((np.bincount(pairs[0]) > 1).sum()),
        },
        "constant": int(data.constant().sum()),
    }
    if votes is not None:
        known = votes[data.rows]
        majority = ferplus_majority(known)
        agreed = majority >= 0
        facts["ferplus"] = {
            "with_majority": int(agreed.sum()),
            "agree": float((majority == data.labels)[agreed].mean()) if agreed.any() else None,
            "not_a_face": int((known[:, -1] > known.sum(axis=1) / 2).sum()),
        }
    return facts
