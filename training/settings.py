"""How one run trains."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from .augment import Augmentation


@dataclass(frozen=True, slots=True)
class Settings:
    """How one run trains. Written to config.json; a resumed run reads it from there."""

    architecture: str
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
        return cls(**{**data, "augmentation": Augmentation(**data["augmentation"])})
