"""Compute where the box and the caption of each face go, in pixels of the drawn image.

Twin of static/js/ui/overlay-layout.js, by tests/golden/overlay.json. Both take their measures from
static/js/ui/overlay-style.json: line widths, radii and gaps in units (`line_unit`), the caption's
height and padding as multiples of the caption's text size.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Any

from ..inference.types import Box, Face

STYLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "static" / "js" / "ui" / "overlay-style.json").read_text("utf-8")
)


@dataclass(frozen=True, slots=True)
class FaceLayout:
    """The layout of one face: its box and its caption, in pixels of the drawn image."""

    box: Box
    caption_box: Box
    caption: str
    unsure: bool


def caption(face: Face, number: int | None) -> str:
    """The caption of a face, e.g. "2 happy 93%" or "2 perhaps sad 38%"; `number` None: without."""
    # Rounded as JavaScript does: 38.5 becomes 39.
    percent = floor(face.score * 100 + 0.5)
    text = f"{'perhaps ' if face.unsure else ''}{face.label} {percent}%"
    return text if number is None else f"{number} {text}"


def line_unit(size: tuple[int, int]) -> float:
    """The unit of line widths, radii and gaps in an image of `size` (width, height) pixels."""
    unit = STYLE["unit"]
    return max(unit["min"], min(size) / unit["shorter_side_divisor"])


def caption_size(faces: Sequence[Face], size: tuple[int, int], scale: float) -> float:
    """The text size of the captions in pixels: a part of the median face's width, within limits
    that keep it readable and let it fit.

    Args:
        faces: their boxes in pixels of the photo.
        size: width and height of the drawn image.
        scale: how many times as large the drawn image is as the photo.
    """
    limits = STYLE["caption"]["size"]
    widths = sorted(face.box.width * scale for face in faces)
    wanted = widths[len(widths) // 2] / limits["face_width_divisor"] if widths else 0
    least = max(size) / limits["min_longer_side_divisor"]
    most = min(
        max(size) / limits["max_longer_side_divisor"],
        min(size) / limits["max_shorter_side_divisor"],
    )
    return max(limits["min"], min(max(wanted, least), most))


def layout(
    faces: Sequence[Face],
    size: tuple[int, int],
    scale: float,
    text_size: float,
    text_width: Callable[[str], float],
) -> list[FaceLayout]:
    """The layout of each face; captions do not overlap where there is room.

    Args:
        faces, size, scale: as of `caption_size`.
        text_size: the text size of the captions, in pixels.
        text_width: the width of a text of that size, in pixels.
    """
    style = STYLE["caption"]
    gap = style["gap"] * line_unit(size)
    boxes = [face.box.scaled(scale, scale) for face in faces]
    layouts: list[FaceLayout] = []
    for number, (face, box) in enumerate(zip(faces, boxes, strict=True), start=1):
        text = caption(face, number if len(faces) > 1 else None)
        width = text_width(text) + 2 * style["padding"] * text_size
        places = _caption_places(box, (width, style["height"] * text_size), size, gap)
        placed = [other.caption_box for other in layouts]
        best = min(places, key=lambda place: _overlaps(place, placed, boxes))
        layouts.append(FaceLayout(box, best, text, face.unsure))
    return layouts


def _caption_places(
    box: Box, caption: tuple[float, float], size: tuple[int, int], gap: float
) -> list[Box]:
    """Where a caption can go, best first: above the box, below it, inside it; aligned with its left
    or right side and moved into the image."""
    width, height = caption
    bottom = box.y + box.height
    places = []
    for y in (box.y - gap - height, bottom + gap, box.y + gap, bottom - gap - height):
        for left in (box.x, box.x + box.width - width):
            if y >= 0 and y + height <= size[1]:
                places.append(Box(max(0.0, min(left, size[0] - width)), y, width, height))
    return places or [Box(0.0, 0.0, width, height)]


def _overlaps(place: Box, captions: Sequence[Box], boxes: Sequence[Box]) -> tuple[int, int]:
    """How many captions and how many boxes a caption there would overlap."""
    return sum(_meet(place, one) for one in captions), sum(_meet(place, one) for one in boxes)


def _meet(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )
