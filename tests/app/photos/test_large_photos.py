"""Large photos are decoded to the size that their faces need; boxes are in the file's pixels."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from ...support.requests import overlap, sides, upload
from ..conftest import encoded


def scene(astronaut, face, width, height):
    """A picture of that size with one face of about `face` pixels in its middle, and its box."""
    side = round(face * 512 / 104)
    portrait = astronaut.resize((side, side))
    padded = np.pad(
        np.asarray(portrait),
        (
            ((height - side) // 2, height - side - (height - side) // 2),
            ((width - side) // 2, width - side - (width - side) // 2),
            (0, 0),
        ),
        mode="edge",
    )
    scale = side / 512
    box = (
        (width - side) // 2 + 174 * scale,
        (height - side) // 2 + 62 * scale,
        104 * scale,
        104 * scale,
    )
    return Image.fromarray(padded), box


@pytest.mark.parametrize(
    ("kind", "face", "sides_asked"),
    [
        # A large face is scored from the copy it was found in.
        ("JPEG", 500, [960]),
        # One that has fewer pixels in it than the model takes, from a larger copy.
        ("JPEG", 165, [960, 1280]),
        # Other formats are decoded whole before they are reduced: once, then.
        ("PNG", 165, [1280]),
    ],
)
def test_decoded_as_large_as_its_faces_need(
    client, astronaut, monkeypatch, kind, face, sides_asked
):
    from app.inference import photo_recognizer

    asked = []

    def decode(data, limits, side):
        asked.append(side)
        return real(data, limits, side)

    real = photo_recognizer.decode
    monkeypatch.setattr(photo_recognizer, "decode", decode)
    picture, box = scene(astronaut, face, 4000, 3000)
    content = encoded(picture, kind)
    response = client.post("/api/v1/recognize", data=upload(content))
    answer = response.get_json()
    assert asked == sides_asked
    assert answer["image"] == {"width": 4000, "height": 3000}
    (found,) = answer["faces"]
    assert overlap(sides(found["box"]), box) > 0.6
    assert found["label"] == "happy"


def test_a_photo_that_is_not_reduced_is_decoded_once(client, photo, astronaut, monkeypatch):
    from app.inference import photo_recognizer

    asked = []
    real = photo_recognizer.decode
    monkeypatch.setattr(
        photo_recognizer, "decode", lambda *arguments: asked.append(1) or real(*arguments)
    )
    small = encoded(astronaut.resize((200, 200)), "JPEG", quality=95)
    faces = client.post("/api/v1/recognize", data=upload(small)).get_json()["faces"]
    assert [face["box"]["width"] < 48 for face in faces] == [True]
    assert asked == [1]


def test_an_annotated_picture_is_as_large_as_it_may_be(client, astronaut):
    picture, _ = scene(astronaut, 500, 4000, 3000)
    form = upload(encoded(picture, "JPEG"), annotated="jpeg")
    drawn = client.post("/api/v1/recognize", data=form).data
    assert Image.open(BytesIO(drawn)).size == (4000, 3000)
