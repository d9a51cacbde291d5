"""Faces of other kinds beside the training images: targets, weights, teachers, refusals."""

import json

import numpy as np
import pytest

from training.__main__ import main
from training.data.dataset import LABELS
from training.data.faces_file import Faces
from training.data.loading import read_data
from training.errors import TrainingError
from training.train.distillation import SoftLabels
from training.train.extra_faces import SMOOTHING, WEIGHT, add_faces
from training.train.targets import Target

from ...support.training import drawn_face


@pytest.fixture(scope="module")
def training(fer_csv):
    return read_data(fer_csv).split("train").take(np.arange(5))


FACES = Faces(
    np.zeros((3, 48, 48), np.uint8), np.array([3, 6, 3]), np.array(["film", "film", "news"])
)


def target(name, count=5):
    rows = np.full((count, 7), 1 / 7, np.float32)
    return Target(name, rows, np.ones(count, np.float32), np.zeros(2, np.int64), 0.0)


def soft(**faces):
    return SoftLabels(np.arange(5), {}, LABELS, "", (), 1.0, faces=faces)


def test_each_face_is_appended_as_often_as_asked_for(training):
    together, (only,) = add_faces(training, [target("ferplus")], FACES, 2)
    assert len(together) == 5 + 2 * 3
    assert together.rows.tolist() == [*training.rows.tolist(), *[-1] * 6]
    assert together.labels[5:].tolist() == [3, 6, 3, 3, 6, 3]
    assert (together.images[:5] == training.images).all()
    assert only.weights.tolist() == pytest.approx([1.0] * 5 + [WEIGHT] * 6)
    assert only.probabilities.sum(axis=1) == pytest.approx(1)
    assert only.probabilities[5, 3] == pytest.approx(1 - SMOOTHING * 6 / 7)
    assert only.probabilities.dtype == np.float32


def test_of_two_targets_ferplus_learns_them(training):
    _, (fer2013, ferplus) = add_faces(training, [target("fer2013"), target("ferplus")], FACES, 1)
    assert fer2013.weights[5:].tolist() == [0, 0, 0]
    assert (ferplus.weights[5:] > 0).all()


def test_teachers_are_mixed_in(training):
    predicted = np.tile(np.array([[0, 0, 0, 0, 0, 2.0, 0]]), (3, 1))
    _, (only,) = add_faces(training, [target("ferplus")], FACES, 1, soft(ferplus=predicted), 0.4)
    assert only.probabilities[5, 5] == pytest.approx(0.6 * SMOOTHING / 7 + 0.4)
    assert only.probabilities[5].sum() == pytest.approx(1)


def test_teachers_that_did_not_see_the_faces_and_other_labels_are_rejected(training):
    with pytest.raises(TrainingError, match="no predictions of these faces"):
        add_faces(training, [target("ferplus")], FACES, 1, soft(), 0.4)
    with pytest.raises(TrainingError, match="no predictions of these faces"):
        add_faces(training, [target("ferplus")], FACES, 1, soft(ferplus=np.ones((2, 7))), 0.4)
    with pytest.raises(TrainingError, match="this run learns happy, neutral"):
        add_faces(training.only(("happy", "neutral")), [target("fer2013")], FACES, 1)


def test_a_distilled_run_learns_from_faces_too(promoted_model, fer_csv, tmp_path, capsys):
    random = np.random.default_rng(1)
    images = np.stack([drawn_face(index % 7, random) for index in range(14)])
    file = tmp_path / "faces.npz"
    np.savez(file, image=images, label=np.arange(14) % 7, split=np.repeat("train", 14))
    run = tmp_path / "run"
    arguments = ["distill", "mien_plain", "--data", str(fer_csv), "--out", str(run)]
    arguments += ["--teachers", str(promoted_model), "--soft-labels", str(tmp_path / "soft.npz")]
    arguments += ["--faces", str(file), "--faces-repeat", "2", "--epochs", "1", "--batch", "28"]
    assert main(arguments) == 0
    config = json.loads((run / "config.json").read_text())
    assert config["pictures"] == {"train": 112, "validation": 42, "faces": 14}
    assert config["faces"]["name"] == "faces.npz"
    assert config["settings"]["faces_repeat"] == 2
    models = tmp_path / "models"
    promote = ["promote", str(run), "mien_plain.faces", "--data", str(fer_csv)]
    assert main([*promote, "--models", str(models)]) == 0
    card = json.loads((models / "mien_plain.faces" / "card.json").read_text())
    assert card["data"]["trained_on"].endswith("; 14 faces of faces.npz, each 2 times in an epoch")
    # A resumed run is of the same faces.
    again = ["train", "mien_plain", "--data", str(fer_csv), "--out", str(run), "--resume"]
    capsys.readouterr()
    assert main([*again, "--soft-labels", str(tmp_path / "soft.npz")]) == 1
    assert "--faces is not given" in capsys.readouterr().err
