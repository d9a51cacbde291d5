"""Draws faces into a photo: a box round each, its expression and score beside it.

The look is that of the photo page: boxes white with a dark edge, dashed where the model is unsure,
captions on the site's one accent colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .inference.types import Box, Face

ACCENT = (11, 107, 92)
ON_ACCENT = (255, 255, 255)
LINE = (255, 255, 255)
EDGE = (13, 15, 16)
EDGE_OPACITY = 0.55

LONGEST_SIDE = 4096
SHORTEST_SIDE = 512
"""Pixels of the picture's longer side: it is reduced or enlarged to lie between these, so that
the captions can be read."""

SMALLEST_TEXT = 15
KINDS = {"png": "image/png", "jpeg": "image/jpeg"}
ANNOTATED = ("true", *KINDS, "false")
"""What the API's field `annotated` may be."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """One face's drawing: where its box and its caption lie, in pixels of the drawing."""

    box: tuple[float, float, float, float]
    chip: tuple[float, float, float, float]
    caption: str
    unsure: bool


def caption(face: Face, number: int | None) -> str:
    """What stands beside a face, e.g. "2 happy 93%" or "2 perhaps sad 38%"."""
    said = f"{'perhaps ' if face.unsure else ''}{face.label} {face.score * 100:.0f}%"
    return said if number is None else f"{number} {said}"


def annotated(image: np.ndarray, faces: Sequence[Face], longest: int = LONGEST_SIDE) -> Image.Image:
    """The photo with `faces` drawn into it.

    Args:
        image: (H, W, 3) uint8, RGB, upright; it is not changed.
        faces: their boxes in its pixels.
        longest: the most pixels the drawing's longer side may have.

    Returns:
        An RGB picture, without metadata.
    """
    height, width = image.shape[:2]
    wanted = min(max(width, height, SHORTEST_SIDE), longest)
    scale = wanted / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    picture = Image.fromarray(image)
    picture = picture.copy() if size == (width, height) else picture.resize(size, _filter(scale))
    font = ImageFont.load_default(_text_size(picture.size))
    assert isinstance(font, ImageFont.FreeTypeFont)
    unit = max(1, round(font.size / 11))
    marks = _marks(faces, scale, picture.size, font)
    for mark in marks:
        _draw_box(picture, mark, unit)
    # All captions lie over all boxes.
    for mark in marks:
        _draw_chip(picture, mark, font, unit)
    return picture


def encode(picture: Image.Image, kind: str) -> bytes:
    """A file of the picture, "png" or "jpeg"."""
    file = BytesIO()
    if kind == "png":
        # The higher levels take several times as long and save a twentieth of the bytes.
        picture.save(file, "PNG", compress_level=3)
    else:
        picture.save(file, "JPEG", quality=88)
    return file.getvalue()


def _filter(scale: float) -> Image.Resampling:
    return Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX


def _text_size(size: tuple[int, int]) -> int:
    return max(SMALLEST_TEXT, round(min(max(size) / 40, min(size) / 18)))


def _marks(
    faces: Sequence[Face],
    scale: float,
    size: tuple[int, int],
    font: ImageFont.FreeTypeFont,
) -> list[_Mark]:
    """Each face's drawing; captions keep clear of each other where there is room."""
    marks: list[_Mark] = []
    for number, face in enumerate(faces, start=1):
        box = _corners(face.box, scale)
        said = caption(face, number if len(faces) > 1 else None)
        chip = (font.getlength(said) + font.size, round(font.size * 1.65))
        places = _chip_places(box, chip, size, gap=font.size * 0.35)
        taken = [mark.chip for mark in marks]
        place = next((p for p in places if not any(_meet(p, t) for t in taken)), places[0])
        marks.append(_Mark(box, place, said, face.unsure))
    return marks


def _corners(box: Box, scale: float) -> tuple[float, float, float, float]:
    left, top = box.x * scale, box.y * scale
    return (left, top, left + box.width * scale, top + box.height * scale)


def _chip_places(
    box: tuple[float, float, float, float],
    chip: tuple[float, float],
    size: tuple[int, int],
    gap: float,
) -> list[tuple[float, float, float, float]]:
    """Where a caption may stand, best first: above the box, below it, within it; moved into the
    picture where it would stick out."""
    width, height = chip
    left, top, right, bottom = box
    places = []
    for y in (top - gap - height, bottom + gap, top + gap, bottom - gap - height):
        for x in (left, right - width):
            x = max(0.0, min(x, size[0] - width))
            if 0 <= y <= size[1] - height:
                places.append((x, y, x + width, y + height))
    return places or [(0.0, 0.0, width, height)]


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _draw_box(picture: Image.Image, mark: _Mark, unit: int) -> None:
    """A rounded frame, dashed for a face the model is unsure of."""
    left, top, _, _ = mark.box
    radius = unit * 5
    edge = _frame_mask(mark, unit * 4, radius, margin=unit * 4)
    line = _frame_mask(mark, unit * 2, radius, margin=unit * 4)
    if mark.unsure:
        dashes = _dashes(line.size, unit * 9)
        edge, line = (Image.composite(mask, _empty(mask), dashes) for mask in (edge, line))
    at = (round(left) - unit * 4, round(top) - unit * 4)
    picture.paste(EDGE, at, edge.point(lambda value: round(value * EDGE_OPACITY)))
    picture.paste(LINE, at, line)


def _frame_mask(mark: _Mark, width: int, radius: int, margin: int) -> Image.Image:
    """A rounded frame with smooth edges, as a mask that has `margin` about the box."""
    left, top, right, bottom = mark.box
    size = (round(right - left) + 2 * margin, round(bottom - top) + 2 * margin)
    # Drawn larger and reduced, since Pillow draws without smoothing; large frames less so.
    fine = max(1, min(4, 4000 // max(size)))
    mask = Image.new("L", (size[0] * fine, size[1] * fine))
    out = margin - width / 2
    ImageDraw.Draw(mask).rounded_rectangle(
        (out * fine, out * fine, (size[0] - out) * fine - 1, (size[1] - out) * fine - 1),
        radius=(radius + width / 2) * fine,
        outline=255,
        width=width * fine,
    )
    return mask.resize(size, Image.Resampling.BOX)


def _dashes(size: tuple[int, int], length: int) -> Image.Image:
    """A mask of slanting stripes: what it leaves of a frame is dashed."""
    y, x = np.ogrid[: size[1], : size[0]]
    return Image.fromarray((((x + y) // length % 2 == 0) * 255).astype(np.uint8))


def _empty(mask: Image.Image) -> Image.Image:
    return Image.new("L", mask.size)


def _draw_chip(picture: Image.Image, mark: _Mark, font: ImageFont.FreeTypeFont, unit: int) -> None:
    left, top, right, bottom = (round(edge) for edge in mark.chip)
    fine = 4
    shape = Image.new("L", ((right - left) * fine, (bottom - top) * fine))
    ImageDraw.Draw(shape).rounded_rectangle(
        (0, 0, shape.width - 1, shape.height - 1), radius=unit * 4 * fine, fill=255
    )
    shape = shape.resize((right - left, bottom - top), Image.Resampling.BOX)
    picture.paste(ACCENT, (left, top), shape)
    ImageDraw.Draw(picture).text(
        ((left + right) / 2, (top + bottom) / 2),
        mark.caption,
        font=font,
        fill=ON_ACCENT,
        anchor="mm",
        stroke_width=font.size / 45,
        stroke_fill=ON_ACCENT,
    )
