"""Pictures that browsers show although something beside their pixels is damaged or unusual."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms
from skimage import data

from app.inference.errors import ImageDecodeError
from app.inference.images import ImageLimits, decode

pillow_heif.register_heif_opener()  # to write HEIC files with

LIMITS = ImageLimits(20_000_000, 52_000_000)
FACE = Image.fromarray(data.astronaut()).resize((128, 96))
DAMAGED_EXIF = (
    b"Exif\0\0" + bytes(40),
    b"not EXIF at all",
    bytes(64),
    b"Exif\0\0II*\0\xff\xff\xff\xff",
)


def written(kind, **options):
    file = BytesIO()
    FACE.save(file, kind, **options)
    return file.getvalue()


def chunk(kind, content, crc=None):
    crc = zlib.crc32(kind + content) if crc is None else crc
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def png(*chunks):
    """A PNG file with `chunks` before its pixels."""
    whole = written("PNG")
    return whole[:33] + b"".join(chunks) + whole[33:]


def assert_upright(file):
    image = decode(file, LIMITS)
    assert image.pixels.shape == (96, 128, 3)
    return image.pixels


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("exif", DAMAGED_EXIF)
def test_damaged_exif_data(kind, exif):
    assert_upright(written(kind, exif=exif))


@pytest.mark.parametrize("exif", DAMAGED_EXIF)
def test_damaged_exif_data_and_a_density(exif):
    assert_upright(written("JPEG", exif=exif, dpi=(72, 72)))


CHUNKS = {
    "EXIF as text": chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n 4\nzz")),
    "EXIF that is no hex": chunk(b"tEXt", b"Raw profile type exif\0\nexif\n 8\nnot hex!"),
    "2 MB of text": chunk(b"tEXt", b"parameters\0" + b"a" * 2_000_000),
    "2 MB of packed text": chunk(b"zTXt", b"parameters\0\0" + zlib.compress(b"a" * 2_000_000)),
    "2 MB of XMP": chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b"<x/>" * 500_000),
    "2 MB of ICC": chunk(b"iCCP", b"printer\0\0" + zlib.compress(bytes(2_000_000), 0)),
    "a wrong CRC": chunk(b"tEXt", b"Title\0a", crc=7),
    "a wrong CRC of a time": chunk(b"tIME", bytes(7), crc=7),
    "a short pHYs": chunk(b"pHYs", b"\0"),
    "a short gAMA": chunk(b"gAMA", b"\0"),
    "a short cHRM": chunk(b"cHRM", b"\0" * 5),
    "a short sRGB": chunk(b"sRGB", b""),
    "600 texts": chunk(b"tEXt", b"Title\0a") * 600,
}


@pytest.mark.parametrize("name", CHUNKS)
def test_chunks_of_a_png_beside_its_pixels(name):
    assert np.array_equal(assert_upright(png(CHUNKS[name])), np.asarray(FACE))


def test_transparency_and_orientation_of_a_png_are_kept():
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = decode(written("PNG", exif=exif), LIMITS)
    assert (turned.width, turned.height) == (96, 128)
    palette, file = FACE.convert("P"), BytesIO()
    palette.save(file, "PNG", transparency=palette.getpixel((0, 0)))
    assert (assert_upright(file.getvalue())[0, 0] == 255).all()


def test_a_damaged_png_is_still_refused():
    whole = written("PNG")
    for wrong in (whole[:-400], whole[:33], whole.replace(b"IDAT", b"IDAX")):
        with pytest.raises(ImageDecodeError):
            decode(wrong, LIMITS)


def profile(gamma):
    """An ICC profile of sRGB's colours with a plain gamma curve."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = bytearray(plain)
    (count,) = struct.unpack_from(">I", content, 128)
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
    for number in range(count):
        kind, start, _ = struct.unpack_from(">4sII", content, 132 + 12 * number)
        if kind in (b"rTRC", b"gTRC", b"bTRC"):
            content[start : start + len(curve)] = curve
            struct.pack_into(">I", content, 140 + 12 * number, len(curve))
    return bytes(content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_colours_of_an_icc_profile_become_srgb(kind):
    """A grey of 128 of gamma 1.8 is 146 of gamma 2.2."""
    grey, file = Image.new("RGB", (64, 64), (128, 128, 128)), BytesIO()
    grey.save(file, kind, icc_profile=profile(1.8))
    assert abs(decode(file.getvalue(), LIMITS).pixels.mean() - 146) < 3
    file = BytesIO()
    grey.save(file, kind, icc_profile=b"no profile")
    assert abs(decode(file.getvalue(), LIMITS).pixels.mean() - 128) < 1
