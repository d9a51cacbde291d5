"""Runs that start from the weights of another run or of models."""

import json
import shutil

import keras
import pytest

from training.__main__ import main
from training.data.dataset import LABELS
from training.run_folder import fingerprint

from ...support.training import train


def test_a_run_starts_from_the_weights_of_another(finished_run, tmp_path, fer_csv, capsys):
    # With a learning rate of nearly 0 the kernels do not change; those of other seeds would differ.
    more = ("--epochs", "1", "--learning-rate", "1e-9", "--start-from", str(finished_run))
    kernels = []
    for seed in ("5", "6"):
        assert train(fer_csv, tmp_path / seed, *more, "--seed", seed) == 0
        model = keras.saving.load_model(tmp_path / seed / "model.h5", compile=False)
        kernels.append([w.numpy() for w in model.weights if w.name == "kernel"])
    assert len(kernels[0]) == 2
    for one, other in zip(*kernels, strict=True):
        assert one == pytest.approx(other, abs=1e-5)
    config = json.loads((tmp_path / "5" / "config.json").read_text())
    assert config["start"]["run"] == finished_run.name
    assert (
        config["start"]["sha256"] == fingerprint(next(finished_run.glob("checkpoint-*")))["sha256"]
    )
    capsys.readouterr()
    assert train(fer_csv, tmp_path / "none", "--start-from", str(tmp_path)) == 1
    assert "expected a model file, a run folder" in capsys.readouterr().err
    (tmp_path / "state.json").write_text("{}")
    assert train(fer_csv, tmp_path / "none", "--start-from", str(tmp_path)) == 1
    assert "has no checkpoint to start from" in capsys.readouterr().err
    assert train(fer_csv, tmp_path / "none", *more, "--labels", "happy,sad") == 1
    assert "they must be the same" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_a_run_starts_from_models(
    finished_run, promoted_model, tmp_path, fer_csv, ferplus_csv, capsys
):
    # With a learning rate of nearly 0, the trunk stays that of the first model, each head its own.
    other = tmp_path / "other"
    shutil.copytree(promoted_model, other)
    model = keras.saving.load_model(other / "model.h5", compile=False)
    given = [weight.numpy() for weight in model.weights]
    model.set_weights([weight + 1 for weight in given])
    model.save(other / "model.h5")
    both = f"{promoted_model / 'model.h5'},{other}"
    targets = ("--targets", "fer2013,ferplus", "--ferplus", str(ferplus_csv))
    more = ("--epochs", "1", "--learning-rate", "1e-9", "--start-from")
    assert train(fer_csv, tmp_path / "two", *targets, *more, both) == 0
    for head, moved in (("fer2013", 0), ("ferplus", 1)):
        found = keras.saving.load_model(tmp_path / "two" / head / "model.h5", compile=False)
        for index, (weight, before) in enumerate(zip(found.weights, given, strict=True)):
            if "moving" not in weight.name:
                expected = before + (moved if index >= len(given) - 2 else 0)
                assert weight.numpy() == pytest.approx(expected, abs=1e-5), weight.path
    config = json.loads((tmp_path / "two" / "config.json").read_text())
    assert config["start"]["models"] == ["tiny.smoke"] * 2
    assert config["start"]["sha256"] == fingerprint(promoted_model / "model.h5")["sha256"]

    capsys.readouterr()
    assert train(fer_csv, tmp_path / "none", *more, both) == 1
    assert (
        "2 models to start from; expected one for each target, fer2013" in capsys.readouterr().err
    )
    small = ["train", "softmax_regression", "--data", str(fer_csv), "--labels", ",".join(LABELS)]
    assert main([*small, "--out", str(tmp_path / "none"), *more, str(other)]) == 1
    assert "not the architecture softmax_regression" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()

    # With other labels, the trunk is the model's and the head has random weights.
    assert train(fer_csv, tmp_path / "pair", *more, str(other), "--labels", "happy,sad") == 0
    found = keras.saving.load_model(tmp_path / "pair" / "model.h5", compile=False)
    assert found.output_shape == (None, 2)
    for weight, before in zip(found.weights[:-2], given, strict=False):
        if "moving" not in weight.name:
            assert weight.numpy() == pytest.approx(before + 1, abs=1e-5), weight.path
    config = json.loads((tmp_path / "pair" / "config.json").read_text())
    assert config["start"]["new_heads"] == ["fer2013"]
