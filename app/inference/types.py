"""The two values that travel from detection to the answer: a box and a face."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of a picture: (x, y) is its top left corner, unmirrored."""

    x: float
    y: float
    width: float
    height: float

    def scaled(self, across: float, down: float) -> Box:
        """The same box in a picture that is `across` times as wide and `down` times as high."""
        return Box(self.x * across, self.y * down, self.width * across, self.height * down)

    def to_json(self) -> dict[str, float]:
        """The box as JSON, rounded to a hundredth of a pixel."""
        return {
            "x": round(float(self.x), 2),
            "y": round(float(self.y), 2),
            "width": round(float(self.width), 2),
            "height": round(float(self.height), 2),
        }


@dataclass(frozen=True, slots=True)
class Face:
    """One recognised face.

    Attributes:
        id: number of the face within its photo, from 0, largest face first.
        box: where the detector found it.
        label: the label with the highest score.
        score: that label's calibrated probability, 0..1.
        scores: label -> calibrated probability, in the contract's order; they sum to 1.
        unsure: True where `score` lies under the contract's `unsure_below`.
    """

    id: int
    box: Box
    label: str
    score: float
    scores: dict[str, float]
    unsure: bool

    def scaled(self, across: float, down: float) -> Face:
        """The same face in a picture that is `across` times as wide and `down` times as high."""
        return replace(self, box=self.box.scaled(across, down))

    def to_json(self) -> dict[str, Any]:
        """The face as JSON; the browser's recognizer makes the same object."""
        return {
            "id": self.id,
            "box": self.box.to_json(),
            "label": self.label,
            "score": round(self.score, 6),
            "scores": {label: round(score, 6) for label, score in self.scores.items()},
            "unsure": self.unsure,
        }
