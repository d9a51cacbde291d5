"""Photos with drawn faces: the API's answers, and the drawing."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageColor

from app.inference.types import Box, Face
from app.photos.annotate import LONGEST_SIDE, annotated
from app.photos.overlay_layout import STYLE, caption

from ...support.requests import assert_problem, upload, uploads
from ..conftest import encoded

URL = "/api/v1/recognize"
ACCENT = ImageColor.getrgb(STYLE["colors"]["chip"])


def face(box=(176, 65, 98, 98), label="happy", score=0.93, number=0):
    return Face(number, Box(*box), "haar", label, score, {label: score}, score < 0.6)


def accent_pixels(picture):
    """Where the drawing has the accent colour: (y, x) of each such pixel."""
    return np.argwhere((np.asarray(picture) == ACCENT).all(axis=2))


@pytest.mark.parametrize(
    ("asked", "accept", "kind"),
    [
        ("png", None, "PNG"),
        ("jpeg", None, "JPEG"),
        ("jpeg", "image/png", "JPEG"),
        ("true", None, "JPEG"),
        ("true", "*/*", "JPEG"),
        ("true", "image/png", "PNG"),
        ("true", "image/jpeg;q=0.5, image/png", "PNG"),
        ("true", "image/jpeg, image/png;q=0.5", "JPEG"),
        ("true", "application/json", "JPEG"),
    ],
)
def test_the_picture_is_of_the_kind_that_is_asked_for(client, photo, asked, accept, kind):
    headers = {"Accept": accept} if accept else {}
    response = client.post(URL, data=upload(photo, annotated=asked), headers=headers)
    assert response.status_code == 200
    assert response.mimetype == f"image/{kind.lower()}"
    assert "Accept" in response.headers["Vary"]
    with Image.open(BytesIO(response.data)) as picture:
        assert (picture.format, picture.size, picture.mode) == (kind, (512, 512), "RGB")
    assert "draw;dur=" in response.headers["Server-Timing"]


def test_it_may_be_asked_for_in_the_query(client, photo):
    response = client.post(URL, data=upload(photo), query_string={"annotated": "png"})
    assert response.mimetype == "image/png"


def test_false_is_json(client, photo):
    assert "faces" in client.post(URL, data=upload(photo, annotated="false")).get_json()


def test_the_face_is_marked_and_the_rest_is_as_it_was(client, astronaut):
    response = client.post(URL, data=upload(encoded(astronaut, "PNG"), annotated="png"))
    drawn = Image.open(BytesIO(response.data))
    changed = np.argwhere(np.asarray(drawn) != np.asarray(astronaut))
    top, left = changed.min(axis=0)[:2]
    bottom, right = changed.max(axis=0)[:2]
    assert 20 < top < 65 and 155 < left < 185
    assert 155 < bottom < 185 and 270 < right < 310
    assert (np.asarray(drawn)[90:140, 190:250] == np.asarray(astronaut)[90:140, 190:250]).all()
    assert len(accent_pixels(drawn)) > 500


def test_it_is_upright_and_without_metadata(client, astronaut):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "the camera's maker"
    file = encoded(astronaut.crop((0, 0, 800, 600)), "JPEG", exif=exif)
    for kind in ("png", "jpeg"):
        response = client.post(URL, data=upload(file, annotated=kind))
        with Image.open(BytesIO(response.data)) as picture:
            assert picture.size == (600, 800)
            assert dict(picture.getexif()) == {}
            assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert b"maker" not in response.data


def test_no_face_is_the_photo(client):
    plain = Image.new("RGB", (640, 400), "teal")
    response = client.post(URL, data=upload(encoded(plain, "PNG"), annotated="png"))
    assert (np.asarray(Image.open(BytesIO(response.data))) == np.asarray(plain)).all()


@pytest.mark.parametrize("value", ["svg", "maybe", "2"])
def test_another_value_is_refused(client, photo, value):
    response = client.post(URL, data=upload(photo, annotated=value))
    assert_problem(response, 400, "'annotated'", "true, png, jpeg, false")


def test_several_photos_are_refused(client, photo):
    response = client.post(URL, data=uploads(photo, photo, annotated="true"))
    assert_problem(response, 400, "'annotated' takes one photo", "there are 2")


def test_a_damaged_photo_is_a_problem(client):
    assert_problem(client.post(URL, data=upload(b"words", annotated="png")), 400, "not a picture")


def test_captions():
    assert caption(face(), None) == "happy 93%"
    assert caption(face(), 2) == "2 happy 93%"
    assert caption(face(score=0.384, label="sad"), 1) == "1 perhaps sad 38%"
    assert caption(face(score=0.385, label="sad"), 1) == "1 perhaps sad 39%"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((48, 48), (512, 512)),
        ((1, 1), (512, 512)),
        ((1, 300), (2, 512)),
        ((512, 300), (512, 300)),
        ((4096, 100), (4096, 100)),
        ((5000, 2500), (LONGEST_SIDE, LONGEST_SIDE // 2)),
    ],
)
def test_sizes_that_can_be_read(size, expected):
    image = np.zeros((size[1], size[0], 3), np.uint8)
    assert annotated(image, [face((0, 0, *size))]).size == expected
    assert not image.any(), "the photo itself is not drawn on"


@pytest.mark.parametrize(
    "box",
    [(-30, -30, 80, 80), (460, 460, 80, 80), (0, 0, 512, 512), (-100, 200, 700, 700), (5, 5, 1, 1)],
)
def test_boxes_that_stick_out_are_drawn_and_their_captions_are_within(astronaut, box):
    drawn = annotated(np.asarray(astronaut), [face(box)])
    found = accent_pixels(drawn)
    assert len(found) > 400
    assert np.ptp(found[:, 1]) > 60, "the whole caption is seen"


def test_captions_of_neighbours_do_not_cover_each_other(astronaut):
    image = np.asarray(astronaut.resize((1200, 600)))
    faces = [face((100 + 130 * n, 200, 100, 100), "surprise", 0.5 + 0.05 * n, n) for n in range(8)]
    together = len(accent_pixels(annotated(image, faces)))
    alone = sum(len(accent_pixels(annotated(image, [one]))) for one in faces)
    # Numbers are in the captions of several faces only, so together they take more room.
    assert together > alone


def test_an_unsure_face_has_a_dashed_box(astronaut):
    image = np.zeros((600, 600, 3), np.uint8)
    box = (150, 150, 300, 300)

    def parts(score):
        row = np.asarray(annotated(image, [face(box, score=score)]))[150, :, 0] > 200
        return np.count_nonzero(np.diff(row.astype(int)) == 1)

    assert parts(0.9) == 1
    assert parts(0.3) >= 3
