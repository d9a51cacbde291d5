"""What the data is, counted: pictures, duplicates, constant pictures, how far labels agree."""

from __future__ import annotations

from typing import Any

import numpy as np

from .dataset import SPLITS, Pictures
from .fer2013 import ferplus_majority


def data_facts(data: Pictures, votes: np.ndarray | None = None) -> dict[str, Any]:
    """Counts of the data, for the card.

    Args:
        data: all rows that are known.
        votes: FER+'s votes of the same rows, `read_ferplus`.

    Returns:
        {"splits": {split: {"pictures", "per_label": {label: n}}}, "distinct": different pictures,
        "duplicates": {"within_train", "validation_in_train": pictures of validation that stand in
        train too, "contradicting": distinct pictures that stand there under several labels},
        "constant": pictures of one grey level, and with `votes` "ferplus": {"with_majority",
        "agree": share of those whose majority is FER2013's own label, "not_a_face": pictures most
        of the ten people called so}}. Splits that the file has not are left out.
    """
    flat = np.ascontiguousarray(data.images.reshape(len(data), -1))
    keys = flat.view(np.dtype((np.void, flat.shape[1]))).ravel()
    _, group, size = np.unique(keys, return_inverse=True, return_counts=True)
    masks = {name: data.usage == usage for name, usage in SPLITS.items()}
    in_train = np.isin(group, group[masks["train"]])
    pairs = np.unique(np.stack([group, data.labels]), axis=1)
    facts: dict[str, Any] = {
        "splits": {
            name: {
                "pictures": int(mask.sum()),
                "per_label": {
                    label: int((data.labels[mask] == i).sum()) for i, label in enumerate(data.names)
                },
            }
            for name, mask in masks.items()
            if mask.any()
        },
        "distinct": len(size),
        "duplicates": {
            "within_train": int(masks["train"].sum() - len(np.unique(group[masks["train"]]))),
            "validation_in_train": int((in_train & masks["validation"]).sum()),
            "contradicting": int((np.bincount(pairs[0]) > 1).sum()),
        },
        "constant": int((flat.min(axis=1) == flat.max(axis=1)).sum()),
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
