"""How one run trains."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from .augment import Augmentation

TARGETS = ("fer2013", "ferplus")
"""What there is to learn, in the order of the heads; also the tags of the models."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one run trains. Written to config.json; a resumed run reads it from there."""

    architecture: str
    targets: tuple[str, ...] = ("fer2013",)
    tag: str = "fer2013"
    epochs: int = 50
    batch: int = 128
    learning_rate: float = 0.1
    warmup_epochs: float = 1.0
    weight_decay: float = 5e-4
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
        "epochs": 80,
        "patience": 80,
        "precision": "mixed_bfloat16",
        "augmentation": Augmentation(webcam=0.15),
    },
}
"""Settings by name; what is not in one is the default. What is typed beside it goes before it."""
