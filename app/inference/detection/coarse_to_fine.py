"""A cascade's finds in a third of its time: a glance at the whole picture, and a close look where
the glance sees something.

Nearly all of a cascade's time goes into windows that its first stages reject, so what counts is how
many windows there are. The glance tries few: it sees copies of the picture, each half as large as
the one before, so that windows of every size are a tenth of their side apart (in one picture OpenCV
halves that for windows from twice the smallest on), and few sizes in each. To miss little
nevertheless, it leaves out the cascade's last stages. The close look tries, with all stages, every
window about each place. A place knows its face's size only roughly, and the box comes out a tenth
too large or too small; so each find is settled by one more look, at it alone. What all looks do is
bounded by the picture's pixels and a number of places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..types import Box
from .boxes import overlap
from .cascade import WINDOW, Cascade, Find, halvings

GLANCE_FACTORS = (1.4, 1.25, 1.18)
"""From one size to the next in the picture, in its half and in the smaller ones, where windows are
few and large faces, which the first stages know less well, are looked for."""

GLANCE_SMALLEST, GLANCE_LARGEST = WINDOW + 1, 2 * WINDOW - 1
"""Sides of the windows in each copy but the last; the next copy has the larger ones."""

MOST_WINDOWS, MOST_PLACES = 1500, 48
"""The strongest so many windows of a glance are seen, and looked at in so many places."""

PLACE_NEAR, PLACE_RATIO = 0.4, 1.4
"""Windows are of one place when their centres are not further apart than this part of the side of
the strongest of them, and their sides differ by no more than this factor."""

CLOSE_SIDE = 40
"""The close looks see the smallest copy in which the smallest window has such a side: from there on
OpenCV tries windows at each pixel of the reduced picture."""

CLOSE_MARGIN, CLOSE_SMALLEST, CLOSE_LARGEST = 0.3, 0.7, 1.45
"""What it sees round the windows (part of the largest side), and the sides of those it tries (parts
of the smallest and the largest side)."""

SETTLE_MARGIN, SETTLE_SMALLEST, SETTLE_LARGEST = 0.35, 0.6, 1.7
"""The same for the look that settles a find, in parts of the find's side."""

SAME_FIND = 0.3
"""Of finds that overlap by this (IoU) the strongest stays."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where there may be a face: the frame round some windows, and their least and largest side."""

    left: float
    top: float
    right: float
    bottom: float
    smallest: float
    largest: float


class FaceSearch:
    """One of OpenCV's cascades. Safe to share by threads.

    Args:
        name: its file is haarcascade_<name>.xml.
        stages: how many of its stages the glance has.
    """

    def __init__(self, name: str, stages: int) -> None:
        self.shortened = Cascade(name, stages)
        self.whole = Cascade(name)

    def find(
        self,
        grey: np.ndarray,
        smallest: int,
        factor: float,
        neighbours: int,
        least_weight: float = -math.inf,
    ) -> list[Find]:
        """What the cascade takes for faces with that weight at least, the surest first; as
        `Cascade.find`."""
        levels = halvings(grey)
        finds = []
        for place in places(self._glance(levels, smallest)):
            finds += self._look_closely(levels, place, factor, neighbours)
        kept: list[Find] = []
        for box, weight in sorted(finds, key=lambda find: (-find[1], find[0].y, find[0].x)):
            if weight < least_weight:
                break
            if all(overlap(box, other) < SAME_FIND for other, _ in kept):
                kept.append((box, weight))
        return [self._settled(levels, find, factor, neighbours) for find in kept]

    def _glance(self, levels: list[np.ndarray], smallest: int) -> np.ndarray:
        """(n, 4): windows as of `Cascade.windows`, in pixels of the first of `levels`."""
        found = [np.empty((0, 4))]
        for level, grey in enumerate(levels):
            least = max(GLANCE_SMALLEST, round(smallest / 2**level))
            largest = GLANCE_LARGEST if level + 1 < len(levels) else max(grey.shape)
            if least <= largest:
                factor = GLANCE_FACTORS[min(level, len(GLANCE_FACTORS) - 1)]
                windows = self.shortened.windows(grey, least, largest, factor)
                # Where a side has an odd number of pixels the copy is not exactly half of it.
                across, down = _ratio(levels, level)
                windows[:, :3] *= (across, down, 2**level)
                found.append(windows)
        return np.concatenate(found)

    def _look_closely(
        self, levels: list[np.ndarray], place: Place, factor: float, neighbours: int
    ) -> list[Find]:
        """The cascade's finds at and about a place, in pixels of the first of `levels`."""
        margin = CLOSE_MARGIN * place.largest
        smallest, largest = CLOSE_SMALLEST * place.smallest, CLOSE_LARGEST * place.largest
        level = _level(levels, place.smallest)
        return self._look(levels, level, place, margin, (smallest, largest), factor, neighbours)

    def _settled(
        self, levels: list[np.ndarray], find: Find, factor: float, neighbours: int
    ) -> Find:
        """The find where a look at it alone sees it; as it is where that sees nothing."""
        box, weight = find
        side = box.width
        place = Place(box.x, box.y, box.x + side, box.y + side, side, side)
        sides = SETTLE_SMALLEST * side, SETTLE_LARGEST * side
        level, margin = _level(levels, sides[0]), SETTLE_MARGIN * side
        seen = self._look(levels, level, place, margin, sides, factor, neighbours)
        same = [other for other in seen if overlap(other[0], box) > SAME_FIND]
        if not same:
            return find
        settled, own = max(same, key=lambda other: other[1])
        return settled, max(weight, own)

    def _look(
        self,
        levels: list[np.ndarray],
        level: int,
        place: Place,
        margin: float,
        sides: tuple[float, float],
        factor: float,
        neighbours: int,
    ) -> list[Find]:
        """The whole cascade's finds of `sides` in a place and `margin` round it, seen in one of
        `levels`; all in pixels of the first."""
        across, down = _ratio(levels, level)
        left = max(0, int((place.left - margin) / across))
        top = max(0, int((place.top - margin) / down))
        right, bottom = (place.right + margin) / across, (place.bottom + margin) / down
        part = levels[level][top : int(bottom) + 1, left : int(right) + 1]
        smallest, largest = max(WINDOW, round(sides[0] / 2**level)), round(sides[1] / 2**level)
        return [
            (Box(box.x + left, box.y + top, box.width, box.height).scaled(across, down), weight)
            for box, weight in self.whole.find(part, smallest, factor, neighbours, largest)
        ]


def _level(levels: list[np.ndarray], smallest: float) -> int:
    """Which of `levels` is the smallest where `smallest` pixels are `CLOSE_SIDE` at least."""
    level = 0
    while level + 1 < len(levels) and smallest / 2 ** (level + 1) >= CLOSE_SIDE:
        level += 1
    return level


def _ratio(levels: list[np.ndarray], level: int) -> tuple[float, float]:
    """How many times as wide and as high the first of `levels` is."""
    (height, width), (own_height, own_width) = levels[0].shape, levels[level].shape
    return width / own_width, height / own_height


def places(windows: np.ndarray) -> list[Place]:
    """Where `windows`, (n, 4) as of `Cascade.windows`, are; at most `MOST_PLACES`."""
    x, y, side, weight = windows.T
    # By place too, so that of equally strong ones it is always the same that come first.
    left = windows[np.lexsort((side, x, y, -weight))[:MOST_WINDOWS]]
    found: list[Place] = []
    while len(left) and len(found) < MOST_PLACES:
        middles, strongest = left[:, :2] + left[:, 2:3] / 2, left[0, 2]
        near = np.abs(middles - middles[0]).max(axis=1) <= PLACE_NEAR * strongest
        near &= np.abs(np.log(left[:, 2] / strongest)) <= np.log(PLACE_RATIO) + 1e-6
        own = left[near]
        corners = own[:, :2].min(axis=0), (own[:, :2] + own[:, 2:3]).max(axis=0)
        numbers = *corners[0], *corners[1], own[:, 2].min(), own[:, 2].max()
        found.append(Place(*map(float, numbers)))
        left = left[~near]
    return found
