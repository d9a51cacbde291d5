"""A training run: its folder, early stopping, resuming, and what it rejects."""

import json

import keras
import numpy as np
import pytest

from app.inference.contract import ModelContract
from training import architectures
from training.__main__ import main
from training.data.dataset import LABELS
from training.run_folder import read_history
from training.train.epoch_callback import EpochCallback

from ...support.training import train


def test_a_run_folder_has_settings_history_and_plots(finished_run):
    config = json.loads((finished_run / "config.json").read_text())
    assert config["settings"]["architecture"] == "tiny"
    assert config["settings"]["seed"] == 0
    assert config["pictures"] == {"train": 112, "validation": 42}
    assert len(config["data"]["sha256"]) == 64
    history = read_history(finished_run)
    assert [row["epoch"] for row in history] == [1, 2, 3]
    assert history[-1]["loss"] < history[0]["loss"]
    assert history[0]["learning_rate"] > history[-1]["learning_rate"] > 0
    assert (finished_run / "plots" / "history.png").read_bytes()[:4] == b"\x89PNG"
    assert not list(finished_run.glob(".part-*"))


def test_the_contract_fits_the_model(finished_run):
    contract = ModelContract.read(finished_run / "contract.json")
    assert contract.model == "tiny.fer2013"
    assert contract.labels == LABELS
    model = keras.saving.load_model(finished_run / "model.h5", compile=False)
    contract.check_input_shape(model.input_shape[1:])
    contract.check_output_width(model.output_shape[-1])
    assert {type(layer).__module__.split(".")[0] for layer in model.layers} == {"keras"}
    assert all(weight.dtype == "float32" for weight in model.weights)


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path, finished_run, fer_csv, monkeypatch):
    cut = tmp_path / "cut"
    log = EpochCallback._log

    def interrupt(self, epoch, row, better):
        log(self, epoch, row, better)
        raise KeyboardInterrupt

    monkeypatch.setattr(EpochCallback, "_log", interrupt)
    assert train(fer_csv, cut, "--epochs", "3", "--learning-rate", "0.02") == 130
    monkeypatch.undo()
    assert not (cut / "model.h5").exists()
    assert [row["epoch"] for row in read_history(cut)] == [1]
    assert train(fer_csv, cut, "--resume") == 0
    whole, resumed = read_history(finished_run), read_history(cut)
    assert [row["epoch"] for row in resumed] == [1, 2, 3]
    for one, other in zip(whole, resumed, strict=True):
        assert other["learning_rate"] == pytest.approx(one["learning_rate"], rel=1e-5)
        assert other["loss"] == pytest.approx(one["loss"], rel=1e-3)
    assert len(list(cut.glob("checkpoint-*.weights.h5"))) == 1


def test_training_stops_early_when_nothing_improves(tmp_path, fer_csv, capsys):
    path = tmp_path / "early"
    # With a learning rate of nearly 0 no prediction changes, so the first epoch stays the best.
    options = ("--epochs", "9", "--learning-rate", "1e-9", "--patience", "2")
    assert train(fer_csv, path, *options) == 0
    assert len(read_history(path)) == 3
    assert "stopped: no improvement since epoch 1 for 2 epochs" in capsys.readouterr().out
    assert (path / "model.h5").is_file()


@pytest.mark.parametrize(("keep", "epoch"), [("best", 1), ("last", 2)])
def test_the_weights_of_the_epoch_to_keep_are_kept(keep, epoch, fer_csv, tmp_path):
    # With a learning rate of nearly 0, no epoch is better than the first.
    small = ["train", "softmax_regression", "--data", str(fer_csv), "--labels", ",".join(LABELS)]
    more = ["--epochs", "2", "--learning-rate", "1e-9", "--keep", keep, "--out"]
    assert main([*small, *more, str(tmp_path / "run")]) == 0
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (config["settings"]["keep"], config["kept_epoch"]) == (keep, epoch)


def test_the_run_ends_at_its_time_limit(tmp_path, fer_csv, capsys):
    run = tmp_path / "run"
    start = ["train", "softmax_regression", "--data", str(fer_csv), "--out", str(run)]
    assert main([*start, "--minutes", "0.0001"]) == 0
    assert len(read_history(run)) == 1
    assert json.loads((run / "config.json").read_text())["stopped"].startswith(
        "the time limit of 0.0001"
    )
    assert (run / "model.h5").is_file()
    # It can be resumed.
    assert main([*start, "--resume", "--minutes", "0.0001"]) == 0
    assert len(read_history(run)) == 2
    assert "learning" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "exists already; give another --out, or --resume"),
        (("--resume", "OTHER"), "resume with the same data"),
    ],
)
def test_refusals_of_an_existing_run(finished_run, tmp_path, fer_csv, capsys, more, said):
    data = fer_csv
    if "OTHER" in more:
        data = tmp_path / "other.csv"
        data.write_text(fer_csv.read_text() + fer_csv.read_text().splitlines()[1] + "\n")
    assert train(data, finished_run, *(option for option in more if option != "OTHER")) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_resuming_requires_the_same_votes(tmp_path, fer_csv, ferplus_csv, capsys):
    run = tmp_path / "run"
    start = ["train", "softmax_regression", "--data", str(fer_csv), "--out", str(run)]
    seven = ["--targets", "ferplus", "--labels", ",".join(LABELS)]
    assert main([*start, *seven, "--ferplus", str(ferplus_csv), "--epochs", "1"]) == 0
    assert main([*start, "--resume"]) == 1
    assert "--ferplus is not given; resume with the same data" in capsys.readouterr().err
    other = tmp_path / ferplus_csv.name
    other.write_text(ferplus_csv.read_text() + "8,0,0,0,0,0,0,0,1,1\n")
    assert main([*start, "--resume", "--ferplus", str(other)]) == 1
    assert "--ferplus is fer2013new.csv (sha256" in capsys.readouterr().err
    assert main([*start, "--resume", "--ferplus", str(ferplus_csv)]) == 0


def test_other_refusals(tmp_path, fer_csv, capsys):
    assert main(["train", "mien_huge", "--data", str(fer_csv)]) == 1
    known = ", ".join(architectures.names())
    assert f"no architecture 'mien_huge'; there are {known}" in capsys.readouterr().err
    assert train(fer_csv, tmp_path / "none", "--resume") == 1
    assert "there is no run to resume" in capsys.readouterr().err
    assert train(tmp_path / "no.csv", tmp_path / "none") == 1
    assert "no such file" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
    assert train(fer_csv, tmp_path / "none", "--tag", "My Tag") == 1
    assert "a tag consists of lower case letters" in capsys.readouterr().err


def test_a_run_folder_that_cannot_be_created(tmp_path, fer_csv, capsys):
    (tmp_path / "file").write_text("not a folder")
    assert train(fer_csv, tmp_path / "file" / "run") == 1
    error = capsys.readouterr().err
    assert str(tmp_path / "file") in error
    assert "Not a directory" in error


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--epochs", "0", "expected a whole number from 1"),
        ("--batch", "many", "expected a whole number from 1"),
        ("--targets", "fer2013,fer2013", "expected fer2013, ferplus or fer2013,ferplus"),
        ("--seed", "-1", "expected a whole number from 0"),
        ("--learning-rate", "0", "expected a number above 0"),
        ("--learning-rate", "nan", "expected a number above 0"),
        ("--balance", "1.5", "expected a number from 0 to 1"),
    ],
)
def test_invalid_options(tmp_path, fer_csv, capsys, option, value, said):
    with pytest.raises(SystemExit):
        train(fer_csv, tmp_path / "none", f"{option}={value}")
    assert said in capsys.readouterr().err


def test_a_shipped_network_trains(tmp_path, fer_csv):
    # mien_small has all layers that training treats specially: batch norm, dropout, shortcuts.
    command = ["train", "mien_small", "--data", str(fer_csv), "--out", str(tmp_path / "run")]
    more = ["--batch", "56", "--epochs", "1", "--precision", "mixed_bfloat16"]
    assert main([*command, *more, "--learning-rate", "0.02"]) == 0
    model = keras.saving.load_model(tmp_path / "run" / "model.h5", compile=False)
    assert {type(layer).__module__.split(".")[0] for layer in model.layers} == {"keras"}
    assert all(weight.dtype == "float32" for weight in model.weights)
    assert np.isfinite(read_history(tmp_path / "run")[0]["loss"])
