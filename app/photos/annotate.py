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

from ..inference.types import Box, Face

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
Corners = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the drawing."""

KINDS = {"png": "image/png", "jpeg": "image/jpeg"}
ANNOTATED = ("true", *KINDS, "false")
"""What the API's field `annotated` may be."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """One face's drawing: where its box and its caption lie, in pixels of the drawing."""

    box: Corners
    chip: Corners
    caption: str
    unsure: bool


def caption(face: Face, number: int | None) -> str:
    """What stands beside a face, e.g. "2 happy 93%" or "2 perhaps sad 38%"."""
    said = f"{'perhaps ' if face.unsure else ''}{face.label} {face.score * 100:.0f}%"
    return said if number is None else f"{number} {said}"


def annotated(
    image: np.ndarray,
    faces: Sequence[Face],
    shortest: int = SHORTEST_SIDE,
    longest: int = LONGEST_SIDE,
) -> Image.Image:
    """The photo with `faces` drawn into it.

    Args:
        image: (H, W, 3) uint8, RGB, upright; it is not changed.
        faces: their boxes in its pixels.
        shortest, longest: how many pixels the drawing's longer side has at least and at most.

    Returns:
        An RGB picture, without metadata.
    """
    height, width = image.shape[:2]
    wanted = min(max(width, height, shortest), longest)
    scale = wanted / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    picture = Image.fromarray(image)
    picture = picture.copy() if size == (width, height) else picture.resize(size, _filter(scale))
    font = ImageFont.load_default(_text_size(picture.size, faces, scale))
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
        # Level 6, which is usual, takes four times as long and saves a fifth of the bytes.
        picture.save(file, "PNG", compress_level=1)
    else:
        picture.save(file, "JPEG", quality=88)
    return file.getvalue()


def _filter(scale: float) -> Image.Resampling:
    return Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX


def _text_size(size: tuple[int, int], faces: Sequence[Face], scale: float) -> int:
    """Pixels of the captions: as the faces are large, but to be read in the whole picture and
    not to fill it."""
    widths = sorted(face.box.width * scale for face in faces)
    wanted = widths[len(widths) // 2] / 5.5 if widths else 0
    least, most = max(size) / 75, min(max(size) / 22, min(size) / 16)
    return max(SMALLEST_TEXT, round(min(max(wanted, least), most)))


def _marks(
    faces: Sequence[Face],
    scale: float,
    size: tuple[int, int],
    font: ImageFont.FreeTypeFont,
) -> list[_Mark]:
    """Each face's drawing; captions keep clear of each other where there is room."""
    marks: list[_Mark] = []
    boxes = [_corners(face.box, scale) for face in faces]
    for number, (face, box) in enumerate(zip(faces, boxes, strict=True), start=1):
        said = caption(face, number if len(faces) > 1 else None)
        chip = (font.getlength(said) + font.size, round(font.size * 1.65))
        places = _chip_places(box, chip, size, gap=font.size * 0.35)
        covers = [_covers(place, [mark.chip for mark in marks], boxes) for place in places]
        marks.append(_Mark(box, places[covers.index(min(covers))], said, face.unsure))
    return marks


def _corners(box: Box, scale: float) -> Corners:
    left, top = box.x * scale, box.y * scale
    return (left, top, left + box.width * scale, top + box.height * scale)


def _chip_places(
    box: Corners,
    chip: tuple[float, float],
    size: tuple[int, int],
    gap: float,
) -> list[Corners]:
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


def _covers(place: Corners, chips: Sequence[Corners], boxes: Sequence[Corners]) -> tuple[int, int]:
    """How many captions and how many boxes a caption there would lie over."""
    return sum(_meet(place, chip) for chip in chips), sum(_meet(place, box) for box in boxes)


def _meet(one: Corners, other: Corners) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _draw_box(picture: Image.Image, mark: _Mark, unit: int) -> None:
    """A rounded frame, dashed for a face the model is unsure of."""
    left, top, _, _ = mark.box
    radius = unit * 5
    edge = _frame_mask(mark, unit * 4, radius, margin=unit * 4)
    line = _frame_mask(mark, unit * 2, radius, margin=unit * 4)
    if mark.unsure:
        dashes = _dashes(line.size, unit * 4, unit * 8)
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


def _dashes(size: tuple[int, int], margin: int, length: int) -> Image.Image:
    """A mask that leaves of a frame its corners and dashes of about `length` between them."""

    def on(pixels: int) -> np.ndarray:
        side = max(1, pixels - 2 * margin)
        number = 2 * max(1, round(side / length / 2)) + 1
        at = (np.arange(pixels) - margin) * number // side
        return np.clip(at, 0, number - 1) % 2 == 0

    x, y = np.arange(size[0])[None, :], np.arange(size[1])[:, None]
    along_x = np.minimum(y, size[1] - 1 - y) < np.minimum(x, size[0] - 1 - x)
    mask = np.where(along_x, on(size[0])[None, :], on(size[1])[:, None])
    return Image.fromarray((mask * 255).astype(np.uint8))


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
