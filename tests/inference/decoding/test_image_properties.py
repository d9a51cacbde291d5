"""Any bytes give an image within the limits or one of two errors with a sentence."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.inference.errors import ImageDecodeError, ImageTooLargeError
from app.inference.images import FORMATS, IN_PROCESS, ImageLimits, decode
from app.inference.types import Box

from ...support.costly_images import encoded
from ...support.image_mutations import damaged, valid_files

LIMITS = ImageLimits(max_bytes=300_000, max_pixels=1_000_000)
FILES = valid_files()
SECRET = "where it was taken"

# Pillow's own, of the damaged tags in damaged files.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

quick = settings(derandomize=True, deadline=None, database=None, max_examples=200)
few = settings(derandomize=True, deadline=None, database=None, max_examples=12)


def check(content: bytes) -> bool:
    """Whether `content` is a picture; fails on any exception but ours and on a wrong answer."""
    try:
        picture = decode(content, LIMITS)
    except (ImageDecodeError, ImageTooLargeError) as error:
        sentence = str(error)
        assert sentence[0].isupper() and sentence.endswith(".")
        assert "\n" not in sentence and SECRET not in sentence
        return False
    image = picture.pixels
    assert image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3
    assert 0 < picture.width * picture.height <= LIMITS.max_pixels
    assert image.shape[0] <= picture.height and image.shape[1] <= picture.width
    return True


def test_the_valid_files_are_pictures():
    assert set(FILES) == set(FORMATS)
    for kind, files in FILES.items():
        for file in files:
            assert check(file), kind


@quick
@given(
    st.sampled_from([file for kind in sorted(IN_PROCESS) for file in FILES[kind]]),
    st.integers(0, 1 << 32),
)
def test_damaged_files_that_are_decoded_here(file, seed):
    check(damaged(file, Random(seed)))


@few
@given(
    st.sampled_from([file for kind in sorted(set(FORMATS) - IN_PROCESS) for file in FILES[kind]]),
    st.integers(0, 1 << 32),
)
def test_damaged_files_that_are_decoded_in_the_sandbox(file, seed):
    check(damaged(file, Random(seed)))


@quick
@given(
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF....WEBPVP8 "]),
    st.binary(max_size=400),
)
def test_bytes_without_sense_are_no_picture(start, content):
    assert not check(start + content)


@settings(quick, max_examples=60)
@given(
    st.integers(1, 90),
    st.integers(1, 90),
    st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]),
    st.integers(1, 8),
    st.integers(1, 40),
)
def test_size_is_that_of_the_upright_picture_however_far_it_is_reduced(
    width, height, mode, orientation, side
):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = encoded(Image.new(mode, (width, height)), "PNG", exif=exif)
    picture = decode(file, LIMITS, side)
    upright = (height, width) if orientation >= 5 else (width, height)
    assert (picture.width, picture.height) == upright
    shrink = max(1, max(width, height) // side)
    assert picture.pixels.shape == (-(-upright[1] // shrink), -(-upright[0] // shrink), 3)


@quick
@given(*[st.floats(0.01, 100)] * 2, *[st.floats(-1e4, 1e4)] * 4)
def test_a_box_scaled_there_and_back_is_the_box(across, down, x, y, width, height):
    box = Box(x, y, width, height)
    back = box.scaled(across, down).scaled(1 / across, 1 / down)
    for name in ("x", "y", "width", "height"):
        assert getattr(back, name) == pytest.approx(getattr(box, name))
