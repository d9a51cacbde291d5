"""Draw faces into a photo: a box around each, its expression and score beside it.

The drawing looks like the photo page's: white boxes with a dark edge, dashed where the model is
unsure, captions on the site's accent colour. Its measures and colours are those of
static/js/ui/overlay-style.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from math import ceil

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from ..inference.types import Box, Face
from .overlay_layout import STYLE, FaceLayout, caption_size, layout, line_unit

SHORTEST_SIDE: int = STYLE["image"]["min_side"]
LONGEST_SIDE: int = STYLE["image"]["max_side"]
"""Limits of the drawn image's longer side, in pixels: the photo is enlarged or reduced to lie
between these, so that the captions are readable."""

KINDS = {"png": "image/png", "jpeg": "image/jpeg"}
"""The kinds of files that `encode` makes, and their media types."""

ANNOTATED = ("true", *KINDS, "false")
"""The values of the API's field `annotated`."""

SPELLINGS = {"1": "true", "yes": "true", "on": "true", "0": "false", "no": "false", "off": "false"}
SPELLINGS |= {"": "false", "jpg": "jpeg"}
"""Other spellings of these values."""

SUPERSAMPLING = 4
"""Shapes are drawn this many times as large and reduced, because Pillow draws without smoothing."""

LARGEST_MASK = 4000
"""The longer side, in pixels, up to which a mask is drawn larger."""


def annotated(
    image: np.ndarray,
    faces: Sequence[Face],
    shortest: int = SHORTEST_SIDE,
    longest: int = LONGEST_SIDE,
) -> Image.Image:
    """The photo with `faces` drawn into it.

    Args:
        image: (H, W, 3) uint8, RGB, upright; it is not changed.
        faces: their boxes in pixels of `image`.
        shortest, longest: limits of the drawn image's longer side, in pixels.

    Returns:
        An RGB image, without metadata.
    """
    height, width = image.shape[:2]
    longer = min(max(width, height, shortest), longest)
    scale = longer / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    drawn = Image.fromarray(image)
    drawn = drawn.copy() if size == (width, height) else drawn.resize(size, _filter(scale))
    font = ImageFont.load_default(caption_size(faces, size, scale))
    assert isinstance(font, ImageFont.FreeTypeFont)
    layouts = layout(faces, size, scale, font.size, font.getlength)
    unit = line_unit(size)
    for one in layouts:
        _draw_box(drawn, one, unit)
    # All captions lie over all boxes.
    for one in layouts:
        _draw_caption(drawn, one, font, unit)
    return drawn


def encode(image: Image.Image, kind: str) -> bytes:
    """A file of the image, of the kind "png" or "jpeg"."""
    file = BytesIO()
    if kind == "png":
        # The usual level 6 takes four times as long and saves a fifth of the bytes.
        image.save(file, "PNG", compress_level=1)
    else:
        image.save(file, "JPEG", quality=88)
    return file.getvalue()


def _color(name: str) -> tuple[int, ...]:
    return ImageColor.getrgb(STYLE["colors"][name])


def _filter(scale: float) -> Image.Resampling:
    return Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX


def _draw_box(image: Image.Image, one: FaceLayout, unit: float) -> None:
    """Draw a rounded frame, dashed for a face that the model is unsure of."""
    style = STYLE["box"]
    margin = ceil(style["halo_width"] * unit / 2) + 1
    radius = style["radius"] * unit
    halo = _frame_mask(one.box, style["halo_width"] * unit, radius, margin)
    line = _frame_mask(one.box, style["line_width"] * unit, radius, margin)
    if one.unsure:
        dashes = _dash_mask(line.size, margin, style["dash"] * unit, style["dash_gap"] * unit)
        empty = Image.new("L", line.size)
        halo, line = (Image.composite(mask, empty, dashes) for mask in (halo, line))
    corner = (round(one.box.x) - margin, round(one.box.y) - margin)
    opacity = STYLE["colors"]["halo_opacity"]
    image.paste(_color("halo"), corner, halo.point(lambda value: round(value * opacity)))
    image.paste(_color("line"), corner, line)


def _frame_mask(box: Box, width: float, radius: float, margin: int) -> Image.Image:
    """A mask of a rounded frame with smooth edges, `margin` pixels larger than the box."""
    left, top, right, bottom = _corners(box)
    size = (right - left + 2 * margin, bottom - top + 2 * margin)
    factor = max(1, min(SUPERSAMPLING, LARGEST_MASK // max(size)))
    mask = Image.new("L", (size[0] * factor, size[1] * factor))
    out = margin - width / 2
    ImageDraw.Draw(mask).rounded_rectangle(
        (out * factor, out * factor, (size[0] - out) * factor - 1, (size[1] - out) * factor - 1),
        radius=(radius + width / 2) * factor,
        outline=255,
        width=max(1, round(width * factor)),
    )
    return mask.resize(size, Image.Resampling.BOX)


def _dash_mask(size: tuple[int, int], margin: int, dash: float, gap: float) -> Image.Image:
    """A mask that keeps the corners of a frame and dashes between them, about `gap` apart."""

    def is_dash(pixels: int) -> np.ndarray:
        side = max(1, pixels - 2 * margin)
        period = max(1.0, side - dash) / max(1, round((side - dash) / (dash + gap)))
        along = np.clip(np.arange(pixels) - margin, 0, side - 1)
        return along % period < dash

    x, y = np.arange(size[0])[None, :], np.arange(size[1])[:, None]
    along_x = np.minimum(y, size[1] - 1 - y) < np.minimum(x, size[0] - 1 - x)
    mask = np.where(along_x, is_dash(size[0])[None, :], is_dash(size[1])[:, None])
    return Image.fromarray((mask * 255).astype(np.uint8))


def _draw_caption(
    image: Image.Image, one: FaceLayout, font: ImageFont.FreeTypeFont, unit: float
) -> None:
    left, top, right, bottom = _corners(one.caption_box)
    factor = SUPERSAMPLING
    mask = Image.new("L", ((right - left) * factor, (bottom - top) * factor))
    radius = STYLE["caption"]["radius"] * unit * factor
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, mask.width - 1, mask.height - 1), radius=radius, fill=255
    )
    mask = mask.resize((right - left, bottom - top), Image.Resampling.BOX)
    image.paste(_color("chip"), (left, top), mask)
    ImageDraw.Draw(image).text(
        ((left + right) / 2, (top + bottom) / 2),
        one.caption,
        font=font,
        fill=_color("text"),
        anchor="mm",
        stroke_width=font.size / 45,
        stroke_fill=_color("text"),
    )


def _corners(box: Box) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of `box` in whole pixels."""
    return round(box.x), round(box.y), round(box.x + box.width), round(box.y + box.height)
