"""Interpolating weights: between two networks, said on the card; what is rejected."""

import json
import shutil

import numpy as np
import pytest

from app.inference.classifier import load_keras_model
from training.__main__ import main


@pytest.fixture
def model(tmp_path, promoted_model):
    """A model of the same architecture, all of whose weights are the run's plus 1."""
    folder = shutil.copytree(promoted_model, tmp_path / "models" / promoted_model.name)
    network = load_keras_model(folder / "model.h5")
    network.set_weights([weight + 1 for weight in network.get_weights()])
    network.save(folder / "model.h5")
    return folder / "model.h5"


def interpolate(run, model, out, share="0.25"):
    return main(
        ["interpolate", str(run), "--model", str(model), "--share", share, "--out", str(out)]
    )


def test_each_weight_lies_between(finished_run, model, tmp_path, fer_csv):
    out = tmp_path / "between"
    assert interpolate(finished_run, model, out) == 0
    found = load_keras_model(out / "model.h5").get_weights()
    expected = load_keras_model(finished_run / "model.h5").get_weights()
    for one, two in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, two + 0.25, atol=1e-5)
    promote = ["promote", str(out), "tiny.between", "--data", str(fer_csv)]
    assert main([*promote, "--models", str(tmp_path / "promoted")]) == 0
    card = json.loads((tmp_path / "promoted" / "tiny.between" / "card.json").read_text())
    assert card["training"]["interpolated"]["share"] == 0.25
    assert card["training"]["interpolated"]["model"] == model.parent.name


def test_refusals(finished_run, model, tmp_path, capsys):
    assert interpolate(tmp_path / "none", model, tmp_path / "out") == 1
    assert "is not a finished run" in capsys.readouterr().err
    assert interpolate(finished_run, model, tmp_path) == 1
    assert "exists already" in capsys.readouterr().err
    contract = json.loads(model.with_name("contract.json").read_text())
    contract["labels"] = contract["labels"][::-1]
    model.with_name("contract.json").write_text(json.dumps(contract))
    assert interpolate(finished_run, model, tmp_path / "out") == 1
    assert "differ in their layers or labels" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
