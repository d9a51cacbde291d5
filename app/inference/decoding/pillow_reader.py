"""Decode an image file with Pillow, or WebP with OpenCV, to an upright RGB image.

Runs in the server and in the sandboxed process (sandbox_child.py), so it imports no other module of
the application.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from io import BytesIO

from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

FORMAT_NAMES = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "WEBP": "WebP",
    "AVIF": "AVIF",
    "HEIF": "HEIC",
    "BMP": "BMP",
    "GIF": "GIF",
    "TIFF": "TIFF",
}
"""The supported formats: Pillow's name -> the usual name."""

if find_spec("pillow_heif") is None:
    # Its wheel contains x265, which is under the GPL, so a deployment may leave it out.
    del FORMAT_NAMES["HEIF"]

STRIP_PIXELS = 1 << 20
"""Pixels that are converted to RGB at a time, so that no second copy of the image is needed."""

_ROTATIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation -> the operation that makes the stored image upright."""

# `read` checks each header against its own limit; Pillow's limit of 179 megapixels would refuse
# images that a larger one allows.
Image.MAX_IMAGE_PIXELS = None


class RefusedError(Exception):
    """The file is refused: `too_large` if it exceeds a limit, otherwise it cannot be decoded."""

    def __init__(self, sentence: str, too_large: bool = False) -> None:
        super().__init__(sentence)
        self.too_large = too_large


def format_list() -> str:
    """The supported formats as text, e.g. "JPEG, PNG or GIF"."""
    *most, last = FORMAT_NAMES.values()
    return ", ".join(most) + " or " + last


def read(
    data: bytes,
    formats: Sequence[str],
    max_pixels: int,
    side: int | None,
    before_decoding: Callable[[int], None] = lambda pixels: None,
) -> tuple[Image.Image, tuple[int, int]]:
    """The first image in `data`, upright by its EXIF orientation, transparent parts over white.

    Args:
        data: the whole file.
        formats: Pillow's names of the formats to try.
        max_pixels: the most pixels, width times height, that may be decoded.
        side: an image whose longer side is at least twice `side` is reduced by an integer factor,
            to a longer side of at least `side`. None: it is not reduced.
        before_decoding: called with the number of pixels that the header states.

    Returns:
        The RGB image, and its width and height before the reduction.

    Raises:
        RefusedError: damaged, of another format, or with too many pixels.
    """
    with _open(data, formats) as image:
        if _name(image) == "AVIF" and image.mode == "RGBA":
            # Transparency is decoded as a second image, which takes half as much memory again.
            max_pixels = max_pixels * 2 // 3
        _check_pixels(image, max_pixels)
        full = image.size
        name = _name(image)
        before_decoding(full[0] * full[1])
        try:
            if side is not None:
                shrink = _shrink(image.size, side)
                # JPEG's decoder can decode to a reduced size directly.
                if shrink > 1 and name == "JPEG":
                    image.draft(None, (-(-full[0] // shrink), -(-full[1] // shrink)))
            if name == "WebP":
                rgb = _webp(data, 1 if side is None else _shrink(full, side))
                rgb = _to_srgb(rgb, image.info.get("icc_profile"))
                orientation = _orientation(image)
                return _upright(rgb, orientation, full)
            image.load()
            drafted = name == "JPEG" and image.size != full
            if not drafted and image.size != full:
                _check_pixels(image, max_pixels)
                full = image.size
            # Read after load(): a PNG may have its EXIF data after its pixels, and of a TIFF Pillow
            # rotates the pixels itself and drops the tag.
            orientation = _orientation(image)
            rgb = _rgb(image, 1 if side is None else _shrink(image.size, side))
            rgb = _to_srgb(rgb, image.info.get("icc_profile"))
            return _upright(rgb, orientation, full)
        except (RefusedError, MemoryError):
            raise
        except Exception as error:
            # For damaged files Pillow's readers raise a dozen kinds of exceptions: OSError,
            # SyntaxError, struct.error, IndexError, ...; all mean the same to the client.
            raise RefusedError(
                f"The {name} picture is damaged or ends too early; expected a complete file."
            ) from error


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation; 1 where the EXIF data are damaged, as browsers do."""
    try:
        found = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:
        # Pillow raises a dozen kinds of exceptions for them.
        return 1
    return found if isinstance(found, int) else 1


def _to_srgb(rgb: Image.Image, profile: bytes | None) -> Image.Image:
    """`rgb` converted from the colours of an ICC profile; unchanged without a usable one."""
    if not profile:
        return rgb
    try:
        source = ImageCms.getOpenProfile(BytesIO(profile))
        if source.profile.xcolor_space.strip() != "RGB":
            return rgb
        converted = ImageCms.profileToProfile(rgb, source, ImageCms.createProfile("sRGB"))
    except Exception:
        return rgb
    return converted or rgb


def _open(data: bytes, formats: Sequence[str]) -> Image.Image:
    try:
        return Image.open(BytesIO(data), formats=list(formats))
    except MemoryError:
        raise
    except UnidentifiedImageError:
        # The first bytes are those of the format, so the rest is damaged.
        name = " or ".join(FORMAT_NAMES[kind] for kind in formats)
        raise RefusedError(
            f"The file begins like {name} but is damaged or ends too early; "
            f"expected a complete {format_list()} file."
        ) from None
    except Exception as error:
        raise RefusedError(
            f"The picture's header is damaged; expected a complete {format_list()} file."
        ) from error


def _name(image: Image.Image) -> str:
    # A phone's JPEG that holds a second image has the format MPO in Pillow.
    return FORMAT_NAMES.get(image.format or "", "JPEG")


def _check_pixels(image: Image.Image, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels:
        raise RefusedError(
            f"The picture has {width} x {height} pixels, {width * height / 1e6:.1f} "
            f"megapixels; at most {max_pixels / 1e6:.4g} are accepted for such a file.",
            too_large=True,
        )


def _upright(
    rgb: Image.Image, orientation: int, full: tuple[int, int]
) -> tuple[Image.Image, tuple[int, int]]:
    if orientation not in _ROTATIONS:
        return rgb, full
    return rgb.transpose(_ROTATIONS[orientation]), full[::-1] if orientation >= 5 else full


def _shrink(size: tuple[int, int], side: int) -> int:
    return max(1, max(size) // side)


def _rgb(image: Image.Image, shrink: int) -> Image.Image:
    """The image in RGB, each side divided by `shrink` and rounded up."""
    if image.mode == "RGB" and not image.has_transparency_data:
        return image if shrink == 1 else image.reduce(shrink)
    width, height = image.size
    rgb = Image.new("RGB", (-(-width // shrink), -(-height // shrink)))
    rows = max(1, STRIP_PIXELS // width // shrink) * shrink
    for top in range(0, height, rows):
        strip = _strip_rgb(image.crop((0, top, width, min(top + rows, height))))
        rgb.paste(strip if shrink == 1 else strip.reduce(shrink), (0, top // shrink))
    return rgb


def _webp(data: bytes, shrink: int) -> Image.Image:
    """As `_rgb`, but decoded by OpenCV, which needs half of Pillow's memory."""
    import cv2
    import numpy as np

    # OpenCV would log a line for a damaged file; the client is told instead.
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
