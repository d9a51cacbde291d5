"""Overlap of boxes, and merging of overlapping ones."""

from __future__ import annotations

from collections.abc import Sequence

from ..types import Box

SAME_FACE = 0.5
"""A box is dropped when more than this part of its area lies in a larger one."""


def merge(boxes: Sequence[Box]) -> list[Box]:
    """`boxes`, largest first, without those that lie mostly (`SAME_FACE`) in a larger one."""
    kept: list[Box] = []
    # Boxes of equal area are ordered by position, so that faces always get the same numbers.
    for box in sorted(boxes, key=lambda box: (-_area(box), box.y, box.x)):
        if all(intersection(box, larger) <= SAME_FACE * _area(box) for larger in kept):
            kept.append(box)
    return kept


def overlap(a: Box, b: Box) -> float:
    """Intersection over union, 0..1."""
    shared = intersection(a, b)
    return shared / (_area(a) + _area(b) - shared)


def _area(box: Box) -> float:
    return box.width * box.height


def intersection(a: Box, b: Box) -> float:
    """The area that lies in both boxes."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return max(0.0, width) * max(0.0, height)
