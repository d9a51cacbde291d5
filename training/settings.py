"""How one run trains."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from .augment import Augmentation

TARGETS = ("fer2013", "ferplus")
"""What there is to learn, in the order of the heads; also the tags of the models."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one run trains. Written to config.json; a resumed run reads it from there.

    Attributes:
        architecture: its registered name.
        targets: of `TARGETS`, a head for each.
        tag: the second half of the model's name, where there is one target.
        epochs, batch, seed: as usual.
        learning_rate: the highest; warmed up to over `warmup_epochs`, then a cosine to nearly 0.
        weight_decay: the part of a kernel that is taken off it each step, times the learning rate
            (decoupled: with momentum 0.9 PyTorch's figure is a tenth of this one).
        clip: the longest gradient, all weights together; None for any.
        label_smoothing: of FER2013's labels, 0..1.
        average: of the averaged weights, the share that stays each step.
        patience: epochs without a better one before training stops.
        precision: a Keras dtype policy.
        augmentation: how training pictures are changed.
    """

    architecture: str
    targets: tuple[str, ...] = ("fer2013",)
    tag: str = "fer2013"
    epochs: int = 50
    batch: int = 128
    learning_rate: float = 0.1
    warmup_epochs: float = 1.0
    weight_decay: float = 5e-4
    clip: float | None = None
    label_smoothing: float = 0.1
    average: float = 0.999
    patience: int = 20
    seed: int = 0
    precision: str = "float32"
    augmentation: Augmentation = field(default_factory=Augmentation)

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Settings:
        """From what `to_json` gave."""
        return cls(
            **{
                **data,
                "targets": tuple(data["targets"]),
                "augmentation": Augmentation(**data["augmentation"]),
            }
        )


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
}
"""Settings by name; what is not in one is the default. What is typed beside it goes before it."""
