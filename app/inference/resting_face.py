"""A person's resting face: what the scores are when the face shows nothing.

Faces differ at rest: one looks sad, another faintly happy. Scores are compared with the person's
own rest, so that a faint smile is seen. Twin of static/js/inference/resting-face.js.

The constants were chosen on half of the 102 people of the Face Research Lab London Set (DeBruine
and Jones 2017), by `python -m training resting-face`; docs/results.md has the figures of the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NEUTRAL = "neutral"
"""The label of a face at rest."""
THRESHOLD = 3.0
"""From this change on, in spreads, a label counts as shown rather than as rest."""
LEAST_SPREAD = 0.25
"""The least spread, in log-odds: a face that was held still varies more later."""
SLOPE = 1.5
"""How fast the probability that a label is shown rises with its change, for each spread."""
LEAST = 1e-5
"""Probabilities are kept this far from 0 and 1, where log-odds mean little."""
_MAD_TO_SD = 1.4826
"""Median absolute deviation to standard deviation, for a normal distribution."""


@dataclass(frozen=True, slots=True)
class RestingFace:
    """The log-odds of each label at rest, in the contract's order.

    Attributes:
        rest: (labels,) their medians.
        spread: (labels,) their robust standard deviations (1.4826 times the median absolute
            deviation), at least `LEAST_SPREAD`.
    """

    rest: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, scores: np.ndarray) -> RestingFace:
        """The resting face that was observed.

        Args:
            scores: (n, labels) calibrated probabilities, 0..1; n at least 1.

        Raises:
            ValueError: there are no scores.
        """
        if len(scores) == 0:
            raise ValueError("There are no scores; a resting face is made of at least one row.")
        odds = log_odds(scores)
        rest = np.median(odds, axis=0)
        spread = _MAD_TO_SD * np.median(np.abs(odds - rest), axis=0)
        return cls(rest, np.maximum(spread, LEAST_SPREAD))

    def change(self, scores: np.ndarray) -> np.ndarray:
        """How far each label is above the person's rest, in spreads; below it is negative.

        Args:
            scores: (..., labels) calibrated probabilities, 0..1.
        """
        return (log_odds(scores) - self.rest) / self.spread

    def adjusted(self, scores: np.ndarray, labels: Sequence[str]) -> np.ndarray:
        """Scores that take the person's rest into account.

        A label other than neutral is shown with the probability 1 / (1 + exp(-SLOPE * (change -
        THRESHOLD))). Neutral gets the probability that none is shown. The rest is divided among
        the others in proportion to their scores and these probabilities.

        Args:
            scores: (..., labels) calibrated probabilities, 0..1.
            labels: of the model's contract, in its order.

        Returns:
            (..., labels) float64, each row sums to 1.

        Raises:
            ValueError: none of the labels is neutral.
        """
        if NEUTRAL not in labels:
            raise ValueError(
                f"The model's labels are {', '.join(labels)}. A resting face needs the label "
                f"{NEUTRAL}."
            )
        neutral = list(labels).index(NEUTRAL)
        shown = 1 / (1 + np.exp(-SLOPE * (self.change(scores) - THRESHOLD)))
        shown[..., neutral] = 0
        at_rest = np.prod(1 - shown, axis=-1, keepdims=True)
        parts = np.clip(scores, LEAST, 1) * shown
        found = (1 - at_rest) * parts / parts.sum(axis=-1, keepdims=True)
        found[..., neutral] = at_rest[..., 0]
        return found


def log_odds(scores: np.ndarray) -> np.ndarray:
    """log(p / (1 - p)) of probabilities, which are first limited to `LEAST` .. 1 - `LEAST`."""
    kept = np.clip(np.asarray(scores, np.float64), LEAST, 1 - LEAST)
    return np.log(kept) - np.log1p(-kept)
