"""The limit on memory for decoding: per format, and for all threads together."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pillow_heif
import pytest
from PIL import Image
from skimage import data

from app.inference.decoding import precheck
from app.inference.decoding.memory_budget import DecodingMemory
from app.inference.errors import ImageTooLargeError
from app.inference.images import FORMATS, IN_PROCESS, SANDBOX_BYTES, ImageLimits, decode

from ...support.costly_images import encoded

MANY = 50_000_000

pillow_heif.register_heif_opener()  # to write HEIC files with


@pytest.fixture(scope="module")
def astronaut():
    return Image.fromarray(data.astronaut())


@pytest.mark.parametrize("kind", list(FORMATS))
def test_the_allowed_pixels_of_a_format_follow_from_its_bytes_per_pixel(kind):
    file = encoded(Image.new("RGB", (64, 48)), kind)
    each = precheck.BYTES_PER_PIXEL[kind]
    overhead = 0 if kind in IN_PROCESS else SANDBOX_BYTES
    enough = round(64 * 48 * each) + overhead + 1
    decode(file, ImageLimits(MANY, MANY, DecodingMemory(enough)))
    with pytest.raises(ImageTooLargeError, match=r"64 x 48 pixels, .*; at most 0"):
        decode(file, ImageLimits(MANY, MANY, DecodingMemory(enough - round(64 * each))))


@pytest.mark.parametrize(
    ("mode", "options", "coefficients"),
    [
        ("RGB", {}, 0),  # row by row
        ("L", {"progressive": True}, 2),
        ("RGB", {"progressive": True, "subsampling": "4:2:0"}, 3),
        ("RGB", {"progressive": True, "subsampling": "4:2:2"}, 4),
        ("RGB", {"progressive": True, "subsampling": "4:4:4"}, 6),
        ("CMYK", {"progressive": True}, 8),
    ],
)
def test_a_jpeg_of_several_scans_also_needs_memory_for_its_coefficients(
    astronaut, mode, options, coefficients
):
    file = encoded(astronaut.convert(mode), "JPEG", **options)
    each = precheck.check("JPEG", file)
    assert each == precheck.BYTES_PER_PIXEL["JPEG"] + coefficients


def test_a_jpeg_whose_frame_header_is_cut_off_has_no_coefficients():
    file = encoded(Image.new("RGB", (16, 16)), "JPEG", progressive=True)
    for end in range(file.index(b"\xff\xc2") + 2, file.index(b"\xff\xc2") + 20):
        assert precheck.check("JPEG", file[:end]) >= precheck.BYTES_PER_PIXEL["JPEG"]


def test_all_threads_together_stay_within_the_limit():
    memory = DecodingMemory(100)
    held, most, lock = 0, 0, threading.Lock()

    def use(size):
        nonlocal held, most
        with memory.reserved(size):
            with lock:
                held += min(size, 100)
                most = max(most, held)
            time.sleep(0.002)
            with lock:
                held -= min(size, 100)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, [60, 30, 10, 45, 55, 500] * 8))
    assert held == 0
    assert 60 < most <= 100


def test_memory_is_released_after_a_damaged_photo(astronaut):
    memory = DecodingMemory(512 * 512 * 9)
    limits = ImageLimits(MANY, MANY, memory)
    whole = encoded(astronaut, "PNG")
    for _ in range(3):
        with pytest.raises(Exception, match="damaged or ends too early"):
            decode(whole[:-50_000], limits)
    assert decode(whole, limits).width == 512


def test_an_avif_with_alpha_may_have_fewer_pixels(astronaut):
    plain = encoded(astronaut.resize((90, 90)), "AVIF")
    clear = astronaut.resize((90, 90)).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize((90, 90)))
    limits = ImageLimits(MANY, 90 * 90)
    assert decode(plain, limits).width == 90
    with pytest.raises(ImageTooLargeError, match="90 x 90"):
        decode(encoded(clear, "AVIF"), limits)
