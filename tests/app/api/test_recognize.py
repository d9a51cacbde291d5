"""POST /api/v1/recognize: the answer's shape, formats, orientation, and what is refused."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image

from app import create_app

from ...support.requests import DEFAULT_MODEL, FACE, assert_problem, overlap, sides, upload
from ..conftest import encoded

URL = "/api/v1/recognize"
# EXIF orientation -> how Pillow turns the upright picture into what such a file stores.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def test_the_answer(client, photo):
    response = client.post(URL, data=upload(photo))
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    answer = response.get_json()
    assert set(answer) == {"faces", "image", "model", "timings_ms"}
    assert answer["image"] == {"width": 512, "height": 512}
    assert answer["model"] == DEFAULT_MODEL
    timings = answer["timings_ms"]
    assert set(timings) == {"decode", "detect", "crop", "predict", "total"}
    assert all(ms >= 0 for ms in timings.values())
    steps = sum(ms for step, ms in timings.items() if step != "total")
    assert timings["total"] >= steps - 0.05
    (face,) = answer["faces"]
    assert set(face) == {"id", "box", "detector", "label", "score", "scores", "unsure"}
    assert face["id"] == 0
    assert overlap(sides(face["box"]), FACE) > 0.7
    contract = client.get("/api/v1/models").get_json()["models"][0]["contract"]
    assert list(face["scores"]) == contract["labels"]
    assert sum(face["scores"].values()) == pytest.approx(1, abs=1e-4)
    assert face["score"] == face["scores"][face["label"]] == max(face["scores"].values())
    assert face["unsure"] == (face["score"] < contract["calibration"]["unsure_below"])
    assert face["detector"] == "blazeface"


def test_the_astronaut_is_happy(client, photo):
    (face,) = client.post(URL, data=upload(photo)).get_json()["faces"]
    assert face["label"] == "happy"


@pytest.mark.parametrize("orientation", STORED)
def test_every_orientation_gives_the_upright_face(client, astronaut, orientation):
    wide = Image.new("RGB", (640, 512), "grey")
    wide.paste(astronaut, (64, 0))
    turn = STORED[orientation]
    stored = wide if turn is None else wide.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = encoded(stored, "JPEG", quality=92, exif=exif)
    answer = client.post(URL, data=upload(file)).get_json()
    assert answer["image"] == {"width": 640, "height": 512}
    (face,) = answer["faces"]
    assert overlap(sides(face["box"]), (FACE[0] + 64, *FACE[1:])) > 0.7
    assert face["label"] == "happy"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"])
def test_every_format_is_read(client, astronaut, kind):
    answer = client.post(URL, data=upload(encoded(astronaut, kind))).get_json()
    (face,) = answer["faces"]
    assert overlap(sides(face["box"]), FACE) > 0.7


def test_a_large_photo_is_answered_in_its_own_pixels(client, astronaut):
    frame = Image.new("RGB", (3840, 2160), (90, 110, 130))
    frame.paste(astronaut.resize((1536, 1536), Image.Resampling.LANCZOS), (2000, 400))
    answer = client.post(URL, data=upload(encoded(frame, "JPEG"))).get_json()
    assert answer["image"] == {"width": 3840, "height": 2160}
    (face,) = answer["faces"]
    x, y, width, height = (3 * side for side in FACE)
    assert overlap(sides(face["box"]), (2000 + x, 400 + y, width, height)) > 0.65


def test_two_people_are_two_faces_largest_first(client, astronaut):
    frame = Image.new("RGB", (1280, 640), (90, 110, 130))
    frame.paste(astronaut.resize((384, 384)), (40, 200))
    frame.paste(astronaut.resize((640, 640)), (620, 0))
    faces = client.post(URL, data=upload(encoded(frame, "PNG"))).get_json()["faces"]
    assert [face["id"] for face in faces] == [0, 1]
    assert faces[0]["box"]["width"] > faces[1]["box"]["width"]
    assert faces[0]["box"]["x"] > 620 > faces[1]["box"]["x"]


def no_face():
    """A smooth, coloured pattern."""
    y, x = np.mgrid[0:480, 0:640]
    waves = np.stack([np.sin(x / 50), np.cos(y / 70), np.sin((x + y) / 90)], axis=-1)
    return Image.fromarray((127.5 + 127.5 * waves).astype(np.uint8))


def test_photo_without_a_face(client):
    response = client.post(URL, data=upload(encoded(no_face(), "JPEG")))
    assert response.status_code == 200
    answer = response.get_json()
    assert answer["faces"] == []
    assert answer["image"] == {"width": 640, "height": 480}


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (1, 700), (2000, 1)])
def test_tiny_and_narrow_pictures_have_no_face(client, size):
    response = client.post(URL, data=upload(encoded(Image.new("RGB", size, "red"), "PNG")))
    assert response.status_code == 200
    assert response.get_json()["faces"] == []


def test_a_form_without_a_photo(client):
    assert_problem(client.post(URL), 400, "'photo'")
    assert_problem(client.post(URL, data={"picture": (io.BytesIO(b"x"), "a.jpg")}), 400, "'photo'")
    assert_problem(client.post(URL, data={"photo": "text, not a file"}), 400, "'photo'")
    assert_problem(client.post(URL, data=upload(b"", name="")), 400, "'photo'")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"This is a letter, not a picture.", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "not a picture"),
        (bytes(5000), "not a picture"),
    ],
)
def test_what_is_no_picture_is_refused(client, content, word):
    assert_problem(client.post(URL, data=upload(content)), 400, word)


def test_a_truncated_photo_is_refused(client, photo):
    response = client.post(URL, data=upload(photo[: len(photo) // 2]))
    assert_problem(response, 400, "JPEG", "ends too early")


@pytest.fixture(scope="module")
def strict():
    """A client of an application that takes 100,000 bytes and a tenth of a megapixel."""
    settings = {"TESTING": True, "MIEN_MAX_BYTES": 100_000, "MIEN_MAX_MEGAPIXELS": 0.1}
    settings["MIEN_MAX_FORM_BYTES"] = 1_000_000
    return create_app(settings).test_client()


def test_too_many_bytes(strict):
    # Within the allowance for the form's envelope, so that it is the photo's size that tells.
    assert_problem(strict.post(URL, data=upload(bytes(100_001))), 413, "100,001", "100,000")
    assert_problem(strict.post(URL, data=upload(bytes(1_000_000))), 413, "1,000,000", "100,000")
    assert_problem(strict.post(URL, data=upload(bytes(2_000_000))), 413, "larger", "1,065,536")


def test_too_many_pixels(strict):
    just = encoded(Image.new("L", (400, 250)), "PNG")
    more = encoded(Image.new("L", (401, 250)), "PNG")
    assert strict.post(URL, data=upload(just)).status_code == 200
    assert_problem(strict.post(URL, data=upload(more)), 413, "401 x 250", "0.1")


def test_a_bomb_is_refused_by_its_header(client):
    """A PNG of 60,000 x 60,000 pixels in a hundred bytes: nothing is decoded."""
    header = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    data = b"IDAT" + zlib.compress(bytes(100))
    chunks = b"".join(
        (len(c) - 4).to_bytes(4, "big") + c + zlib.crc32(c).to_bytes(4, "big")
        for c in (header, data, b"IEND")
    )
    response = client.post(URL, data=upload(b"\x89PNG\r\n\x1a\n" + chunks))
    assert_problem(response, 413, "60000 x 60000", "3600.0 megapixels")


@pytest.mark.parametrize("how", ["form", "query"])
def test_the_model_can_be_named(client, photo, how):
    name = "mien_plain.fer2013"
    if how == "form":
        response = client.post(URL, data=upload(photo, model=name))
    else:
        response = client.post(URL, data=upload(photo), query_string={"model": name})
    assert response.get_json()["model"] == name


@pytest.mark.parametrize(
    "name", ["", "nobody.knows", "../secrets", "mien_plain.fer2013/../x", "\0", "a" * 900]
)
def test_an_unknown_model_is_refused_with_the_known_ones(client, photo, name):
    response = client.post(URL, data=upload(photo, model=name))
    assert_problem(response, 400, "There is no model", DEFAULT_MODEL)
    assert len(response.get_json(force=True)["detail"]) < 400
