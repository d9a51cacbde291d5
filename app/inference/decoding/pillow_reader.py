"""From a file's bytes to an upright RGB picture, by Pillow and, of WebP, OpenCV.

Runs in the server and in the sandboxed process (sandbox_child.py), so it imports nothing of the
application.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from io import BytesIO

from PIL import ExifTags, Image, UnidentifiedImageError

NAMES = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "WEBP": "WebP",
    "AVIF": "AVIF",
    "HEIF": "HEIC",
    "BMP": "BMP",
    "GIF": "GIF",
    "TIFF": "TIFF",
}
"""Pillow's name of each format that is read, and ours."""

if find_spec("pillow_heif") is None:
    # Its wheel contains x265, under the GPL: who does not want that leaves it out.
    del NAMES["HEIF"]

STRIP_PIXELS = 1 << 20
"""Pixels that are converted to RGB at a time: memory for a whole second copy is never taken."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation -> what makes the stored picture upright."""

# `read` holds every header against its own limit; Pillow's, of 179 megapixels, would only
# get in the way of a larger one.
Image.MAX_IMAGE_PIXELS = None


class RefusedError(Exception):
    """The file is refused; `too_large` where a limit is the reason, else it cannot be read."""

    def __init__(self, sentence: str, too_large: bool = False) -> None:
        super().__init__(sentence)
        self.too_large = too_large


def names() -> str:
    """The formats that are read, in words."""
    *most, last = NAMES.values()
    return ", ".join(most) + " or " + last


def read(
    data: bytes,
    formats: Sequence[str],
    max_pixels: int,
    side: int | None,
    before_decoding: Callable[[int], None] = lambda pixels: None,
) -> tuple[Image.Image, tuple[int, int]]:
    """The first picture in `data`, upright by its orientation, without transparency (over white).

    Args:
        data: the whole file.
        formats: Pillow's names of those to try.
        max_pixels: the most pixels, width times height, that are decoded of such a file.
        side: where the longer side is at least twice this, the picture is reduced by a whole
            number, to a longer side of at least `side`. None: it is not reduced.
        before_decoding: is called with the number of pixels that the header tells.

    Returns:
        The RGB picture, and the width and height it has unreduced.

    Raises:
        RefusedError: damaged, of another format, or with too many pixels.
    """
    with _open(data, formats) as picture:
        if _name(picture) == "AVIF" and picture.mode == "RGBA":
            # It is decoded as a second picture, and takes half as much again.
            max_pixels = max_pixels * 2 // 3
        _check_pixels(picture, max_pixels)
        full = picture.size
        name = _name(picture)
        before_decoding(full[0] * full[1])
        try:
            if side is not None:
                shrink = _shrink(picture.size, side)
                # JPEG's decoder can leave out what a reduced picture does not show.
                if shrink > 1 and name == "JPEG":
                    picture.draft(None, (-(-full[0] // shrink), -(-full[1] // shrink)))
            if name == "WebP":
                rgb = _webp(data, 1 if side is None else _shrink(full, side))
                orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
                return _upright(rgb, orientation, full)
            picture.load()
            drafted = name == "JPEG" and picture.size != full
            if not drafted and picture.size != full:
                _check_pixels(picture, max_pixels)
                full = picture.size
            # Read after load(): a PNG may carry EXIF behind its pixels, and of a TIFF Pillow has
            # turned the pixels already and dropped the tag.
            orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
            rgb = _rgb(picture, 1 if side is None else _shrink(picture.size, side))
            return _upright(rgb, orientation, full)
        except (RefusedError, MemoryError):
            raise
        except Exception as error:
            # Pillow's readers raise a dozen kinds for damaged files: OSError, SyntaxError,
            # struct.error, IndexError, ...; all mean the same to the sender.
            raise RefusedError(
                f"The {name} picture is damaged or ends too early; expected a complete file."
            ) from error


def _open(data: bytes, formats: Sequence[str]) -> Image.Image:
    try:
        return Image.open(BytesIO(data), formats=list(formats))
    except MemoryError:
        raise
    except UnidentifiedImageError:
        # The first bytes were those of the format.
        name = " or ".join(NAMES[kind] for kind in formats)
        raise RefusedError(
            f"The file begins like {name} but is damaged or ends too early; "
            f"expected a complete {names()} file."
        ) from None
    except Exception as error:
        raise RefusedError(
            f"The picture's header is damaged; expected a complete {names()} file."
        ) from error


def _name(picture: Image.Image) -> str:
    # Phones' JPEGs that carry a second picture are MPO to Pillow.
    return NAMES.get(picture.format or "", "JPEG")


def _check_pixels(picture: Image.Image, max_pixels: int) -> None:
    width, height = picture.size
    if width * height > max_pixels:
        raise RefusedError(
            f"The picture has {width} x {height} pixels, {width * height / 1e6:.1f} "
            f"megapixels; at most {max_pixels / 1e6:.4g} are taken of such a file.",
            too_large=True,
        )


def _upright(
    rgb: Image.Image, orientation: int, full: tuple[int, int]
) -> tuple[Image.Image, tuple[int, int]]:
    if orientation not in _TURNS:
        return rgb, full
    return rgb.transpose(_TURNS[orientation]), full[::-1] if orientation >= 5 else full


def _shrink(size: tuple[int, int], side: int) -> int:
    return max(1, max(size) // side)


def _rgb(picture: Image.Image, shrink: int) -> Image.Image:
    """The picture in RGB, each side divided by `shrink` and rounded up."""
    if picture.mode == "RGB" and not picture.has_transparency_data:
        return picture if shrink == 1 else picture.reduce(shrink)
    width, height = picture.size
    rgb = Image.new("RGB", (-(-width // shrink), -(-height // shrink)))
    rows = max(1, STRIP_PIXELS // width // shrink) * shrink
    for top in range(0, height, rows):
        strip = _strip_rgb(picture.crop((0, top, width, min(top + rows, height))))
        rgb.paste(strip if shrink == 1 else strip.reduce(shrink), (0, top // shrink))
    return rgb


def _webp(data: bytes, shrink: int) -> Image.Image:
    """As `_rgb`, decoded by OpenCV, which takes half of the memory that Pillow takes."""
    import cv2
    import numpy as np

    # Of a damaged file it would write lines to the log; the sender is told.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("OpenCV cannot read it")
    height, width, channels = pixels.shape
    order = cv2.COLOR_BGRA2RGBA if channels == 4 else cv2.COLOR_BGR2RGB
    rgb = Image.new("RGB", (-(-width // shrink), -(-height // shrink)))
    rows = max(1, STRIP_PIXELS // width // shrink) * shrink
    for top in range(0, height, rows):
        strip = _strip_rgb(Image.fromarray(cv2.cvtColor(pixels[top : top + rows], order)))
        rgb.paste(strip if shrink == 1 else strip.reduce(shrink), (0, top // shrink))
    return rgb


def _strip_rgb(strip: Image.Image) -> Image.Image:
    if strip.mode.startswith("I;16"):
        # 0..65535 -> 0..255; Pillow's own conversion clips at 255.
        return strip.convert("I").point(lambda deep: deep * (1 / 257) + 0.5).convert("RGB")
    if strip.mode in ("I", "F"):
        raise RefusedError("The picture has 32 bits a pixel and channel; expected 8 or 16 bits.")
    if strip.has_transparency_data:
        layer = strip.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return strip.convert("RGB")
