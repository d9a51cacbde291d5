"""Detection in photos: the box, its pixels, which detector finds it, and several threads."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from skimage import data

from app.inference.detection.boxes import merge, overlap
from app.inference.face_detector import HaarFaceDetector, PhotoFaceDetector
from app.inference.types import Box, DetectedFace

from ...support.numbers import assert_close

FACE = Box(174, 62, 104, 104)
"""The face in the astronaut picture, brows to chin, set by eye."""


def boxes(detector, image):
    """The boxes that are found, largest first."""
    return [face.box for face in detector.detect(image)]


@pytest.fixture(scope="module", params=["both", "haar"])
def detector(request):
    """Each test holds for both detectors together and for the cascade alone."""
    return PhotoFaceDetector() if request.param == "both" else HaarFaceDetector()


@pytest.fixture(scope="module")
def both():
    return PhotoFaceDetector()


@pytest.fixture(scope="module")
def astronaut():
    return data.astronaut()


def test_the_face_is_found(detector, astronaut):
    (box,) = boxes(detector, astronaut)
    assert overlap(box, FACE) > 0.8


@pytest.mark.parametrize("scale", [0.35, 0.5, 2, 4])
def test_boxes_are_in_pixels_of_the_picture_given(detector, astronaut, scale):
    size = round(512 * scale)
    (box,) = boxes(detector, cv2.resize(astronaut, (size, size), interpolation=cv2.INTER_AREA))
    assert overlap(box, Box(*(scale * side for side in (174, 62, 104, 104)))) > 0.7


def test_wide_pictures_are_reduced_evenly(detector, astronaut):
    frame = np.full((1024, 3001, 3), 90, np.uint8)
    frame[0:1024, 1800:2824] = cv2.resize(astronaut, (1024, 1024))
    (box,) = boxes(detector, frame)
    assert overlap(box, Box(1800 + 348, 124, 208, 208)) > 0.7


@pytest.mark.parametrize("size", [104, 350, 1400])
def test_a_face_that_fills_the_picture_is_found(both, astronaut, size):
    tight = cv2.resize(np.ascontiguousarray(astronaut[62:166, 174:278]), (size, size))
    (box,) = boxes(both, tight)
    assert overlap(box, Box(0, 0, size, size)) > 0.7


def test_boxes_come_largest_first(detector, astronaut):
    frame = np.full((700, 1200, 3), 90, np.uint8)
    frame[50:306, 20:276] = cv2.resize(astronaut, (256, 256), interpolation=cv2.INTER_AREA)
    frame[100:612, 500:1012] = astronaut
    large, small = boxes(detector, frame)
    assert overlap(large, Box(674, 162, 104, 104)) > 0.7
    assert overlap(small, Box(20 + 87, 50 + 31, 52, 52)) > 0.6


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (900, 2), (24, 24), (480, 640)])
def test_where_there_is_no_face_there_is_no_box(detector, shape):
    assert detector.detect(np.full((*shape, 3), 127, np.uint8)) == []


def test_noise_has_no_face(detector):
    noise = np.random.default_rng(3).integers(0, 256, (480, 640, 3), np.uint8)
    assert detector.detect(noise) == []


def test_several_threads_detect_the_same_as_one(detector, astronaut):
    pictures = [np.roll(astronaut, shift, axis=1) for shift in range(0, 160, 10)]
    alone = [detector.detect(picture) for picture in pictures]
    assert sum(map(len, alone)) >= len(pictures)
    with ThreadPoolExecutor(4) as pool:
        assert_close(list(pool.map(detector.detect, pictures)), alone)


def test_merge_keeps_the_larger_of_two_boxes_of_a_face():
    large, inside, overlapping = Box(0, 0, 100, 100), Box(10, 10, 50, 50), Box(90, 0, 60, 60)
    assert merge([inside, overlapping, large]) == [large, overlapping]
    assert merge([]) == []


def test_merge_needs_more_than_half_of_the_smaller():
    large = Box(0, 0, 100, 100)
    half, more = Box(70, 0, 60, 60), Box(69, 0, 60, 60)
    assert merge([large, half]) == [large, half]
    assert merge([large, more]) == [large]


@pytest.mark.parametrize("tilt", [-60, -38, -25, 25, 38, 60])
def test_a_tilted_face_is_found_beside_an_upright_one(both, astronaut, tilt):
    centre = (FACE.x + FACE.width / 2, FACE.y + FACE.height / 2)
    turn = cv2.getRotationMatrix2D(centre, tilt, 1)
    turned = cv2.warpAffine(astronaut, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    found = boxes(both, np.hstack([astronaut, turned]))
    assert len(found) == 2
    for face in (FACE, Box(FACE.x + 512, FACE.y, FACE.width, FACE.height)):
        assert max(overlap(box, face) for box in found) > 0.6


def test_the_cascade_is_asked_only_where_the_network_finds_no_face(astronaut, monkeypatch):
    detector = PhotoFaceDetector()
    (face,) = detector.detect(astronaut)
    assert face.detector == "blazeface"
    monkeypatch.setattr("app.inference.face_detector.search_picture", lambda network, image: [])
    (face,) = detector.detect(astronaut)
    assert face.detector == "haar"
    given = DetectedFace(Box(1, 2, 3, 3), "haar")
    monkeypatch.setattr(detector.cascade, "detect", lambda image: [given])
    assert detector.detect(astronaut) == [given]


def test_the_picture_is_not_written_to(detector, astronaut):
    before = astronaut.copy()
    detector.detect(astronaut)
    assert np.array_equal(astronaut, before)
