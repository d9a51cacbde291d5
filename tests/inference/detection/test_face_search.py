"""tests/golden/face_search.json in Python; tests/js/inference/face-search.test.mjs is its twin."""

import json

import numpy as np
import pytest

from app.inference.detection import face_search
from app.inference.detection.blazeface_network import BlazeFaceNetwork
from app.inference.detection.boxes import overlap
from app.inference.detection.face_search import LARGE_FACES, PICTURE, SMALL_FACES, search_picture
from app.inference.types import Box

from ...golden.make_face_search import OUT, frame, golden
from ...support.numbers import assert_close

GOLDEN = json.loads(OUT.read_text("utf-8"))


@pytest.fixture(scope="module")
def network():
    return BlazeFaceNetwork()


@pytest.fixture(scope="module")
def made():
    return golden()


@pytest.mark.parametrize("name", ["letterboxes", "detections"])
def test_the_golden_file_is_made_of_the_modules(made, name):
    assert_close(made[name], GOLDEN[name], 0.011)


@pytest.mark.parametrize("name", GOLDEN["frames"])
def test_the_faces_of_the_golden_frames_are_found(made, name):
    found, expected = made["frames"][name]["boxes"], GOLDEN["frames"][name]["boxes"]
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert overlap(Box(**one), Box(**other)) > 0.97


def searched(network, image, monkeypatch):
    """The searches that are made, in their order."""
    made = []
    run = face_search.run

    def watched(network, image, search):
        made.append(search)
        return run(network, image, search)

    monkeypatch.setattr(face_search, "run", watched)
    search_picture(network, image)
    return made


def test_small_faces_are_searched_only_where_there_is_no_other(network, monkeypatch):
    face, empty = (frame(GOLDEN["frames"][name]) for name in ("one face", "nothing"))
    assert searched(network, face, monkeypatch) == [LARGE_FACES, PICTURE]
    assert searched(network, empty, monkeypatch) == [LARGE_FACES, PICTURE, SMALL_FACES]
    # An image that was searched at its own size holds no smaller faces.
    small = np.full((288, 384, 3), 120, np.uint8)
    assert searched(network, small, monkeypatch) == [LARGE_FACES, PICTURE]


def test_boxes_in_the_box_of_a_large_face_are_dropped(network, monkeypatch):
    found = {
        LARGE_FACES: [Box(100, 100, 400, 400), Box(700, 100, 90, 90)],
        PICTURE: [Box(90, 120, 420, 420), Box(200, 200, 80, 80), Box(480, 100, 90, 90)],
    }
    monkeypatch.setattr(face_search, "run", lambda network, image, search: found[search])
    boxes = search_picture(network, np.zeros((600, 800, 3), np.uint8))
    assert boxes == [Box(100, 100, 400, 400), Box(480, 100, 90, 90)]
