"""Smooth boxes over time, strongly while a head is still and hardly while it moves.

The one-euro filter (Casiez, Roussel & Vogel 2012). Movement is measured in units of the box's side,
and size by its logarithm, so that near and far faces are treated alike. Twin of
static/js/inference/tracking/box-smoothing.js.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..types import Box

MIN_CUTOFF, BETA, DERIVATIVE_CUTOFF = 0.5, 12.0, 3.0
"""Cut-off frequency of a still box, in hertz; what is added to it where the box moves by its own
side in a second, or doubles its size; cut-off frequency of the speed."""


@dataclass(slots=True)
class _State:
    time: float
    values: list[float]
    speeds: list[float]


class BoxSmoother:
    """The smoothed boxes of one video's faces."""

    def __init__(self) -> None:
        self.states: dict[int, _State] = {}

    def update(self, face: int, box: Box, timestamp: float) -> Box:
        """Add the measured box of a face at one time (milliseconds); the smoothed box."""
        centre = box.x + box.width / 2, box.y + box.height / 2
        now = [*centre, math.log2(box.width), math.log2(box.height)]
        state = self.states.get(face)
        if state is None:
            self.states[face] = _State(timestamp, now, [0.0] * 4)
            return box
        seconds = (timestamp - state.time) / 1000
        if seconds > 0:
            side = (box.width + box.height) / 2
            for i, value in enumerate(now):
                unit = side if i < 2 else 1.0
                speed = (value - state.values[i]) / unit / seconds
                state.speeds[i] += _weight(DERIVATIVE_CUTOFF, seconds) * (speed - state.speeds[i])
                cutoff = MIN_CUTOFF + BETA * abs(state.speeds[i])
                state.values[i] += _weight(cutoff, seconds) * (value - state.values[i])
            state.time = timestamp
        x, y, wide, high = state.values
        width, height = 2**wide, 2**high
        return Box(x - width / 2, y - height / 2, width, height)

    def keep(self, faces: set[int]) -> None:
        """Drop the state of all faces but these."""
        self.states = {face: state for face, state in self.states.items() if face in faces}


def _weight(hertz: float, seconds: float) -> float:
    """The weight of a new value after some seconds, in a low-pass filter of a cut-off frequency."""
    return 1 / (1 + 1 / (2 * math.pi * hertz * seconds))
