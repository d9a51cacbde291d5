"""Measuring by group of people: what is counted, and on whom."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from app.inference.classifier import ExpressionClassifier
from app.inference.face_detector import HaarFaceDetector
from app.inference.types import Box
from training.errors import RunError
from training.measure.changed_copies import changed_copy
from training.measure.groups import COLUMNS, measure_groups, read_people
from training.measure.metrics import accuracy_of, wilson_interval

MODELS = Path(__file__).parents[3] / "app" / "models"

FACE = Box(177.0, 66.0, 97.0, 97.0)


@pytest.fixture
def table(tmp_path):
    """Two people, whose photos, "neutral" ones too, are all of one smiling woman."""
    (tmp_path / "photos").mkdir()
    lines = [",".join(COLUMNS)]
    for person, age, gender in (("1", "29", "female"), ("2", "45", "male")):
        for label in ("neutral", "happy"):
            file = f"{person}_{label}.jpg"
            cv2.imwrite(str(tmp_path / "photos" / file), data.astronaut()[:, :, ::-1])
            lines.append(f"{file},{person},{label},{age},{gender},white")
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_groups_and_halves(table):
    classifier = ExpressionClassifier(MODELS / "mien_small.ferplus" / "model.h5")
    found = measure_groups(classifier, HaarFaceDetector(), read_people(table))
    assert (found["people"], found["photos"], found["found"]) == (2, 4, 4)
    rows = {(row["kind"], row["name"]): row for row in found["rows"]}
    assert set(rows) == {
        ("all", "all"),
        ("gender", "female"),
        ("gender", "male"),
        ("age", "under 30"),
        ("age", "45 and over"),
        ("ethnicity", "white"),
    }
    everyone = rows["all", "all"]
    # A smile that is held for rest is not neutral to the model, but it is the person's own rest.
    assert everyone["happy"]["accuracy"] > 0.9
    assert everyone["neutral"]["accuracy"] < 0.1
    assert everyone["with_rest"]["neutral"]["accuracy"] > 0.9
    assert everyone["with_rest"]["happy"]["accuracy"] < 0.1
    # With the resting face only every second person counts.
    assert [everyone["n"], everyone["with_rest"]["happy"]["n"]] == [2, 1]
    assert rows["gender", "female"]["with_rest"]["happy"] == {
        "n": 0,
        "accuracy": None,
        "interval": None,
    }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda text: text.replace("ethnicity", "origin", 1), "no column ethnicity; expected file"),
        (
            lambda text: text.replace("2_neutral.jpg,2,neutral,45,male,white\n", ""),
            r"2 has no photo",
        ),
        (lambda text: "", "no column file, person"),
        (lambda text: text.replace("1_happy.jpg", "away.jpg"), r"away\.jpg: there is no such"),
    ],
)
def test_what_is_wrong_with_the_table_is_said(table, change, sentence):
    table.write_text(change(table.read_text(encoding="utf-8")), encoding="utf-8")
    classifier = ExpressionClassifier(MODELS / "mien_small.ferplus" / "model.h5")
    with pytest.raises(RunError, match=sentence):
        measure_groups(classifier, HaarFaceDetector(), read_people(table))


def test_a_table_that_is_not_there(tmp_path):
    with pytest.raises(RunError, match=r"people\.csv: cannot be read"):
        read_people(tmp_path / "people.csv")


def test_a_model_without_neutral_is_refused(table, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(MODELS / "softmax_regression.fer2013", folder)
    contract = folder / "contract.json"
    text = contract.read_text(encoding="utf-8").replace('"neutral"', '"sad"')
    contract.write_text(text, encoding="utf-8")
    classifier = ExpressionClassifier(folder / "model.h5")
    with pytest.raises(RunError, match="the model has no label neutral"):
        measure_groups(classifier, HaarFaceDetector(), read_people(table))


def test_copies_differ_but_show_the_same_face():
    random = np.random.default_rng(3)
    copies = [changed_copy(data.astronaut(), FACE, random) for _ in range(8)]
    assert len({copy.tobytes() for copy, _ in copies}) == len(copies)
    for copy, box in copies:
        assert copy.shape == data.astronaut().shape
        assert copy.dtype == np.uint8
        assert box.width == pytest.approx(FACE.width, rel=0.15)
        assert box.x + box.width / 2 == pytest.approx(FACE.x + FACE.width / 2, abs=10)


@pytest.mark.parametrize("right", [0, 7, 20])
def test_the_interval_of_a_share_is_wilsons(right):
    assert wilson_interval(right / 20, 20) == pytest.approx(
        accuracy_of(right, 20)["interval"], abs=1e-4
    )
