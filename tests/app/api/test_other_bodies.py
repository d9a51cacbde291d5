"""POST /api/v1/recognize with what clients send besides a standard form."""

import base64
import json
from io import BytesIO

import pytest

from app.photos.encoded_photos import decode_text
from app.photos.form_errors import FormError

from ...support.requests import assert_problem, upload

URL = "/api/v1/recognize"


def part(name, content, disposition=b"", boundary=b"edge"):
    head = b'Content-Disposition: form-data; name="' + name + b'"' + disposition
    return b"--" + boundary + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


def send(client, *parts, content_type="multipart/form-data; boundary=edge", end=b"--edge--\r\n"):
    return client.post(URL, data=b"".join(parts) + end, content_type=content_type)


def assert_found(response):
    assert response.status_code == 200, response.text
    assert len(response.get_json()["faces"]) == 1


@pytest.mark.parametrize(
    "disposition",
    [
        b'; filename="\xe9t\xe9.jpg"',
        b'; filename="\x89\xca\x90^.jpg"',
        '; filename="été.jpg"'.encode(),
        b"; filename*=UTF-8''%C3%A9t%C3%A9.jpg",
        b'; filename=""',
        b"",
    ],
)
def test_a_photo_with_any_file_name_or_none(client, photo, disposition):
    assert_found(send(client, part(b"photo", photo, disposition)))


def test_fields_are_read_beside_a_name_that_is_not_utf_8(client, photo):
    form = part(b"model", b"mien_plain.fer2013"), part(b"photo", photo, b'; filename="\xe9"')
    assert send(client, *form).get_json()["model"] == "mien_plain.fer2013"


@pytest.mark.parametrize("kind", ["image/jpeg", "image/png", "image/*", "application/octet-stream"])
def test_an_image_file_as_the_body(client, photo, kind):
    assert_found(client.post(URL, data=photo, content_type=kind))
    answer = client.post(f"{URL}?model=mien_plain.fer2013", data=photo, content_type=kind)
    assert answer.get_json()["model"] == "mien_plain.fer2013"


def text_of(photo):
    return base64.b64encode(photo).decode()


@pytest.mark.parametrize("member", ["photo", "image", "img"])
def test_base64_and_data_urls_in_json(client, photo, member):
    text = text_of(photo)
    for value in (text, f"data:image/jpeg;base64,{text}", [text]):
        assert_found(client.post(URL, json={member: value, "model": "mien_small.ferplus"}))
    answer = client.post(URL, json={member: [text, text], "other": None}).get_json()
    assert [len(one["faces"]) for one in answer["photos"]] == [1, 1]


def test_a_data_url_in_a_form(client, photo):
    url = f"data:image/jpeg;base64,{text_of(photo)}".encode()
    assert_found(send(client, part(b"photo", url)))


def test_base64_in_all_its_spellings():
    content = bytes(range(256))
    standard, other = base64.b64encode(content), base64.urlsafe_b64encode(content)
    for text in (standard, other, standard.rstrip(b"="), base64.encodebytes(content)):
        assert decode_text(text.decode(), "It") == content
    for wrong in ("ä", "a", "ab*d"):
        with pytest.raises(FormError, match="It is not base64"):
            decode_text(wrong, "It")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{", ("not JSON",)),
        ("[" * 100_000, ("not JSON",)),
        ("[1]", ("not an object",)),
        ('{"photo": 7}', ("'photo'", "not a string")),
        ('{"photo": "*"}', ("'photo'", "not base64")),
        ('{"img": "https://example.org/a.jpg"}', ("'img'", "fetches nothing")),
        ('{"picture": "x", "size": 7}', ("'picture', 'size'", "application/json")),
        ("", ("not an object",)),
        ('{"photo": "x"}', ("'photo'", "not base64")),
    ],
)
def test_json_that_is_wrong(client, body, words):
    assert_problem(client.post(URL, data=body, content_type="application/json"), 400, *words)


def test_an_error_names_the_fields_that_came(client, photo):
    wrong = client.post(URL, data={"image": (BytesIO(photo), "a.jpg"), "size": "7"})
    assert_problem(wrong, 400, "fields: 'image', 'size'")
    assert_problem(client.post(URL, data=b"x", content_type="text/plain"), 400, "text/plain")
    assert_problem(client.post(URL), 400, "no Content-Type")


def test_a_form_that_is_damaged(client, photo):
    whole = part(b"photo", photo, b'; filename="a.jpg"')
    for response in (
        send(client, whole[:5000], end=b""),
        send(client, whole, content_type="multipart/form-data; boundary=other"),
        send(client, whole, content_type="multipart/form-data"),
        send(client, b"--edge\r\nContent-Type: image/jpeg\r\n\r\nx\r\n"),
    ):
        assert_problem(response, 400, "boundary" if "no boundary" in response.text else "form")


@pytest.mark.parametrize(
    ("value", "kind"),
    [("True", "jpeg"), ("1", "jpeg"), ("jpg", "jpeg"), ("PNG", "png"), ("false", "json"),
     ("0", "json"), ("", "json")],
)  # fmt: skip
def test_spellings_of_annotated(client, photo, value, kind):
    response = client.post(URL, data=upload(photo, annotated=value))
    assert response.status_code == 200
    assert response.mimetype.endswith(kind)


def test_a_slash_at_the_end(client, photo):
    assert_found(client.post(f"{URL}/", data=upload(photo)))


def test_an_empty_body_is_a_form_without_fields(client):
    kind = {"Content-Type": "multipart/form-data; boundary=edge"}
    assert client.get("/photo", headers=kind).status_code == 200
    assert_problem(client.post(URL, headers=kind), 400, "fields: none")


def test_the_text_of_a_form_is_limited(client, photo):
    large = part(b"note", b"x" * 600_000), part(b"photo", photo, b'; filename="a.jpg"')
    assert_problem(send(client, *large), 413)
    assert json.loads(send(client, *large).data)["status"] == 413
