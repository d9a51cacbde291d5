"""Coarse-to-fine search: find what a cascade finds in a third of its time.

Nearly all of a cascade's time goes into windows that its first stages reject, so the number of
windows decides the time.

The coarse pass tries few windows. It works on an image pyramid, so that windows of every size are a
tenth of their side apart (OpenCV itself halves that step for windows from twice the smallest size
on), and tries few sizes in each level. Such a window fits a face only roughly, and the cascade's
last stages would reject it; so the coarse pass leaves these stages out. Its windows are grouped to
candidates.

The fine pass tries, with all stages, every window around each candidate. A candidate's size is only
roughly known, and the fine pass's box is up to a tenth too large or too small; so each detection is
refined by one more pass around it alone. The total work is bounded by the image's pixels and the
number of candidates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..types import Box
from .boxes import overlap
from .cascade import WINDOW, Cascade, Detection, image_pyramid

COARSE_FACTORS = (1.4, 1.25, 1.18)
"""The ratio of one window size to the next in the coarse pass: in the image, in its half, and in
the smaller levels, where windows are few and where large faces are found, which the first stages
know less well."""

COARSE_SMALLEST, COARSE_LARGEST = WINDOW + 1, 2 * WINDOW - 1
"""Sides of the windows in each level but the last; the next level has the larger ones."""

MAX_WINDOWS, MAX_CANDIDATES = 1500, 48
"""How many windows of the coarse pass are kept, the strongest ones, and into how many candidates
they are grouped at most."""

GROUP_DISTANCE, GROUP_RATIO = 0.4, 1.4
"""Windows belong to one candidate if their centres are within this part of the strongest one's side
and their sides differ by at most this factor."""

FINE_SIDE = 40
"""The fine pass works on the smallest level in which the smallest window has at least this side:
from there on OpenCV tries windows at each pixel of the reduced image."""

FINE_MARGIN, FINE_SMALLEST, FINE_LARGEST = 0.3, 0.7, 1.45
"""The fine pass: the margin around the candidate (part of its largest side), and the sides of the
windows (parts of its smallest and its largest side)."""

REFINE_MARGIN, REFINE_SMALLEST, REFINE_LARGEST = 0.35, 0.6, 1.7
"""The same for the refining pass, as parts of the detection's side."""

SAME_DETECTION = 0.3
"""Of detections that overlap by this (IoU) the strongest is kept."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where a face may be: the frame around some windows, and their smallest and largest side."""

    left: float
    top: float
    right: float
    bottom: float
    smallest: float
    largest: float


class CoarseToFineCascade:
    """One of OpenCV's cascades, applied coarse to fine. Thread-safe.

    Args:
        name: the cascade's file is haarcascade_<name>.xml.
        stages: how many of its stages the coarse pass uses.
    """

    def __init__(self, name: str, stages: int) -> None:
        self.coarse = Cascade(name, stages)
        self.full = Cascade(name)

    def detect(
        self,
        grey: np.ndarray,
        smallest: int,
        factor: float,
        neighbours: int,
        min_weight: float = -math.inf,
    ) -> list[Detection]:
        """What the cascade accepts as faces, of at least `min_weight`, strongest first.

        Args:
            grey, smallest, factor, neighbours: as of `Cascade.detect`.
            min_weight: the least weight of a detection before it is refined.
        """
        levels = image_pyramid(grey)
        detections = []
        for candidate in group_windows(self._coarse_pass(levels, smallest)):
            detections += self._fine_pass(levels, candidate, factor, neighbours)
        kept: list[Detection] = []
        for box, weight in sorted(detections, key=lambda one: (-one[1], one[0].y, one[0].x)):
            if weight < min_weight:
                break
            if all(overlap(box, other) < SAME_DETECTION for other, _ in kept):
                kept.append((box, weight))
        return [self._refined(levels, detection, factor, neighbours) for detection in kept]

    def _coarse_pass(self, levels: list[np.ndarray], smallest: int) -> np.ndarray:
        """(n, 4): windows as of `Cascade.windows`, in pixels of the first of `levels`."""
        found = [np.empty((0, 4))]
        for level, grey in enumerate(levels):
            least = max(COARSE_SMALLEST, round(smallest / 2**level))
            largest = COARSE_LARGEST if level + 1 < len(levels) else max(grey.shape)
            if least <= largest:
                factor = COARSE_FACTORS[min(level, len(COARSE_FACTORS) - 1)]
                windows = self.coarse.windows(grey, least, largest, factor)
                # Where a side has an odd number of pixels, the level is not exactly half as large.
                across, down = _ratio(levels, level)
                windows[:, :3] *= (across, down, 2**level)
                found.append(windows)
        return np.concatenate(found)

    def _fine_pass(
        self, levels: list[np.ndarray], candidate: Candidate, factor: float, neighbours: int
    ) -> list[Detection]:
        """Detections around a candidate, in pixels of the first of `levels`."""
        margin = FINE_MARGIN * candidate.largest
        sides = FINE_SMALLEST * candidate.smallest, FINE_LARGEST * candidate.largest
        level = _level(levels, candidate.smallest)
        return self._detect_in(levels, level, candidate, margin, sides, factor, neighbours)

    def _refined(
        self, levels: list[np.ndarray], detection: Detection, factor: float, neighbours: int
    ) -> Detection:
        """The detection as the refining pass finds it; unchanged where it finds nothing."""
        box, weight = detection
        side = box.width
        candidate = Candidate(box.x, box.y, box.x + side, box.y + side, side, side)
        sides = REFINE_SMALLEST * side, REFINE_LARGEST * side
        level, margin = _level(levels, sides[0]), REFINE_MARGIN * side
        found = self._detect_in(levels, level, candidate, margin, sides, factor, neighbours)
        same = [other for other in found if overlap(other[0], box) > SAME_DETECTION]
        if not same:
            return detection
        refined, own_weight = max(same, key=lambda other: other[1])
        return refined, max(weight, own_weight)

    def _detect_in(
        self,
        levels: list[np.ndarray],
        level: int,
        candidate: Candidate,
        margin: float,
        sides: tuple[float, float],
        factor: float,
        neighbours: int,
    ) -> list[Detection]:
        """The full cascade's detections with `sides`, within `margin` around a candidate, in one of
        `levels`; all in pixels of the first level."""
        across, down = _ratio(levels, level)
        left = max(0, int((candidate.left - margin) / across))
        top = max(0, int((candidate.top - margin) / down))
        right, bottom = (candidate.right + margin) / across, (candidate.bottom + margin) / down
        part = levels[level][top : int(bottom) + 1, left : int(right) + 1]
        smallest, largest = max(WINDOW, round(sides[0] / 2**level)), round(sides[1] / 2**level)
        return [
            (Box(box.x + left, box.y + top, box.width, box.height).scaled(across, down), weight)
            for box, weight in self.full.detect(part, smallest, factor, neighbours, largest)
        ]


def _level(levels: list[np.ndarray], smallest: float) -> int:
    """The smallest of `levels` in which `smallest` pixels are at least `FINE_SIDE`."""
    level = 0
    while level + 1 < len(levels) and smallest / 2 ** (level + 1) >= FINE_SIDE:
        level += 1
    return level


def _ratio(levels: list[np.ndarray], level: int) -> tuple[float, float]:
    """How many times as wide and as high the first of `levels` is."""
    (height, width), (own_height, own_width) = levels[0].shape, levels[level].shape
    return width / own_width, height / own_height


def group_windows(windows: np.ndarray) -> list[Candidate]:
    """Group `windows`, (n, 4) as of `Cascade.windows`, to at most `MAX_CANDIDATES` candidates."""
    x, y, side, weight = windows.T
    # Sorted by position too, so that the order of equally strong windows is always the same.
    rest = windows[np.lexsort((side, x, y, -weight))[:MAX_WINDOWS]]
    found: list[Candidate] = []
    while len(rest) and len(found) < MAX_CANDIDATES:
        centres, strongest = rest[:, :2] + rest[:, 2:3] / 2, rest[0, 2]
        near = np.abs(centres - centres[0]).max(axis=1) <= GROUP_DISTANCE * strongest
        near &= np.abs(np.log(rest[:, 2] / strongest)) <= np.log(GROUP_RATIO) + 1e-6
        group = rest[near]
        corners = group[:, :2].min(axis=0), (group[:, :2] + group[:, 2:3]).max(axis=0)
        numbers = *corners[0], *corners[1], group[:, 2].min(), group[:, 2].max()
        found.append(Candidate(*map(float, numbers)))
        rest = rest[~near]
    return found
