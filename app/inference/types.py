"""A box and a face: what recognising an image gives.

Their annotations are the one schema of a result: app/api/json_schema.py makes JSON Schema of them
for the API's description and tests/golden/result.schema.json, with which a test compares the types
of static/js/types.js.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

Probability = Annotated[float, {"minimum": 0, "maximum": 1}]

DetectorName = Literal["haar", "blazeface"]
"""A face detector: OpenCV's Haar cascades, or the network BlazeFace."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the upright image: (x, y) is its top left corner, unmirrored. It may
    reach beyond the image."""

    x: float
    y: float
    width: Annotated[float, {"exclusiveMinimum": 0}]
    height: Annotated[float, {"exclusiveMinimum": 0}]

    def scaled(self, across: float, down: float) -> Box:
        """The same box in an image that is `across` times as wide and `down` times as high."""
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
class DetectedFace:
    """A face before it is classified: its box in pixels of the image, and what detected it."""

    box: Box
    detector: DetectorName

    def scaled(self, across: float, down: float) -> DetectedFace:
        """The same face in an image that is `across` times as wide and `down` times as high."""
        return replace(self, box=self.box.scaled(across, down))


@dataclass(frozen=True, slots=True)
class Face:
    """One recognised face: where the detector found it and what the classifier says of it."""

    id: Annotated[
        int, {"minimum": 0, "description": "Number of the face in its photo, the largest is 0."}
    ]
    box: Box
    detector: Annotated[
        DetectorName,
        {"description": "What detected it: OpenCV's Haar cascades or the network BlazeFace."},
    ]
    label: Annotated[str, {"description": "The label with the highest score."}]
    score: Annotated[Probability, {"description": "Calibrated probability of that label."}]
    scores: Annotated[
        dict[str, Probability],
        {"description": "Label -> calibrated probability, in the contract's order; sums to 1."},
    ]
    unsure: Annotated[
        bool, {"description": "Whether `score` is below `unsure_below` of the contract."}
    ]

    def scaled(self, across: float, down: float) -> Face:
        """The same face in an image that is `across` times as wide and `down` times as high."""
        return replace(self, box=self.box.scaled(across, down))

    def to_json(self) -> dict[str, Any]:
        """The face as JSON; the browser's recognizer makes the same object."""
        return {
            "id": self.id,
            "box": self.box.to_json(),
            "detector": self.detector,
            "label": self.label,
            "score": round(self.score, 6),
            "scores": {label: round(score, 6) for label, score in self.scores.items()},
            "unsure": self.unsure,
        }
