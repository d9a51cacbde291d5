"""Targets: class balancing, FER+'s votes, and two targets in one run."""

import json

import keras
import numpy as np
import pandas as pd
import pytest

from app.inference.contract import ModelContract
from training.__main__ import main
from training.data.dataset import LABELS
from training.data.fer2013 import read_fer2013
from training.run_folder import read_history
from training.train.targets import balancing_weights, vote_distribution

from ...support.training import train


@pytest.fixture(scope="module")
def two_headed(tmp_path_factory, fer_csv, ferplus_csv):
    """A run on FER2013's labels and on votes in which every angry face is happy."""
    table = pd.read_csv(ferplus_csv)
    angry = table["anger"] > 0
    table.loc[angry, ["anger", "happiness"]] = (0, 8)
    votes = tmp_path_factory.mktemp("votes") / "fer2013new.csv"
    table.to_csv(votes, index=False)
    path = tmp_path_factory.mktemp("runs") / "two"
    more = ("--targets", "fer2013,ferplus", "--epochs", "12", "--learning-rate", "0.02")
    assert train(fer_csv, path, "--ferplus", str(votes), *more) == 0
    return path, votes


def test_balancing_gives_rare_labels_more_weight():
    labels = np.array([0] * 90 + [1] * 10)
    assert balancing_weights(labels, 0).tolist() == [1] * 100
    half, whole = balancing_weights(labels, 0.5), balancing_weights(labels, 1)
    assert half[-1] / half[0] == pytest.approx(3)
    assert whole[:90].sum() == pytest.approx(whole[90:].sum())
    assert half.mean() == pytest.approx(1)


def test_votes_become_probabilities_and_weights():
    votes = np.array([[8, 0, 0, 0, 1, 0, 1, 0, 0, 0], [2, 0, 0, 0, 3, 0, 0, 5, 0, 0]])
    votes = np.vstack([votes, [[0] * 8 + [4, 6]]])
    rows, weights = vote_distribution(votes)
    assert weights == pytest.approx(np.array([0.8, 0.5, 0]))
    assert rows[:2] == pytest.approx(np.array([[1, 0, 0, 0, 0, 0, 0], [0.4, 0, 0, 0, 0.6, 0, 0]]))
    # The weight is 0, but the row is finite and sums to 1, as the loss requires.
    assert rows.sum(axis=1) == pytest.approx([1, 1, 1])


def test_two_targets_become_two_models(two_headed, fer_csv, tmp_path):
    run, votes = two_headed
    validation = read_fer2013(fer_csv).split("validation")
    pictures = validation.images[..., None].astype(np.float32)
    said = {}
    for target in ("fer2013", "ferplus"):
        folder = run / target
        assert ModelContract.read(folder / "contract.json").model == f"tiny.{target}"
        assert json.loads((folder / "config.json").read_text())["target"] == target
        assert len(read_history(folder)) == 12
        model = keras.saving.load_model(folder / "model.h5", compile=False)
        assert model.count_params() == 7_015
        said[target] = model.predict_on_batch(pictures).mean(axis=0)
        arguments = ["promote", str(folder), f"tiny.{target}", "--data", str(fer_csv)]
        arguments += ["--ferplus", str(votes), "--models", str(tmp_path)]
        assert main(arguments) == 0
        card = json.loads((tmp_path / f"tiny.{target}" / "card.json").read_text())
        assert card["target"] == target
        judged = {"fer2013": "FER2013's own labels", "ferplus": "FER+ majority"}[target]
        assert card["calibration"]["ece_judged_by"] == judged
        assert card["ferplus_eight"]["n"] == 42
    # The votes have no anger and twice as much happiness; only the ferplus head has learned this.
    angry, happy = LABELS.index("angry"), LABELS.index("happy")
    assert said["ferplus"][angry] < said["fer2013"][angry]
    assert said["ferplus"][happy] > said["fer2013"][happy]


def test_invalid_targets(two_headed, fer_csv, tmp_path, capsys):
    run, _ = two_headed
    assert train(fer_csv, tmp_path / "none", "--targets", "ferplus") == 1
    assert "the target ferplus needs FER+'s votes: give --ferplus FILE" in capsys.readouterr().err
    few = tmp_path / "few.csv"
    names = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear"]
    header = ",".join([*names, "contempt", "unknown", "NF"])
    few.write_text(f"{header}\n{'1,' * 9}1\n")
    more = ("--targets", "ferplus", "--ferplus", str(few))
    assert train(fer_csv, tmp_path / "none", *more) == 1
    assert "the FER+ file has 1 rows" in capsys.readouterr().err
    assert train(fer_csv, tmp_path / "none", "--recipe", "flagship", "--tag", "mine") == 1
    assert "--tag is for one target" in capsys.readouterr().err
    arguments = ["promote", str(run / "ferplus"), "tiny.x", "--data", str(fer_csv)]
    assert main([*arguments, "--models", str(tmp_path / "models")]) == 1
    assert "evaluated by FER+'s votes: give --ferplus FILE" in capsys.readouterr().err
    assert list((tmp_path / "models").iterdir()) == []
    assert not (tmp_path / "none").exists()


def test_ferplus_requires_seven_labels(tmp_path, fer_csv, ferplus_csv, capsys):
    run = tmp_path / "run"
    start = ["train", "softmax_regression", "--data", str(fer_csv), "--out", str(run)]
    assert main([*start, "--targets", "ferplus", "--ferplus", str(ferplus_csv)]) == 1
    assert "this run learns happy, neutral" in capsys.readouterr().err
    assert main([*start, "--labels", "happy,smile"]) == 1
    assert "the data has no label smile" in capsys.readouterr().err
    assert not run.exists()
