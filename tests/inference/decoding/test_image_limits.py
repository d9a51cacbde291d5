"""Limits on pixels, work and memory of decoding, and files with a false format."""

import io
import struct
import sys
import zipfile

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from skimage import data

from app.inference.decoding import precheck, sandbox
from app.inference.errors import ImageDecodeError, ImageTooLargeError
from app.inference.images import FORMATS, IN_PROCESS, WORKING_SIDE, ImageLimits, decode

from ...support.costly_images import (
    encoded,
    jpeg_of_scans,
    jpeg_of_segments,
    png_of_chunks,
    tiff_of_strips,
)

LIMITS = ImageLimits(max_bytes=50_000_000, max_pixels=50_000_000)
ORIENTATION = 0x0112

pillow_heif.register_heif_opener()  # to write HEIC files with


@pytest.fixture(scope="module")
def astronaut():
    return Image.fromarray(data.astronaut())


def test_a_large_jpeg_is_reduced_and_its_size_is_that_of_the_file(astronaut):
    large = astronaut.resize((4 * 700, 4 * 500))
    picture = decode(encoded(large, "JPEG", quality=95), LIMITS)
    assert picture.pixels.shape == (1000, 1400, 3)
    assert (picture.width, picture.height) == (2800, 2000)
    expected = np.asarray(large.reduce(2)).astype(int)
    assert np.abs(picture.pixels - expected).mean() < 2


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF", "TIFF"])
def test_a_large_picture_of_another_format_is_reduced_as_well(astronaut, kind):
    large = astronaut.resize((2701, 301))
    picture = decode(encoded(large, kind), LIMITS)
    assert picture.pixels.shape == (151, 1351, 3)
    assert (picture.width, picture.height) == (2701, 301)
    expected = np.asarray(large.reduce(2)).astype(int)
    assert np.abs(picture.pixels - expected).mean() < 4


@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
def test_size_and_pixels_of_a_reduced_picture_are_upright(astronaut, orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    file = encoded(astronaut.resize((2800, 2000)), "JPEG", exif=exif, quality=95)
    picture = decode(file, LIMITS)
    whole = decode(file, LIMITS, side=None)
    turned = orientation >= 5
    assert (picture.width, picture.height) == ((2000, 2800) if turned else (2800, 2000))
    assert whole.pixels.shape[:2] == (picture.height, picture.width)
    half = np.asarray(Image.fromarray(whole.pixels).reduce(2)).astype(int)
    assert np.abs(picture.pixels - half).mean() < 2


def test_less_than_twice_the_working_side_is_left_as_it_is(astronaut):
    picture = decode(encoded(astronaut.resize((2 * WORKING_SIDE - 1, 300)), "JPEG"), LIMITS)
    assert picture.pixels.shape[1] == picture.width == 2 * WORKING_SIDE - 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_heic_is_turned_once(astronaut, orientation):
    """The file says its orientation in its own way and again in EXIF, as phones do."""
    stored = astronaut.crop((100, 0, 164, 40))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored.info["exif"] = exif.tobytes()
    image = decode(encoded(stored, "HEIF", quality=95), LIMITS).pixels
    tagged = encoded(astronaut.crop((100, 0, 164, 40)), "PNG", exif=exif)
    expected = decode(tagged, LIMITS).pixels
    assert image.shape == expected.shape
    assert np.abs(image - expected.astype(int)).mean() < 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF"])
def test_grey_and_alpha_in_every_format(kind):
    grey = decode(encoded(Image.new("L", (40, 30), 77), kind), LIMITS).pixels
    assert np.abs(grey.astype(int) - 77).max() <= 3
    if kind == "JPEG":
        return
    clear = Image.new("RGBA", (40, 30), (200, 0, 0, 0))
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    image = decode(encoded(clear, kind, **options), LIMITS).pixels
    assert image.min() >= 250


def test_16_bits_a_channel_in_colour():
    deep = np.zeros((16, 16, 3), "<u2")
    deep[..., 0], deep[..., 1] = 200 * 257, 30 * 257
    tags = [(256, 3, 1, 16), (257, 3, 1, 16), (258, 3, 3, 134), (259, 3, 1, 1), (262, 3, 1, 2)]
    tags += [(273, 4, 1, 140), (277, 3, 1, 3), (278, 3, 1, 16), (279, 4, 1, deep.nbytes)]
    head = struct.pack("<2sHIH", b"II", 42, 8, len(tags))
    head += b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    file = head.ljust(134, b"\0") + struct.pack("<3H", 16, 16, 16) + deep.tobytes()
    assert decode(file, LIMITS).pixels[8, 8].tolist() == [200, 30, 0]


def test_16_bit_heic_and_avif_become_8_bits():
    deep = np.full((32, 32), 40_000, np.uint16)
    file = io.BytesIO()
    pillow_heif.encode("L;16", (32, 32), deep.tobytes(), file)
    assert np.abs(decode(file.getvalue(), LIMITS).pixels.astype(int) - 156).max() <= 3


def test_many_scans_of_a_jpeg_are_refused_and_usual_ones_are_not():
    decode(jpeg_of_scans(64, 99), LIMITS)
    with pytest.raises(ImageTooLargeError, match="more than 100 scans"):
        decode(jpeg_of_scans(64, 101), LIMITS)
    side = 4000
    most = precheck.MAX_SCAN_PIXELS // side**2
    with pytest.raises(ImageTooLargeError, match=f"more than {most} scans"):
        decode(jpeg_of_scans(side, most + 1), LIMITS)


def test_the_walk_counts_what_the_decoder_reads(astronaut):
    """Bytes of metadata that look like scans are none, and a thumbnail's are its own."""
    exif = Image.Exif()
    exif[0x010E] = "\xff\xda" * 300
    file = encoded(astronaut, "JPEG", exif=exif, comment=b"\xff\xda\0\x0c" * 500)
    assert file.count(b"\xff\xda") > 500
    assert decode(file, LIMITS).width == 512


def test_many_segments_and_chunks_are_refused():
    decode(jpeg_of_segments(1_000), LIMITS)
    with pytest.raises(ImageTooLargeError, match="segments"):
        decode(jpeg_of_segments(3_000), LIMITS)
    decode(png_of_chunks(b"tEXt", 600, b"a\0b"), LIMITS)
    for kind, most in ((b"tEXt", precheck.MAX_OTHER_CHUNKS), (b"IDAT", precheck.MAX_CHUNKS)):
        with pytest.raises(ImageTooLargeError, match="chunks"):
            decode(png_of_chunks(kind, most + 1), LIMITS)


def test_decoding_in_the_sandbox_has_a_time_limit():
    with pytest.raises(sandbox.RefusedError, match="takes more than 1 seconds") as caught:
        sandbox.decode_in_sandbox(
            tiff_of_strips(2_000_000), ("TIFF",), 50_000_000, 1280, cpu_seconds=1
        )
    assert caught.value.too_large


@pytest.mark.parametrize("code", ["import os; os.abort()", "raise MemoryError", "print('{')"])
def test_any_failure_of_the_sandbox_is_a_refusal(monkeypatch, tmp_path, code):
    child = tmp_path / "child.py"
    child.write_text(code)
    monkeypatch.setattr(sandbox, "CHILD_SCRIPT", child)
    with pytest.raises(ImageDecodeError, match="damaged"):
        decode(encoded(Image.new("L", (9, 9)), "GIF"), LIMITS)


def test_a_heic_larger_than_its_header_says_is_refused():
    file = encoded(Image.effect_noise((640, 512), 60), "HEIF", quality=50)
    place = file.index(b"ispe") + 8
    assert struct.unpack_from(">II", file, place) == (640, 512)
    lying = file[:place] + struct.pack(">II", 64, 64) + file[place + 8 :]
    with pytest.raises((ImageDecodeError, ImageTooLargeError)):
        decode(lying, ImageLimits(50_000_000, 64 * 64))


@pytest.mark.parametrize("kind", list(FORMATS))
def test_the_pixel_limit_holds_in_every_format(kind):
    file = encoded(Image.new("RGB", (64, 48)), kind)
    decode(file, ImageLimits(len(file), 64 * 48))
    with pytest.raises(ImageTooLargeError, match="64 x 48"):
        decode(file, ImageLimits(len(file), 64 * 48 - 1))


@pytest.mark.parametrize("kind", list(FORMATS))
def test_what_follows_the_picture_in_the_file_does_not_matter(astronaut, kind):
    """A picture with an archive behind it is that picture."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as parts:
        parts.writestr("a.html", "<script>alert(1)</script>")
    file = encoded(astronaut.crop((0, 0, 64, 48)), kind)
    alone, both = decode(file, LIMITS), decode(file + archive.getvalue(), LIMITS)
    assert np.array_equal(alone.pixels, both.pixels)
    with pytest.raises(ImageDecodeError):
        decode(archive.getvalue() + file, LIMITS)


def test_the_server_never_loads_the_decoders_of_rare_formats():
    code = (
        "import sys; from app.inference.images import *; "
        "decode(sys.stdin.buffer.read(), ImageLimits(10**6, 10**6)); "
        "print(sorted(m for m in sys.modules if 'heif' in m or 'Avif' in m or 'TiffIm' in m))"
    )
    file = encoded(Image.new("L", (64, 48), 9), "HEIF")
    done = sandbox.subprocess.run([sys.executable, "-c", code], input=file, capture_output=True)
    assert done.stdout.strip() == b"[]", done.stderr


def test_the_common_formats_are_decoded_here():
    assert set(FORMATS) > IN_PROCESS
    assert {"JPEG", "PNG", "WEBP"} == IN_PROCESS
