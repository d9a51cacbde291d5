"""Named training recipes: settings for `--recipe NAME`."""

from __future__ import annotations

from typing import Any

from .augment import Augmentation

TUTORIAL: dict[str, Any] = {
    "optimizer": "adam",
    "schedule": "constant",
    "learning_rate": 1e-3,
    "weight_decay": 0.0,
    "label_smoothing": 0.0,
    "average": None,
    "augmentation": None,
}
"""Settings that the published tutorials share: Adam at its default rate, no regularisation."""

_MIEN: dict[str, Any] = {
    "clip": 5.0,
    "precision": "mixed_bfloat16",
    "augmentation": Augmentation(webcam=0.15),
}
"""Settings that the recipes of Mien's own models share."""

RECIPES: dict[str, dict[str, Any]] = {
    "plain": {},
    "flagship": {
        **_MIEN,
        "targets": ("fer2013", "ferplus"),
        "epochs": 46,
        "patience": 46,
        "warmup_epochs": 2.0,
        "weight_decay": 1e-3,
    },
    "long": {
        **_MIEN,
        "targets": ("fer2013", "ferplus"),
        "epochs": 100,
        "patience": 100,
        "warmup_epochs": 2.0,
        "weight_decay": 4e-3,
        "augmentation": Augmentation(rotation=15.0, shift=0.1, scale=0.15, webcam=0.15),
    },
    "fine_tune": {
        **_MIEN,
        "targets": ("fer2013", "ferplus"),
        "epochs": 70,
        "patience": 70,
        "learning_rate": 0.05,
        "warmup_epochs": 2.0,
        "weight_decay": 3e-3,
        "balance": 0.6,
    },
    "final": {
        **_MIEN,
        "epochs": 40,
        "patience": 40,
        "learning_rate": 0.03,
        "weight_decay": 3e-3,
        "label_smoothing": 0.0,
        "balance": 0.6,
        "augmentation": Augmentation(erase=0.25, webcam=0.15),
    },
    "mixed": {
        **_MIEN,
        "epochs": 20,
        "patience": 20,
        "learning_rate": 0.03,
        "weight_decay": 3e-3,
        "label_smoothing": 0.0,
        "balance": 0.6,
        "keep": "last",
        "faces_repeat": 3,
        "augmentation": Augmentation(
            rotation=15.0, shift=0.1, scale=0.12, erase=0.25, webcam=0.12, film=0.08
        ),
    },
    "student": {
        **_MIEN,
        "epochs": 90,
        "patience": 90,
        "warmup_epochs": 2.0,
        "weight_decay": 1e-3,
        "label_smoothing": 0.0,
        "balance": 0.6,
        "keep": "last",
        "faces_repeat": 2,
        "augmentation": Augmentation(
            rotation=12.0, shift=0.08, scale=0.1, erase=0.15, webcam=0.12, film=0.06
        ),
    },
}
"""Name of a recipe -> the settings in which it differs from the defaults. Options on the command
line override them. "fine_tune", "final" and "mixed" are for runs that start from the weights of
another run or model (`--start-from`); "final", "mixed" and "student" are for one target, the last
two with faces of other kinds (`--faces`). "student" is for a small network that begins with random
weights and learns from a larger one (`distill`)."""
