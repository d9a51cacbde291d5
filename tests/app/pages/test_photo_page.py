"""The photo page without scripts: the form's answer is a page."""

import base64
import html
import re
from io import BytesIO

import pytest
from PIL import Image

from ...support.requests import DEFAULT_MODEL, assert_page, upload, uploads
from ..conftest import encoded


def test_the_empty_form_names_its_limits(client):
    response = client.get("/photo")
    limits = ("JPEG", "12 MiB", "52 megapixels", "8 photos", "24 MiB at once")
    assert_page(response, 200, 'enctype="multipart/form-data"', *limits)


def test_a_photo_is_shown_with_its_face(client, photo):
    response = client.post("/photo", data=upload(photo))
    assert_page(response, 200, "happy", DEFAULT_MODEL, "512")
    for label in ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"):
        assert label in response.text


def shown(page):
    """The picture within a page."""
    found = re.search(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)", page)
    assert found, "the page shows no picture"
    return Image.open(BytesIO(base64.b64decode(found[1])))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((900, 900), (900, 900)),
        ((300, 200), (720, 480)),
        ((3000, 2000), (1280, 853)),
        ((1000, 4000), (320, 1280)),
    ],
)
def test_the_photo_comes_back_reduced(client, astronaut, size, expected):
    page = client.post("/photo", data=upload(encoded(astronaut.resize(size), "JPEG"))).text
    assert shown(page).size == expected


def test_the_photo_comes_back_upright_and_without_its_metadata(client, astronaut):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "the camera's maker"
    file = encoded(astronaut.crop((0, 0, 512, 300)), "JPEG", exif=exif)
    back = shown(client.post("/photo", data=upload(file)).text)
    assert back.size == (422, 720)
    assert dict(back.getexif()) == {}


def test_no_face_is_said_kindly(client):
    file = encoded(Image.new("RGB", (300, 200), "teal"), "PNG")
    assert_page(client.post("/photo", data=upload(file)), 200, "No face found")


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        ({}, 400, "There is no photo in the form"),
        (upload(b"", name=""), 400, "There is no photo in the form"),
        (upload(b""), 400, "The file is empty"),
        (upload(b"words"), 400, "The file is not a picture"),
        (upload(bytes(26 << 20)), 413, "The upload is larger"),
        (upload(bytes((12 << 20) + 1)), 413, "at most 12,582,912"),
    ],
    ids=["no photo", "none chosen", "empty", "text", "far too large", "just too large"],
)
def test_an_error_is_the_form_again_with_the_sentence(client, data, status, words):
    response = client.post("/photo", data=data)
    assert_page(response, status, '<form id="photo-form"')
    message = re.search(r'id="photo-error"[^>]*>([^<]*)<', response.text)
    assert message and words in html.unescape(message[1])
    assert "hidden" not in message[0]


def test_an_unknown_model_is_said(client, photo):
    response = client.post("/photo", data=upload(photo, model="nobody.knows"))
    assert_page(response, 400, "There is no model", DEFAULT_MODEL)


def entries(page):
    """Each photo's part of the page."""
    return page.split('<li class="photo">')[1:-1]


def test_several_photos_are_shown_in_their_order(client, photo):
    response = client.post("/photo", data=uploads(photo, b"words", photo))
    assert_page(response, 200, "2 faces in 2 photos. One photo could not be read.")
    first, second, third = entries(response.text)
    for number, entry in ((1, first), (3, third)):
        assert f"photo {number}.jpg" in entry
        assert "happy" in entry
        assert isinstance(shown(entry), Image.Image)
    assert "The file is not a picture" in second
    assert "data:image" not in second


def test_photos_that_are_all_damaged_are_an_error(client):
    response = client.post("/photo", data=uploads(b"words", b""))
    assert_page(response, 400, "2 photos could not be read.", "The file is empty")


def test_too_many_photos_are_an_error(client, photo):
    assert_page(client.post("/photo", data=uploads(*[photo] * 9)), 400, "There are 9 files")


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("<script>alert(1)</script>.jpg", "&lt;script&gt;alert(1)&lt;/script&gt;.jpg"),
        ("x" * 300 + ".jpg", "x" * 79 + "…"),
        ("one\u202egpj.exe\x07.jpg", "onegpj.exe.jpg"),
        ("Grüße, 東京.jpg", "Grüße, 東京.jpg"),
    ],
)
def test_a_files_name_is_shown_and_can_do_no_harm(client, photo, name, seen):
    page = client.post("/photo", data=upload(photo, name)).text
    (entry,) = entries(page)
    assert f'<h3 class="name">{seen}</h3>' in entry
    assert "<script>alert" not in page
