"""Decoding: pixel formats, orientations, limits, and refused files."""

import io
import struct

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageOps
from skimage import data

from app.inference import images
from app.inference.decoding.pillow_reader import STRIP_PIXELS
from app.inference.errors import ImageDecodeError, ImageTooLargeError
from app.inference.images import FORMATS, IN_PROCESS, ImageLimits

LIMITS = ImageLimits(max_bytes=50_000_000, max_pixels=50_000_000)
ORIENTATION = 0x0112

# Pillow's own, of the damaged tags in damaged files.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


pillow_heif.register_heif_opener()  # to write HEIC files with


def decode(content, limits):
    """The pixels of a picture that is not reduced."""
    return images.decode(content, limits).pixels


def encoded(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


@pytest.fixture(scope="module")
def picture():
    """60 x 40, no symmetry."""
    return Image.fromarray(data.astronaut()[60:100, 170:230])


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_lossless_formats_give_the_very_pixels(picture, kind):
    image = decode(encoded(picture, kind), LIMITS)
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous
    assert np.array_equal(image, np.asarray(picture))


def test_webp_lossless_gives_the_very_pixels(picture):
    assert np.array_equal(
        decode(encoded(picture, "WEBP", lossless=True), LIMITS), np.asarray(picture)
    )


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("GIF", {}),
        ("WEBP", {}),
        ("AVIF", {"quality": 90}),
        ("HEIF", {"quality": 90}),
    ],
)
def test_lossy_formats_give_about_the_pixels(picture, kind, options):
    image = decode(encoded(picture, kind, **options), LIMITS)
    assert image.shape == (40, 60, 3)
    assert np.abs(image.astype(int) - np.asarray(picture)).mean() < 8


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_that_of_a_viewer(picture, kind, orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    file = encoded(picture, kind, exif=exif)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(file))).convert("RGB")
    image = decode(file, LIMITS)
    assert image.flags.c_contiguous
    assert image.shape[:2] == ((60, 40) if orientation >= 5 else (40, 60))
    assert np.array_equal(image, np.asarray(expected))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_there_is_none_of_is_upright(picture, orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    assert decode(encoded(picture, "JPEG", exif=exif), LIMITS).shape == (40, 60, 3)


def test_large_pictures_are_put_together_from_strips():
    height, width = 1501, 1499
    assert height * width > 2 * STRIP_PIXELS
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([x % 251, y % 241, (x + y) % 239], axis=-1).astype(np.uint8)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    file = encoded(Image.fromarray(pixels), "PNG", exif=exif, compress_level=1)
    assert np.array_equal(decode(file, LIMITS), np.rot90(pixels, -1))


def test_transparency_lies_over_white():
    pixels = np.zeros((2, 3, 4), np.uint8)
    pixels[..., 0] = 200
    pixels[:, 0, 3], pixels[:, 1, 3], pixels[:, 2, 3] = 0, 51, 255
    image = decode(encoded(Image.fromarray(pixels), "PNG"), LIMITS)
    assert image[0, 0].tolist() == [255, 255, 255]
    assert np.abs(image[0, 1].astype(int) - [244, 204, 204]).max() <= 1
    assert image[0, 2].tolist() == [200, 0, 0]


def test_grey_with_alpha_and_palettes_with_a_transparent_colour_lie_over_white():
    grey = Image.merge("LA", [Image.new("L", (4, 4), 10), Image.new("L", (4, 4), 0)])
    assert (decode(encoded(grey, "PNG"), LIMITS) == 255).all()
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.putpixel((0, 0), 0)
    for kind in ("GIF", "PNG"):
        image = decode(encoded(palette, kind, transparency=1), LIMITS)
        assert image[0, 0].tolist() == [255, 0, 0]
        assert image[1, 1].tolist() == [255, 255, 255]


def test_palettes_bits_and_grey_become_rgb():
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    assert decode(encoded(palette, "PNG"), LIMITS)[2, 2].tolist() == [0, 0, 255]
    assert (decode(encoded(Image.new("1", (9, 9), 1), "PNG"), LIMITS) == 255).all()
    assert (decode(encoded(Image.new("L", (9, 9), 77), "PNG"), LIMITS) == 77).all()


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_grey_keeps_its_range(kind):
    deep = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    image = decode(encoded(Image.fromarray(deep), kind), LIMITS)
    assert np.abs(image[..., 0].astype(int).ravel() - np.arange(256)).max() <= 1
    assert (image[..., 0] == image[..., 2]).all()


def test_cmyk_is_not_inverted():
    red = Image.new("RGB", (32, 32), (220, 20, 30)).convert("CMYK")
    for kind in ("JPEG", "TIFF"):
        image = decode(encoded(red, kind), LIMITS)
        assert np.abs(image[16, 16].astype(int) - [220, 20, 30]).max() < 12


def test_of_an_animation_it_is_the_first_picture():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "TIFF", "WEBP", "PNG"):
        options = {"lossless": True} if kind == "WEBP" else {}
        file = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        assert decode(file, LIMITS)[4, 4].tolist() == [255, 0, 0]


@pytest.mark.parametrize("mode", ["I", "F"])
def test_32_bits_a_channel_are_refused(mode):
    with pytest.raises(ImageDecodeError, match="32 bits"):
        decode(encoded(Image.new(mode, (4, 4), 3), "TIFF"), LIMITS)


@pytest.mark.parametrize("kind", list(FORMATS))
def test_truncated_files_are_refused(kind):
    noise = np.random.default_rng(1).integers(0, 256, (96, 96, 3), np.uint8)
    options = {"compression": "tiff_lzw"} if kind == "TIFF" else {}
    file = encoded(Image.fromarray(noise), kind, **options)
    decode(file, LIMITS)
    with pytest.raises(ImageDecodeError, match=r"ends too early|damaged|not a picture"):
        decode(file[: len(file) * 2 // 3], LIMITS)


@pytest.mark.parametrize("kind", list(FORMATS))
def test_damaged_files_are_pictures_or_refused_and_nothing_else(picture, kind):
    """Bytes changed at random: the only exceptions are ours."""
    random = np.random.default_rng(2)
    original = np.frombuffer(encoded(picture, kind), np.uint8)
    refused = 0
    # Each image that is decoded in the sandbox starts a process.
    for _ in range(150 if kind in IN_PROCESS else 12):
        file = original.copy()
        places = random.integers(0, min(len(file), 400 if kind in IN_PROCESS else 60), 4)
        file[places] = random.integers(0, 256, 4)
        try:
            image = decode(file.tobytes(), LIMITS)
        except (ImageDecodeError, ImageTooLargeError):
            refused += 1
        else:
            assert image.ndim == 3 and image.shape[2] == 3
    assert refused


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"Dear all,", "not a picture"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'></svg>", "not a picture"),
        (b"P6 2 2 255 " + bytes(12), "not a picture"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(200), "begins like HEIC"),
        (b"\xff\xd8\xff", "begins like JPEG"),
    ],
    ids=["empty", "text", "SVG", "PPM", "HEIC's first bytes", "JPEG's first bytes"],
)
def test_what_is_no_picture_is_refused_with_a_sentence(content, words):
    with pytest.raises(ImageDecodeError, match=words) as caught:
        decode(content, LIMITS)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "JPEG, PNG, WebP, AVIF, HEIC, BMP, GIF or TIFF" in sentence


def test_limits_are_the_last_that_is_taken(picture):
    file = encoded(picture, "PNG")
    decode(file, ImageLimits(len(file), 2400))
    with pytest.raises(ImageTooLargeError, match="60 x 40"):
        decode(file, ImageLimits(len(file), 2399))
    with pytest.raises(ImageTooLargeError, match="bytes"):
        decode(file, ImageLimits(len(file) - 1, 2400))


def test_the_pixel_limit_is_held_before_anything_is_decoded():
    header = b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 90_000, 90_000, 1, 24, 0,
                                 0, 0, 0, 0, 0)  # fmt: skip
    with pytest.raises(ImageTooLargeError, match="90000 x 90000"):
        decode(header, LIMITS)
