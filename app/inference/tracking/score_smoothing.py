"""Smooth the scores of faces over time, so that a single frame does not change a label.

Exponential smoothing by time, not by frames: after a gap of t the new scores have the weight
1 - exp(-t / TIME_CONSTANT_MS). Twin of static/js/inference/tracking/score-smoothing.js.
"""

from __future__ import annotations

import math

import numpy as np

TIME_CONSTANT_MS = 200
"""A change of expression shows to 63 % after this long, to 95 % after three times as long."""


class ScoreSmoother:
    """The smoothed scores of one video's faces."""

    def __init__(self) -> None:
        self.states: dict[int, tuple[np.ndarray, float]] = {}

    def update(self, face: int, scores: np.ndarray, timestamp: float) -> np.ndarray:
        """Add the scores of a face at one time.

        Args:
            face: its id.
            scores: (labels,) probabilities.
            timestamp: in milliseconds.

        Returns:
            (labels,) float64, smoothed probabilities whose sum is that of `scores`.
        """
        state = self.states.get(face)
        smoothed = np.asarray(scores, np.float64)
        if state is not None:
            before, time = state
            weight = 1 - math.exp(-max(0.0, timestamp - time) / TIME_CONSTANT_MS)
            smoothed = before + weight * (smoothed - before)
        self.states[face] = smoothed, timestamp
        return smoothed

    def keep(self, faces: set[int]) -> None:
        """Drop the state of all faces but these."""
        self.states = {face: state for face, state in self.states.items() if face in faces}
