"""Calibrating again: biases, faces of other kinds, the card, and what is rejected."""

import json
import shutil

import numpy as np
import pytest

from app.inference.contract import ModelContract
from training.__main__ import main
from training.card.calibration import CalibrationData, calibrated
from training.data.faces_file import read_faces
from training.data.fer2013 import read_ferplus
from training.data.loading import read_data


@pytest.fixture
def model(tmp_path, promoted_model):
    """A copy of the promoted model, in a folder of models."""
    return shutil.copytree(promoted_model, tmp_path / "models" / promoted_model.name)


@pytest.fixture
def faces(tmp_path):
    """Validation faces of two kinds, 28 of each; the first seven of each stand for each label."""
    random = np.random.default_rng(5)
    path = tmp_path / "faces.npz"
    np.savez(
        path,
        image=random.integers(0, 256, (56, 48, 48), np.uint8),
        label=np.arange(56) % 7,
        split=np.repeat("validation", 56),
        source=np.repeat(["film", "news"], 28),
    )
    return path


def calibrate(model, fer_csv, *more):
    data = ["--data", str(fer_csv), "--models", str(model.parent)]
    return main(["calibrate", model.name, *data, *map(str, more)])


def test_calibrating_again_changes_the_contract_and_the_card_alone(
    model, promoted_model, fer_csv, ferplus_csv, faces
):
    votes = ("--ferplus", ferplus_csv)
    assert calibrate(model, fer_csv, *votes, "--aim", "recall", "--faces", faces) == 0
    before = json.loads((promoted_model / "card.json").read_text())
    card = json.loads((model / "card.json").read_text())
    contract = ModelContract.read(model / "contract.json")
    fitted = card["calibration"]
    assert fitted["aim"] == "recall"
    assert fitted["bias"] == pytest.approx(contract.calibration.bias)
    assert fitted["temperature"] == contract.calibration.temperature
    assert fitted["unsure_below"] == contract.calibration.unsure_below
    assert fitted["faces"]["name"] == "faces.npz"
    assert {kind: row["n"] for kind, row in fitted["faces"]["kinds"].items()} == {
        "film": 14,
        "news": 14,
    }
    chosen_on = before["data"]["chosen_on"] + "; validation faces of faces.npz: the calibration"
    assert card["data"]["chosen_on"] == chosen_on
    assert card["training"] == before["training"]
    assert card["sha256"] == before["sha256"]
    assert (model / "model.h5").read_bytes() == (promoted_model / "model.h5").read_bytes()


def test_the_aim_of_accuracy_gives_what_promote_gave(model, promoted_model, fer_csv, ferplus_csv):
    assert calibrate(model, fer_csv, "--ferplus", ferplus_csv) == 0
    now = ModelContract.read(model / "contract.json").calibration
    then = ModelContract.read(promoted_model / "contract.json").calibration
    for bias in (now.bias, then.bias):
        assert bias == pytest.approx((0,) * 7, abs=1e-6)
    assert now.temperature == pytest.approx(then.temperature, rel=1e-3)
    assert now.unsure_below == pytest.approx(then.unsure_below, abs=2e-3)


def test_unsure_is_fitted_on_the_harder_kind(promoted_model, fer_csv, ferplus_csv, faces):
    data, votes = read_data(fer_csv), read_ferplus(ferplus_csv)
    path = promoted_model / "model.h5"
    alone, _ = calibrated(path, CalibrationData(data, votes), "fer2013", "accuracy")
    random_faces = read_faces(faces, "validation")
    both, facts = calibrated(
        path, CalibrationData(data, votes, random_faces, "x"), "fer2013", "accuracy"
    )
    # Nothing can be known of random pictures.
    assert both.unsure_below >= alone.unsure_below
    assert facts["faces"]["kinds"]["news"]["accuracy"] < 0.6


def test_faces_need_the_labels_of_fer2013(model, fer_csv, faces, capsys):
    contract = json.loads((model / "contract.json").read_text())
    (model / "contract.json").write_text(
        json.dumps({**contract, "labels": contract["labels"][::-1]})
    )
    assert calibrate(model, fer_csv, "--faces", faces) == 1
    assert "those of the faces are angry, disgust" in capsys.readouterr().err


def test_refusals_leave_the_model_as_it_was(model, fer_csv, tmp_path, capsys):
    files = {path.name: path.read_bytes() for path in model.iterdir()}
    assert calibrate(model, fer_csv, "--faces", tmp_path / "none.npz") == 1
    assert "none.npz: no such file" in capsys.readouterr().err
    (model / "model.h5").write_bytes(files["model.h5"] + b"another file")
    assert calibrate(model, fer_csv) == 1
    assert "belongs to another file" in capsys.readouterr().err
    (model / "card.json").unlink()
    assert calibrate(model, fer_csv) == 1
    assert "promote a run to write a card" in capsys.readouterr().err
    assert (model / "contract.json").read_bytes() == files["contract.json"]
