"""How one run trains."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from .augment import Augmentation

TARGETS = ("fer2013", "ferplus")
"""What there is to learn, in the order of the heads; also the tags of the models."""


OPTIMIZERS = ("sgd", "adam", "rmsprop")


@dataclass(frozen=True, slots=True)
class Plateau:
    """The learning rate is multiplied by `factor` after `patience` epochs in which the validation
    loss has not fallen by more than 1e-4, and never below `least` (Keras's `ReduceLROnPlateau`)."""

    patience: int
    factor: float
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Split:
    """A split of a recipe's own: `off` (a share, 0..1) of the train split is taken off; of that
    the share `validation` judges the epochs, and the rest is not used in training. `seed` of both
    draws."""

    off: float
    validation: float
    seed: int


@dataclass(frozen=True, slots=True)
class Settings:
    """How one run trains. Written to config.json; a resumed run reads it from there.

    Attributes:
        architecture: its registered name.
        targets: of `TARGETS`, a head for each.
        tag: the second half of the model's name, where there is one target.
        epochs, batch, seed: as usual.
        optimizer: one of `OPTIMIZERS`; sgd is Nesterov's where there is momentum.
        momentum: of sgd.
        schedule: "cosine": `learning_rate` is the highest, warmed up to over `warmup_epochs`, then
            a cosine to nearly 0. "constant": it stays what it is, but for `plateau`.
        plateau: when a constant learning rate is lowered; None for never.
        weight_decay: the part of a kernel that is taken off it each step, times the learning rate
            (decoupled: with momentum 0.9 PyTorch's figure is a tenth of this one).
        clip: the longest gradient, all weights together; None for any.
        label_smoothing: of FER2013's labels, 0..1.
        balance: how much more its rare labels count, 0 (not) .. 1 (all labels the same).
        soft_weight: share of each target, 0..1, that is what teachers say (soft_labels.py).
        average: of the averaged weights, the share that stays each step; None for no averaging.
        monitor: what the best epoch is by, on the validation pictures: "accuracy" or "loss".
        min_delta: an epoch is better where `monitor` is by more than this.
        patience: epochs without a better one before training stops.
        keep: "best": the model is that of the best epoch; "last": of the last.
        precision: a Keras dtype policy.
        augmentation: how training pictures are changed; None for not at all.
        labels: those that are learned, in this order; None for all that the data has.
        drop_low_entropy: share of the train split, 0..1, that is dropped: the pictures with the
            lowest entropy.
        split: a split of the recipe's own; None to be judged by the validation split.
    """

    architecture: str
    targets: tuple[str, ...] = ("fer2013",)
    tag: str = "fer2013"
    epochs: int = 50
    batch: int = 128
    optimizer: str = "sgd"
    momentum: float = 0.9
    schedule: str = "cosine"
    learning_rate: float = 0.1
    warmup_epochs: float = 1.0
    weight_decay: float = 5e-4
    clip: float | None = None
    label_smoothing: float = 0.1
    balance: float = 0.0
    plateau: Plateau | None = None
    soft_weight: float = 0.0
    average: float | None = 0.999
    monitor: str = "accuracy"
    min_delta: float = 0.0
    patience: int = 20
    keep: str = "best"
    seed: int = 0
    precision: str = "float32"
    augmentation: Augmentation | None = field(default_factory=Augmentation)
    labels: tuple[str, ...] | None = None
    drop_low_entropy: float = 0.0
    split: Split | None = None

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Settings:
        """From what `to_json` gave."""
        parts: dict[str, Any] = {
            "augmentation": Augmentation,
            "plateau": Plateau,
            "split": Split,
        }
        made = {
            name: part(**data[name]) for name, part in parts.items() if data.get(name) is not None
        }
        labels = tuple(data["labels"]) if data.get("labels") else None
        return cls(**{**data, **made, "targets": tuple(data["targets"]), "labels": labels})


TUTORIAL: dict[str, Any] = {
    "optimizer": "adam",
    "schedule": "constant",
    "learning_rate": 1e-3,
    "weight_decay": 0.0,
    "label_smoothing": 0.0,
    "average": None,
    "augmentation": None,
}
"""What published tutorials have in common: Adam at its default rate and nothing besides."""


RECIPES: dict[str, dict[str, Any]] = {
    "plain": {},
    "flagship": {
        "targets": ("fer2013", "ferplus"),
        "epochs": 46,
        "patience": 46,
        "warmup_epochs": 2.0,
        "weight_decay": 1e-3,
        "clip": 5.0,
        "precision": "mixed_bfloat16",
        "augmentation": Augmentation(webcam=0.15),
    },
    "long": {
        "targets": ("fer2013", "ferplus"),
        "epochs": 100,
        "patience": 100,
        "warmup_epochs": 2.0,
        "weight_decay": 4e-3,
        "clip": 5.0,
        "precision": "mixed_bfloat16",
        "augmentation": Augmentation(rotation=15.0, shift=0.1, scale=0.15, webcam=0.15),
    },
    "again": {
        "targets": ("fer2013", "ferplus"),
        "epochs": 70,
        "patience": 70,
        "learning_rate": 0.05,
        "warmup_epochs": 2.0,
        "weight_decay": 3e-3,
        "clip": 5.0,
        "balance": 0.6,
        "precision": "mixed_bfloat16",
        "augmentation": Augmentation(webcam=0.15),
    },
    "finish": {
        "epochs": 40,
        "patience": 40,
        "learning_rate": 0.03,
        "weight_decay": 3e-3,
        "clip": 5.0,
        "label_smoothing": 0.0,
        "balance": 0.6,
        "precision": "mixed_bfloat16",
        "augmentation": Augmentation(erase=0.25, webcam=0.15),
    },
}
"""Settings by name; what is not in one is the default. What is typed beside it goes before it.
"again" and "finish" are for a run that begins with another's weights (start.py), "finish" for one
target alone."""
