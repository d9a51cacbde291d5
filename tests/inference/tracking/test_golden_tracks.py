"""Tracking gives what the browser's tracking gives: tests/golden/tracks.json."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.inference.tracking.box_smoothing import BoxSmoother
from app.inference.tracking.face_tracking import FaceTracker
from app.inference.tracking.score_smoothing import ScoreSmoother
from app.inference.tracking.track_assignment import TrackAssigner, assign_maximum
from app.inference.types import Box
from tests.support.drawn_faces import drawn_frame

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "tracks.json").read_text())
PIXELS = 0.05
"""How far boxes may be apart, in pixels: each language rounds in its own way."""


@pytest.mark.parametrize("name", GOLDEN["ids"])
def test_ids_of_people(name):
    tracker = TrackAssigner()
    for frame in GOLDEN["ids"][name]:
        boxes = [Box(*numbers) for numbers in frame["boxes"]]
        assert tracker.assign(boxes, frame["time"]) == frame["ids"], frame["time"]


@pytest.mark.parametrize("name", GOLDEN["films"])
def test_faces_of_a_film(name):
    now = {}
    tracker = FaceTracker(lambda _: [Box(*numbers) for numbers in now["detections"]])
    for frame in GOLDEN["films"][name]:
        now = frame
        image = drawn_frame(frame["drawn"], GOLDEN["width"], GOLDEN["height"])
        faces, detected = tracker.update(image, frame["time"])
        assert detected == frame["detected"], frame["time"]
        assert [face.id for face in faces] == [face["id"] for face in frame["faces"]]
        for face, expected in zip(faces, frame["faces"], strict=True):
            box = (face.box.x, face.box.y, face.box.width, face.box.height)
            np.testing.assert_allclose(box, expected["box"], atol=PIXELS)


def test_smoothing():
    boxes, scores = BoxSmoother(), ScoreSmoother()
    for step in GOLDEN["smoothing"]:
        box = boxes.update(0, Box(*step["box"]), step["time"])
        values = (box.x, box.y, box.width, box.height)
        np.testing.assert_allclose(values, step["smooth_box"], atol=2e-4)
        smooth = scores.update(0, np.array(step["scores"]), step["time"])
        np.testing.assert_allclose(smooth, step["smooth_scores"], atol=2e-4)


def test_the_films_hold_both_detection_and_alignment():
    for name, frames in GOLDEN["films"].items():
        assert {frame["detected"] for frame in frames} == {True, False}, name


def test_a_pair_that_is_not_allowed_is_never_assigned():
    assert assign_maximum([]) == []
    assert assign_maximum([[], []]) == [None, None]
    assert assign_maximum([[None, 0.5], [None, 0.9]]) == [None, 1]
    assert assign_maximum([[0.3, -0.5], [0.9, 0.1]]) == [None, 0]


def test_a_detection_can_be_asked_for():
    calls = []
    tracker = FaceTracker(lambda image: calls.append(1) or [Box(60, 40, 30, 30)])
    image = drawn_frame([{"pattern": 1, "x": 75, "y": 55, "side": 30, "roll": 0}], 160, 120)
    for time, detect in ((0, False), (40, False), (80, True), (120, False)):
        assert tracker.update(image, time, detect=detect)[1] == (time in (0, 80))
    assert len(calls) == 2


def test_a_picture_of_one_colour_has_no_template():
    tracker = FaceTracker(lambda image: [Box(60, 40, 30, 30)])
    faces, _ = tracker.update(np.full((120, 160, 3), 90, np.uint8), 0)
    assert [(face.id, face.template) for face in faces] == [(0, None)]
