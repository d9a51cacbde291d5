"""Distillation: teachers' predictions in a file, and a network that learns from them."""

import json
import shutil

import numpy as np
import pytest

from app.inference.classifier import ExpressionClassifier, apply_temperature
from training.__main__ import main
from training.data.fer2013 import read_fer2013
from training.data.loading import data_fingerprint
from training.errors import DataError, TrainingError
from training.measure.evaluate import predict_images
from training.train.distillation import (
    mix_soft_labels,
    predict_with_teachers,
    read_soft_labels,
    shifted_views,
    write_soft_labels,
)
from training.train.targets import make_targets


@pytest.fixture(scope="module")
def data(fer_csv):
    return read_fer2013(fer_csv)


@pytest.fixture(scope="module")
def soft(promoted_model, data, fer_csv):
    checksum = data_fingerprint(fer_csv, data)["sha256"]
    return predict_with_teachers([promoted_model / "model.h5"], data, checksum, 2.0)


def test_predictions_are_averaged_over_mirror_images_with_a_temperature(soft, promoted_model, data):
    training = data.split("train")
    own = ExpressionClassifier(promoted_model / "model.h5")
    both = [
        apply_temperature(predict_images(own, np.ascontiguousarray(images)), 2.0)
        for images in (training.images, training.images[:, :, ::-1])
    ]
    assert soft.probabilities["fer2013"] == pytest.approx(np.mean(both, axis=0), abs=1e-6)
    assert soft.rows.tolist() == training.rows.tolist()
    assert soft.teachers[0].startswith("fer2013 tiny.smoke ")


def test_views_are_images_mirror_images_and_both_shifted():
    images = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    mirrored = images[:, :, ::-1]
    assert [view.tolist() for view in shifted_views(images, 0)] == [
        images.tolist(),
        mirrored.tolist(),
    ]
    seen = list(shifted_views(images, 1))
    assert [view.tolist() for view in seen[:2]] == [images.tolist(), mirrored.tolist()]
    down, right, up, left = seen[2:]
    # The rows of the first image are 0..3, 4..7, 8..11; the edge is replicated.
    assert down[0].tolist() == [[0, 1, 2, 3], [0, 1, 2, 3], [4, 5, 6, 7]]
    assert right[0].tolist() == [[0, 0, 1, 2], [4, 4, 5, 6], [8, 8, 9, 10]]
    assert up[0].tolist() == [[7, 6, 5, 4], [11, 10, 9, 8], [11, 10, 9, 8]]
    assert left[0].tolist() == [[2, 1, 0, 0], [6, 5, 4, 4], [10, 9, 8, 8]]


def test_shifted_views_are_averaged_and_the_shift_is_stored(promoted_model, data, soft, tmp_path):
    moved = predict_with_teachers([promoted_model / "model.h5"], data, soft.data, 2.0, 2)
    images = data.split("train").images
    own = ExpressionClassifier(promoted_model / "model.h5")
    each = [apply_temperature(predict_images(own, view), 2.0) for view in shifted_views(images, 2)]
    assert len(each) == 6
    assert moved.probabilities["fer2013"] == pytest.approx(np.mean(each, axis=0), abs=1e-6)
    write_soft_labels(tmp_path / "moved.npz", moved)
    assert read_soft_labels(tmp_path / "moved.npz").shift == 2
    assert soft.shift == 0


def test_the_file_is_read_as_it_was_written(soft, tmp_path):
    path = tmp_path / "new" / "soft.npz"
    write_soft_labels(path, soft)
    read = read_soft_labels(path)
    assert read.probabilities["fer2013"] == pytest.approx(soft.probabilities["fer2013"], abs=1e-3)
    assert (read.labels, read.data, read.teachers, read.temperature) == (
        soft.labels, soft.data, soft.teachers, 2.0,
    )  # fmt: skip


def test_targets_are_mixed_image_by_image(soft, data):
    # A part of the split in another order, as with a recipe that leaves images out.
    training = data.split("train").take(np.array([5, 3, 40]))
    own = make_targets(("fer2013",), training, data.split("validation"), None, 0.1)
    (mixed,) = mix_soft_labels(own, soft, training, soft.data, 0.25)
    expected = 0.75 * own[0].probabilities + 0.25 * soft.probabilities["fer2013"][[5, 3, 40]]
    assert mixed.probabilities == pytest.approx(expected, abs=1e-6)
    assert mixed.probabilities.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-6)
    assert mixed.validation_labels is own[0].validation_labels


def test_soft_labels_of_other_data_or_labels_are_rejected(soft, data):
    training = data.split("train")
    own = make_targets(("fer2013",), training, data.split("validation"), None, 0.1)
    with pytest.raises(TrainingError, match="belong to other data"):
        mix_soft_labels(own, soft, training, "another", 0.5)
    fewer = training.only(("happy", "neutral"))
    with pytest.raises(TrainingError, match="this run learns happy, neutral"):
        mix_soft_labels(own, soft, fewer, soft.data, 0.5)
    votes = np.zeros((len(data), 10), np.int64)
    votes[:, 3] = 9
    ferplus = make_targets(("ferplus",), training, data.split("validation"), votes, 0.1)
    with pytest.raises(TrainingError, match="no teacher for the target ferplus"):
        mix_soft_labels(ferplus, soft, training, soft.data, 0.5)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"text"])
def test_files_without_soft_labels(tmp_path, content):
    path = tmp_path / "soft.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match="not a file of soft labels"):
        read_soft_labels(path)
    np.savez(path, rows=np.arange(3), labels=np.array(["a"]), fer2013=np.zeros((2, 1)))
    with pytest.raises(DataError, match="do not fit together"):
        read_soft_labels(path)


def test_distil_and_resume(promoted_model, fer_csv, ferplus_csv, tmp_path, capsys):
    file, run = tmp_path / "soft.npz", tmp_path / "run"
    common = ["distill", "tiny", "--data", str(fer_csv), "--out", str(run)]
    first = [*common, "--batch", "56", "--epochs", "1", "--learning-rate", "0.02"]
    teachers = ["--teachers", str(promoted_model), "--soft-weight", "0.7"]
    first += ["--start-from", str(promoted_model)]
    assert main([*first, *teachers, "--soft-labels", str(file)]) == 0
    config = json.loads((run / "config.json").read_text())
    assert config["settings"]["soft_weight"] == 0.7
    assert config["soft_labels"]["name"] == "soft.npz"
    assert (run / "model.h5").is_file()
    # With the same file, then with another.
    assert main([*common, "--soft-labels", str(file), "--resume"]) == 0
    capsys.readouterr()
    shutil.copy(file, tmp_path / "other.npz")
    assert main([*common, "--soft-labels", str(tmp_path / "other.npz"), "--resume"]) == 1
    assert "resume with the same data" in capsys.readouterr().err
    assert main([*first, *teachers, "--soft-labels", str(file)]) == 1
    assert "soft.npz exists already" in capsys.readouterr().err
    assert main(first) == 1
    assert "needs --teachers NAME,NAME,... or --soft-labels FILE" in capsys.readouterr().err
    # A distilled run cannot be resumed without its soft labels.
    assert main(["train", *common[1:], "--resume"]) == 1
    assert "--soft-labels is not given" in capsys.readouterr().err

    # The card and the report name the teachers.
    models = tmp_path / "models"
    promote = ["promote", str(run), "tiny.pupil", "--data", str(fer_csv)]
    assert main([*promote, "--ferplus", str(ferplus_csv), "--models", str(models)]) == 0
    card = json.loads((models / "tiny.pupil" / "card.json").read_text())
    assert card["training"]["began_with"] == ["tiny.smoke"]
    assert card["training"]["teachers"] == {"models": ["tiny.smoke"], "share": 0.7}
    report = ["report", "--model", "tiny.pupil", "--models", str(models)]
    assert main([*report, "--out", str(tmp_path / "report.html")]) == 0
    page = (tmp_path / "report.html").read_text()
    assert "Its initial weights are those of earlier models: tiny.smoke." in page
    assert "70% of each target are predictions of earlier models (tiny.smoke)" in page
