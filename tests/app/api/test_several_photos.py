"""Several photos in one request: each has its own answer, in the form's order."""

import weakref
from io import BytesIO

import pytest
from PIL import Image

from app import create_app
from app.inference import photo_recognizer
from app.photos.uploads import PhotoStream, Upload

from ...support.numbers import assert_close
from ...support.requests import DEFAULT_MODEL, assert_details, assert_problem, upload, uploads
from ..conftest import encoded

URL = "/api/v1/recognize"


def without_times(answer):
    return {key: value for key, value in answer.items() if key != "timings_ms"}


def test_each_photo_is_answered_as_if_alone(client, photo):
    other = encoded(Image.new("RGB", (320, 200), "teal"), "PNG")
    alone = [client.post(URL, data=upload(one)).get_json() for one in (photo, other)]
    response = client.post(URL, data=uploads(photo, other, photo))
    assert response.status_code == 200
    answer = response.get_json()
    assert set(answer) == {"photos"}
    together = [without_times(one) for one in answer["photos"]]
    first, second = (without_times(one) for one in alone)
    assert_close(together, [first, second, first], 1e-4)


def test_a_damaged_photo_does_not_lose_the_others(client, photo):
    damaged = (b"", b"words", photo[: len(photo) // 2], bytes((12 << 20) + 1))
    response = client.post(URL, data=uploads(photo, *damaged, photo))
    assert response.status_code == 200
    first, *problems, last = response.get_json()["photos"]
    assert len(first["faces"]) == len(last["faces"]) == 1
    words = ((400, "empty"), (400, "not a picture"), (400, "too early"), (413, "12,582,913 bytes"))
    assert len(problems) == len(words)
    for one, (status, word) in zip(problems, words, strict=True):
        assert set(one) == {"problem"}
        assert_details(one["problem"], status, word)


def test_all_damaged_is_still_an_answer(client):
    response = client.post(URL, data=uploads(b"one", b"two"))
    assert response.status_code == 200
    assert [set(one) for one in response.get_json()["photos"]] == [{"problem"}] * 2


def test_no_file_name_and_no_metadata_comes_back(client, astronaut):
    exif = Image.Exif()
    exif[0x010F] = "the camera's maker"
    file = encoded(astronaut, "JPEG", exif=exif)
    given = {"photo": [(BytesIO(file), "my secret.jpg"), (BytesIO(b"x"), "my secret.jpg")]}
    text = client.post(URL, data=given).text
    assert "secret" not in text
    assert "maker" not in text


@pytest.fixture(scope="module")
def three():
    """A client of an application that takes three photos of 50,000 bytes, in all 100,000."""
    settings = {"MIEN_MAX_PHOTOS": 3, "MIEN_MAX_BYTES": 50_000, "MIEN_MAX_FORM_BYTES": 100_000}
    return create_app({"TESTING": True, **settings}).test_client()


def test_too_many_photos(three):
    tiny = encoded(Image.new("L", (8, 8)), "PNG")
    assert len(three.post(URL, data=uploads(*[tiny] * 3)).get_json()["photos"]) == 3
    assert_problem(three.post(URL, data=uploads(*[tiny] * 4)), 400, "4 files", "at most 3 photos")
    assert_problem(three.post(URL, data=uploads(*[tiny] * 300)), 400, "300 files")


def test_too_many_bytes_together(three):
    assert three.post(URL, data=uploads(*[bytes(50_000)] * 2)).status_code == 200
    assert_problem(three.post(URL, data=uploads(*[bytes(60_000)] * 3)), 413, "165,536 bytes in all")


def test_too_many_fields_and_too_much_text(client, photo):
    many = {f"field {n}": "x" for n in range(1001)}
    assert_problem(client.post(URL, data=upload(photo, **many)), 413, "1,000 fields")
    assert_problem(
        client.post(URL, data=upload(photo, text="x" * 600_000)), 413, "500,000 bytes of text"
    )


def test_a_photo_may_have_its_bytes_whatever_the_form_may_have():
    settings = {"MIEN_MAX_BYTES": 2_000_000, "MIEN_MAX_FORM_BYTES": 1024, "TESTING": True}
    client = create_app(settings).test_client()
    assert_problem(client.post(URL, data=upload(bytes(1_900_000))), 400, "not a picture")


def test_of_a_file_that_is_too_large_only_the_size_is_kept():
    stream = PhotoStream(10)
    for piece in (b"12345", b"67890"):
        assert stream.write(piece) == 5
    assert stream.getvalue() == b"1234567890"
    assert stream.write(b"x") == 1
    assert stream.write(bytes(1000)) == 1000
    stream.seek(0)
    assert (stream.read(), stream.size) == (b"", 1011)


def test_a_file_in_another_field_is_no_photo(client, photo):
    form = {"photo": (BytesIO(photo), "a.jpg"), "other": (BytesIO(photo), "b.jpg")}
    assert len(client.post(URL, data=form).get_json()["faces"]) == 1


@pytest.mark.parametrize("where", ["form", "query"])
def test_a_field_that_is_repeated_is_refused(client, photo, where):
    twice = {"annotated": ["png", "jpeg"]}
    if where == "form":
        response = client.post(URL, data=upload(photo, **twice))
    else:
        response = client.post(URL, data=upload(photo), query_string=twice)
    assert_problem(response, 400, "2 fields 'annotated'", "expected one")


def test_one_request_holds_one_place_however_many_photos_it_has(photo):
    own = create_app({"TESTING": True, "MIEN_CONCURRENCY": 1})
    response = own.test_client().post(URL, data=uploads(photo, photo))
    assert [len(one["faces"]) for one in response.get_json()["photos"]] == [1, 1]


def test_no_decoded_photo_is_kept_while_the_next_one_is_decoded(app, photo, monkeypatch):
    """Each may need 3 bytes for each of many million pixels."""
    decoded, alive = [], []

    def decode(*arguments):
        alive.append(sum(image() is not None for image in decoded))
        image = real(*arguments)
        decoded.append(weakref.ref(image.pixels))
        return image

    real = photo_recognizer.decode
    monkeypatch.setattr(photo_recognizer, "decode", decode)
    service = app.extensions["mien"]
    uploads = [Upload(photo, len(photo), "")] * 3
    with app.test_request_context():
        found = service.recognize(uploads, DEFAULT_MODEL, lambda one: len(one.faces))
    assert found == [1, 1, 1]
    assert alive == [0, 0, 0]
