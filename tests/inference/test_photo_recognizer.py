"""From a photo file to its faces, without Flask: sizes, places, times and refusals."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from app.inference.contract import ModelContract
from app.inference.errors import ImageDecodeError, ImageTooLargeError
from app.inference.images import DETECTION_SIDE, WORKING_SIDE, ImageLimits
from app.inference.photo_recognizer import PhotoRecognizer
from app.inference.recognizer import Recognizer
from app.inference.types import Box, DetectedFace

from ..support.numbers import assert_close

CONTRACT = ModelContract.from_json(
    {
        "contract_version": 1,
        "model": "made.up",
        "labels": ["calm", "glad"],
        "input": {"height": 48, "width": 48, "channels": 1},
        "crop": {"margin": 0.0},
        "calibration": {"temperature": 1.0, "unsure_below": 0.5},
    }
)


class Detector:
    """Finds one face, at the same place of each image and of the same share of its width."""

    def __init__(self, share):
        self.share = share
        self.sizes = []

    def detect(self, image):
        height, width = image.shape[:2]
        self.sizes.append((width, height))
        side = self.share * width
        return [DetectedFace(Box(0.25 * width, 0.5 * height, side, side), "haar")]


class Classifier:
    """Gives every face the same scores."""

    contract = CONTRACT

    def predict(self, batch):
        return np.tile(np.array([0.25, 0.75], np.float32), (len(batch), 1))


def photo_file(width, height, kind="JPEG"):
    file = BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, kind)
    return file.getvalue()


def recognized(data, share=0.2, side=None, max_bytes=10_000_000):
    detector = Detector(share)
    recognizer = Recognizer(detector, Classifier(), max_faces=4)
    limits = ImageLimits(max_bytes, 50_000_000)
    return PhotoRecognizer(recognizer, limits).recognize(data, side), detector


def test_faces_are_in_pixels_of_the_file_and_of_the_decoded_image():
    photo, _ = recognized(photo_file(4000, 2000))
    assert (photo.image.width, photo.image.height) == (4000, 2000)
    (face,) = photo.faces
    assert_close(face.box, Box(1000.0, 1000.0, 800.0, 800.0), 1e-3)
    assert (face.detector, face.label, face.unsure) == ("haar", "glad", False)
    (drawn,) = photo.faces_in_pixels
    width = photo.image.pixels.shape[1]
    assert_close(drawn.box, face.box.scaled(width / 4000, width / 4000), 1e-3)


@pytest.mark.parametrize(
    ("kind", "share", "side", "detected", "decoded"),
    [
        # A JPEG is decoded small, and again larger where its face has too few pixels, or where a
        # larger image is wanted.
        ("JPEG", 0.2, None, DETECTION_SIDE, 1000),
        ("JPEG", 0.02, None, DETECTION_SIDE, 2000),
        ("PNG", 0.02, None, WORKING_SIDE, 1334),
        ("JPEG", 0.2, 700, DETECTION_SIDE, 1000),
        ("JPEG", 0.2, 2000, DETECTION_SIDE, 2000),
        ("JPEG", 0.02, 4000, DETECTION_SIDE, 4000),
        ("PNG", 0.02, 2000, WORKING_SIDE, 2000),
    ],
)
def test_an_image_is_decoded_as_large_as_its_face_needs(kind, share, side, detected, decoded):
    photo, detector = recognized(photo_file(4000, 2000, kind), share, side)
    assert photo.image.pixels.shape[1] == decoded
    (size,) = detector.sizes
    assert detected <= size[0] < 2 * detected


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_faces_do_not_depend_on_the_image_that_is_wanted(kind):
    """JSON and the picture with its faces drawn are one answer."""
    found = [recognized(photo_file(4000, 2000, kind), 0.02, side) for side in (None, 1280, 4000)]
    for photo, detector in found[1:]:
        assert detector.sizes == found[0][1].sizes
        assert [face.to_json() for face in photo.faces] == [
            face.to_json() for face in found[0][0].faces
        ]


def test_the_answer_has_the_models_name_and_the_time_of_each_step():
    photo, _ = recognized(photo_file(300, 200))
    answer = photo.to_json()
    assert answer["model"] == "made.up"
    assert answer["image"] == {"width": 300, "height": 200}
    times = answer["timings_ms"]
    assert list(times) == ["decode", "detect", "crop", "predict", "total"]
    assert all(ms >= 0 for ms in times.values())
    steps = sum(ms for step, ms in photo.timings_ms.items() if step != "total")
    assert steps <= photo.timings_ms["total"] + 1e-6


def test_a_file_that_is_no_image_or_too_large_is_refused():
    with pytest.raises(ImageDecodeError):
        recognized(b"words")
    with pytest.raises(ImageTooLargeError, match="at most 100 are accepted"):
        recognized(photo_file(300, 200), max_bytes=100)
