"""Settings of one training run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from .augment import Augmentation

TARGETS = ("fer2013", "ferplus")
"""The label sets that a network can learn, in the order of its heads; also the models' tags."""


@dataclass(frozen=True, slots=True)
class Plateau:
    """Reduction of the learning rate on a plateau, as Keras's `ReduceLROnPlateau` does it.

    Attributes:
        patience: number of epochs without a lower validation loss before the rate is reduced. A
            loss counts as lower if it is lower by more than 1e-4.
        factor: the rate is multiplied by this number.
        least: the lowest rate.
    """

    patience: int
    factor: float
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Split:
    """A split of the train split that a recipe defines itself.

    Attributes:
        off: fraction (0..1) of the train split that the model does not learn from.
        validation: fraction (0..1) of those images that the epochs are evaluated on. The rest is
            for testing only.
        seed: seed of both random draws.
    """

    off: float
    validation: float
    seed: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one training run. Stored in config.json, from which a resumed run reads them.

    Attributes:
        architecture: registered name of the architecture.
        targets: names from `TARGETS`; the network has one head for each.
        tag: second part of the model's name, if there is one target.
        epochs: maximum number of epochs.
        batch: images per batch.
        optimizer: "sgd" (Nesterov if there is momentum), "adam" or "rmsprop".
        momentum: momentum of sgd.
        schedule: "cosine": warm-up to `learning_rate` over `warmup_epochs`, then cosine decay to
            nearly 0. "constant": `learning_rate`, reduced only by `plateau`.
        learning_rate: the highest learning rate.
        warmup_epochs: length of the warm-up.
        weight_decay: decoupled weight decay: in each step, this number times the learning rate is
            the fraction that is subtracted from a kernel. (PyTorch's value for the same effect
            with momentum 0.9 is a tenth of it.)
        clip: maximum global norm of the gradient; None for no clipping.
        label_smoothing: label smoothing of FER2013's labels, 0..1.
        balance: class balancing of FER2013's labels, from 0 (none) to 1 (all labels have the same
            total weight).
        plateau: reduction of a constant learning rate; None for none.
        soft_weight: weight, 0..1, of the teachers' predictions in each target (distillation.py).
        faces_repeat: how many times in an epoch each face of --faces is shown (extra_faces.py).
        average: decay of the exponential moving average (EMA) of the weights; None for no EMA.
        monitor: the metric of the validation images that selects the best epoch: "accuracy" or
            "loss".
        min_delta: an epoch is better if `monitor` improves by more than this number.
        patience: number of epochs without improvement after which training stops.
        keep: "best": the model has the weights of the best epoch; "last": of the last one.
        seed: seed of all random numbers.
        precision: a Keras dtype policy.
        augmentation: random changes of the training images; None for none.
        labels: the labels to learn, in this order; None for all labels of the data.
        drop_low_entropy: fraction (0..1) of the train split to leave out: the images with the
            lowest entropy of grey levels.
        split: the recipe's own split of the train split; None to evaluate epochs on the
            validation split.
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
    faces_repeat: int = 1
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
        """The settings as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Settings:
        """The settings from a JSON object that `to_json` made."""
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
