"""The recogniser with a detector and a classifier whose results are given."""

import numpy as np
import pytest

from app.inference.contract import ModelContract
from app.inference.preprocess import crop_box, to_input
from app.inference.recognizer import Recognizer
from app.inference.test_time_augmentation import AUGMENTATIONS
from app.inference.types import Box, DetectedFace

CONTRACT = ModelContract.from_json(
    {
        "contract_version": 2,
        "model": "made.up",
        "labels": ["calm", "glad", "cross"],
        "input": {"height": 12, "width": 10, "channels": 1},
        "crop": {"margin": 0.1},
        "calibration": {"bias": [0.0, 0.0, 0.0], "temperature": 1.0, "unsure_below": 0.5},
    }
)
BOXES = [Box(30.0, 20.0, 40.0, 40.0), Box(-5.0, 5.0, 30.0, 20.0), Box(80.0, 60.0, 15.0, 15.0)]
FACES = [
    DetectedFace(box, name) for box, name in zip(BOXES, ("haar", "blazeface", "haar"), strict=True)
]
ROWS = [[0.1, 0.7, 0.2], [0.4, 0.35, 0.25], [0.25, 0.25, 0.5]]


class Detector:
    """Finds given faces in every picture."""

    def __init__(self, faces):
        self.faces = faces

    def detect(self, image):
        return list(self.faces)


class Classifier:
    """Gives a row of ROWS for each face, slightly changed for each of its crops, and keeps what it
    was fed."""

    contract = CONTRACT

    def __init__(self):
        self.batches = []

    def predict(self, batch):
        self.batches.append(batch)
        rows = np.array(ROWS, np.float32).repeat(len(AUGMENTATIONS), axis=0)[: len(batch)]
        rows[::2] += [0.02, -0.02, 0]
        rows[1::2] -= [0.02, -0.02, 0]
        return rows.reshape(len(batch), 3)


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (100, 120, 3), np.uint8)


def test_each_box_becomes_a_face(image):
    recognizer = Recognizer(Detector(FACES), Classifier(), 10)
    faces, timings = recognizer.score(image, recognizer.detect(image))
    assert [face.id for face in faces] == [0, 1, 2]
    assert [face.box for face in faces] == BOXES
    assert [face.detector for face in faces] == ["haar", "blazeface", "haar"]
    assert [face.label for face in faces] == ["glad", "calm", "cross"]
    assert [face.score for face in faces] == pytest.approx([0.7, 0.4, 0.5])
    assert [face.unsure for face in faces] == [False, True, False]
    for face, row in zip(faces, ROWS, strict=True):
        assert list(face.scores) == ["calm", "glad", "cross"]
        assert list(face.scores.values()) == pytest.approx(row)
    assert set(timings) == {"crop", "predict"}
    assert all(ms >= 0 for ms in timings.values())


def test_all_faces_go_in_one_batch_cut_by_the_contract(image):
    classifier = Classifier()
    Recognizer(Detector(FACES), classifier, 10).score(image, FACES)
    (batch,) = classifier.batches
    assert batch.shape == (6, 12, 10, 1)
    assert batch.dtype == np.float32
    for number, box in enumerate(BOXES):
        whole, middle = (
            crop_box(box, CONTRACT.crop),
            (box.x + box.width / 2, box.y + box.height / 2),
        )
        for row, side in ((batch[2 * number], 1.04), (batch[2 * number + 1][:, ::-1], 0.89)):
            side *= whole.width
            crop = Box(middle[0] - side / 2, middle[1] - side / 2, side, side)
            expected = to_input(image, crop, CONTRACT.input)
            np.testing.assert_allclose(row, expected, rtol=0, atol=1e-3)


def test_no_more_faces_than_the_limit(image):
    classifier = Classifier()
    recognizer = Recognizer(Detector(FACES), classifier, 2)
    faces, _ = recognizer.score(image, recognizer.detect(image))
    assert [face.box for face in faces] == BOXES[:2]
    assert len(classifier.batches[0]) == 2 * len(AUGMENTATIONS)


def test_no_face_is_an_empty_list(image):
    recognizer = Recognizer(Detector([]), Classifier(), 10)
    faces, timings = recognizer.score(image, recognizer.detect(image))
    assert faces == []
    assert set(timings) == {"crop", "predict"}
