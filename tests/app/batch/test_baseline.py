"""Resting faces in a batch."""

import json

import numpy as np
import pytest

from app.batch.baseline import AUTO, find_resting_face, read_baseline, rested
from app.batch.cli import main
from app.batch.errors import BatchError
from app.inference.resting_face import RestingFace
from tests.app.batch.conftest import faces

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
REST, SMILE = np.full(7, 0.02), np.full(7, 0.02)
REST[[4, 6]] = 0.4, 0.5  # at rest this face looks sad to the model
SMILE[[3, 4, 6]] = 0.25, 0.4, 0.27


def film(*parts, seed=0):
    """Scores and times: (state, seconds) after each other, ten samples a second, with noise."""
    rows = np.concatenate([np.tile(state, (round(10 * s), 1)) for state, s in parts])
    rows = rows * np.exp(np.random.default_rng(seed).normal(0, 0.1, rows.shape))
    return rows / rows.sum(axis=1, keepdims=True), np.arange(len(rows)) / 10


def test_a_faint_smile_of_a_sad_looking_face_is_seen():
    scores, seconds = film((SMILE, 6), (REST, 60), (SMILE, 6))
    adjusted, known = rested(scores, seconds, np.ones(len(scores)), AUTO, LABELS)
    assert known.all()
    best = adjusted.argmax(axis=1)
    assert (best[:60] == 3).mean() > 0.9, "also before the rest was seen"
    assert (best[-60:] == 3).mean() > 0.9
    assert (best[60:-60] == 6).mean() > 0.9
    np.testing.assert_allclose(adjusted.sum(axis=1), 1, atol=1e-6)


def test_a_minute_of_a_smile_is_no_rest():
    scores, seconds = film((REST, 12), (SMILE, 60))
    face = find_resting_face(scores, seconds, neutral=6)
    expected = RestingFace.of(film((REST, 60))[0])
    np.testing.assert_allclose(face.rest, expected.rest, atol=0.3)


def test_faces_have_their_own_rest_and_some_have_none():
    scores, seconds = film((REST, 30))
    short, early = film((SMILE, 2), seed=1)
    everything = np.concatenate([scores, short])
    numbers = np.concatenate([np.ones(len(scores)), np.full(len(short), 2)])
    adjusted, known = rested(everything, np.concatenate([seconds, early]), numbers, AUTO, LABELS)
    assert known.tolist() == (numbers == 1).tolist()
    np.testing.assert_array_equal(adjusted[numbers == 2], short)


def test_without_the_option_nothing_changes():
    scores, seconds = film((REST, 10))
    adjusted, known = rested(scores, seconds, np.ones(len(scores)), None, LABELS)
    assert adjusted is scores
    assert not known.any()


@pytest.mark.parametrize(
    "text", ["", "[]", '{"labels": ["happy"], "rest": [1], "spread": [1]}', "no JSON"]
)
def test_a_file_that_is_no_resting_face_is_refused(tmp_path, text):
    path = tmp_path / "rest.json"
    path.write_text(text)
    with pytest.raises(BatchError, match="expected JSON with"):
        read_baseline(str(path), LABELS)
    with pytest.raises(BatchError, match="No such file"):
        read_baseline(str(tmp_path / "gone.json"), LABELS)
    with pytest.raises(BatchError, match="needs a model with the label neutral"):
        read_baseline(AUTO, ("happy", "sad"))


@pytest.mark.usefixtures("in_process")
def test_a_resting_face_from_a_file(folder, tmp_path):
    path, out = tmp_path / "rest.json", tmp_path / "out"
    source = str(folder / "astronaut.jpg")
    assert main([source, "--out", str(tmp_path / "plain"), "--quiet"]) == 0
    (plain,) = faces(tmp_path / "plain")
    # To a person who looks like that at rest, the picture shows nothing.
    scores = np.array([[plain[f"score_{label}"] for label in LABELS]])
    face = RestingFace.of(scores)
    about = {"labels": LABELS, "rest": face.rest.tolist(), "spread": face.spread.tolist()}
    path.write_text(json.dumps(about))
    assert main([source, "--out", str(out), "--quiet", "--baseline", str(path)]) == 0
    (row,) = faces(out)
    assert (plain["label"], plain["resting_face"]) == ("happy", False)
    assert (row["label"], row["resting_face"]) == ("neutral", True)
