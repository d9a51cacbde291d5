"""Haar detection on real images: the box, its pixels, and several threads."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from skimage import data

from app.inference.detection.boxes import merge, overlap
from app.inference.face_detector import LONGER_SIDE, PASSES, HaarFaceDetector
from app.inference.types import Box, DetectedFace

from ...support.numbers import assert_close

FACE = Box(174, 62, 104, 104)
"""The face in the astronaut picture, brows to chin, set by eye."""


def boxes(detector, image):
    """The boxes that are found, largest first."""
    return [face.box for face in detector.detect(image)]


@pytest.fixture(scope="module")
def detector():
    return HaarFaceDetector()


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
    assert frame.shape[1] > LONGER_SIDE
    frame[0:1024, 1800:2824] = cv2.resize(astronaut, (1024, 1024))
    (box,) = boxes(detector, frame)
    assert overlap(box, Box(1800 + 348, 124, 208, 208)) > 0.7


def test_a_face_that_fills_the_picture_is_found(detector, astronaut):
    tight = np.ascontiguousarray(astronaut[62:166, 174:278])
    (box,) = boxes(detector, tight)
    assert overlap(box, Box(0, 0, 104, 104)) > 0.7


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


@pytest.mark.parametrize("tilt", [-38, -25, 25, 38])
def test_a_tilted_face_is_found_where_there_is_no_upright_one(detector, astronaut, tilt):
    centre = (FACE.x + FACE.width / 2, FACE.y + FACE.height / 2)
    turn = cv2.getRotationMatrix2D(centre, tilt, 1)
    picture = cv2.warpAffine(astronaut, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    assert HaarFaceDetector(PASSES[:2]).detect(picture) == []
    assert max(overlap(box, FACE) for box in boxes(detector, picture)) > 0.6


def test_the_first_pass_that_finds_a_face_is_the_last(astronaut):
    made = []

    def make_pass(name, boxes):
        def detect(detector, grey):
            assert grey.shape == (512, 512)
            made.append(name)
            return boxes

        return detect

    face, inside = Box(10, 10, 50, 50), Box(20, 20, 20, 20)
    passes = [make_pass("a", []), make_pass("b", [inside, face]), make_pass("c", [Box(0, 0, 9, 9)])]
    assert HaarFaceDetector(passes).detect(astronaut) == [DetectedFace(face, "haar")]
    assert made == ["a", "b"]


def test_an_uncertain_detection_needs_the_second_cascade(monkeypatch, astronaut):
    detector = HaarFaceDetector()
    grey = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    unsure = [(FACE, 55.5), (Box(300, 300, 104, 104), 55.5)]
    monkeypatch.setattr(detector.frontal, "detect", lambda *arguments: unsure)
    assert detector.detect_confirmed(grey) == [FACE]
    sure = [(Box(300, 300, 104, 104), 57.0)]
    monkeypatch.setattr(detector.frontal, "detect", lambda *arguments: sure)
    assert detector.detect_confirmed(grey) == [Box(300, 300, 104, 104)]


def test_the_picture_is_not_written_to(detector, astronaut):
    before = astronaut.copy()
    detector.detect(astronaut)
    assert np.array_equal(astronaut, before)
