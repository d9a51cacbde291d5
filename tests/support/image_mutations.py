"""Valid files of every format and kind of pixel, and ways to damage them."""

from __future__ import annotations

from random import Random

import pillow_heif
from PIL import Image
from skimage import data

from app.inference.images import FORMATS

from .costly_images import encoded

pillow_heif.register_heif_opener()  # to write HEIC files with

TOKENS = (
    b"\xff\xd8\xff\xe0", b"\xff\xda", b"\xff\xc2", b"\xff\xd9", b"\xff\xee\x00\x0eAdobe",
    b"IDAT", b"IEND", b"acTL", b"fdAT", b"tRNS", b"iCCP", b"eXIf", b"VP8X", b"ANMF", b"ALPH",
    b"GIF89a", b"!\xfe", b"!\xff\x0bNETSCAPE2.0", b"ispe", b"iovl", b"grid", b"irot", b"ipco",
    b"av1C", b"hvcC", b"mdat", b"Exif\0\0II*\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff",
    b"\0\0\0\0", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"PK\x03\x04",
)  # fmt: skip
"""What means something to a decoder."""


def valid_files() -> dict[str, list[bytes]]:
    """Pillow's name of each format -> small files, of every kind of pixel that it can hold."""
    picture = Image.fromarray(data.astronaut()).resize((64, 48), box=(130, 20, 330, 170))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "where it was taken"
    grey, alpha = picture.convert("L"), picture.convert("RGBA")
    alpha.putalpha(grey)
    deep = grey.convert("I").point(lambda value: value * 257).convert("I;16")
    palette, bits = picture.quantize(16), grey.convert("1")
    frames = {"save_all": True, "append_images": [grey.convert("RGB")]}
    files: dict[str, list[bytes]] = {kind: [encoded(picture, kind)] for kind in FORMATS}
    for pixels in (grey, picture.convert("CMYK")):
        files["JPEG"].append(encoded(pixels, "JPEG", progressive=True, exif=exif))
    files["JPEG"].append(encoded(picture, "MPO", **frames))
    for pixels in (grey, alpha, deep, palette, bits, grey.convert("LA")):
        files["PNG"].append(encoded(pixels, "PNG", exif=exif))
    files["PNG"].append(encoded(picture, "PNG", **frames))
    for pixels in (grey, alpha):
        for kind in ("WEBP", "AVIF", "HEIF"):
            files[kind].append(encoded(pixels, kind, exif=exif))
    files["WEBP"] += [encoded(picture, "WEBP", lossless=True), encoded(picture, "WEBP", **frames)]
    files["GIF"] += [encoded(palette, "GIF", transparency=1), encoded(picture, "GIF", **frames)]
    for pixels in (grey, palette, bits):
        files["BMP"].append(encoded(pixels, "BMP"))
        files["TIFF"].append(encoded(pixels, "TIFF"))
    for pixels in (deep, alpha, picture.convert("CMYK")):
        files["TIFF"].append(encoded(pixels, "TIFF", exif=exif))
    for packed in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"):
        files["TIFF"].append(encoded(picture, "TIFF", compression=packed))
    files["TIFF"].append(encoded(bits, "TIFF", compression="group4"))
    return files


def damaged(file: bytes, random: Random) -> bytes:
    """`file` with one to six things done to it: bytes changed, put in, taken out, doubled, cut."""
    body = bytearray(file)
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        if not body:
            break
        # Most of what matters stands in the first bytes.
        place = random.randrange(min(len(body), random.choice((64, 512, len(body)))))
        action = random.randrange(7)
        if action == 0:
            body[place] = random.randrange(256)
        elif action == 1:
            body[place] ^= 1 << random.randrange(8)
        elif action == 2:
            body[place : place + 4] = random.choice(TOKENS)
        elif action == 3:
            body[place:place] = random.choice((random.choice(TOKENS), random.randbytes(9)))
        elif action == 4:
            del body[place : place + random.randrange(1, 40)]
        elif action == 5:
            part = body[place : place + random.randrange(1, 200)]
            body[place:place] = part * random.randrange(1, 20)
        else:
            del body[place:]
    return bytes(body)
