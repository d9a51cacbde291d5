"""The evaluate command, also for models that know only some of the labels."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.inference.classifier import ExpressionClassifier
from app.inference.contract import ModelContract
from training.__main__ import main
from training.data.fer2013 import read_fer2013
from training.run_folder import read_history

from ...support.numbers import assert_close


def test_evaluate_prints_the_accuracy(promoted_model, fer_csv, ferplus_csv, capsys):
    model = promoted_model / "model.h5"
    arguments = ["evaluate", "--model", str(model), "--data", str(fer_csv)]
    arguments += ["--split", "validation", "--ferplus", str(ferplus_csv)]
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    chosen = read_fer2013(fer_csv).split("validation")
    predicted = ExpressionClassifier(model).predict(chosen.images[..., None].astype(np.float32))
    right = (predicted.argmax(axis=1) == chosen.labels).mean()
    assert found["own"]["accuracy"] == pytest.approx(right)
    assert found["own"]["n"] == 42
    assert found["without_duplicates"]["n"] == 42
    # The votes agree with the labels of this file, so both results are the same.
    assert_close(found["ferplus_majority"], found["own"], 1e-5)
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert f"{right:.2%}" in text
    assert "FER+'s majority label" in text


def test_images_that_are_also_in_the_train_split_are_left_out(
    promoted_model, tmp_path, fer_csv, capsys
):
    lines = fer_csv.read_text().splitlines()
    training = next(line for line in lines if line.endswith("Training"))
    copy = training.removesuffix("Training") + "PublicTest"
    path = tmp_path / "fer2013.csv"
    path.write_text("\n".join([*lines, copy]) + "\n")
    arguments = ["evaluate", "--model", str(promoted_model), "--data", str(path)]
    assert main([*arguments, "--split", "validation", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["own"]["n"] == 43
    assert found["without_duplicates"]["n"] == 42


@pytest.fixture(scope="module")
def two_labels(tmp_path_factory, fer_csv):
    """(folder of a promoted model that knows happy and neutral, its run, its card)."""
    folder = tmp_path_factory.mktemp("two")
    run = folder / "run"
    arguments = ["train", "softmax_regression", "--data", str(fer_csv), "--out", str(run)]
    assert main([*arguments, "--epochs", "6", "--batch", "8", "--minutes", "5"]) == 0
    promoted = ["promote", str(run), "softmax_regression.fer2013", "--data", str(fer_csv)]
    assert main([*promoted, "--models", str(folder / "models")]) == 0
    model = folder / "models" / "softmax_regression.fer2013"
    return model, run, json.loads((model / "card.json").read_text())


def test_a_model_of_two_labels_is_measured_on_these(two_labels):
    model, run, card = two_labels
    assert ModelContract.read(model / "contract.json").labels == ("happy", "neutral")
    config = json.loads((run / "config.json").read_text())
    assert config["pictures"] == {"train": 32, "validation": 12}
    assert config["left_out"] == {"labels that are not learned": 80}
    assert [row["epoch"] for row in read_history(run)] == [1, 2, 3, 4, 5, 6]
    assert card["validation"]["n"] == 12
    assert np.array(card["validation"]["confusion"]).shape == (2, 2)
    assert card["labels_left_out"] == ["angry", "disgust", "fear", "sad", "surprise"]
    right = round(card["validation"]["accuracy"] * 12)
    assert right > 6
    assert card["validation_every_label"]["n"] == 42
    assert card["validation_every_label"]["accuracy"] == pytest.approx(right / 42, abs=1e-5)
    low, high = card["validation_every_label"]["interval"]
    assert low < right / 42 < high
    assert card["calibration"]["fitted_on"] == "even rows of PublicTest (n = 6)"
    assert card["data"]["trained_on"] == (
        "FER2013 Training, 32 pictures; left out: 80 (labels that are not learned)"
    )
    assert card["data"]["measured_on"] == (
        "FER2013 PublicTest, 12 pictures; 30 of labels it does not know are left out: "
        "angry, disgust, fear, sad, surprise"
    )
    assert card["published"]["system"].startswith("published tutorial")
    assert "year" not in card["published"]


def test_evaluate_names_the_labels_that_a_model_does_not_know(
    two_labels, fer_csv, ferplus_csv, capsys
):
    model, _, card = two_labels
    arguments = ["evaluate", "--model", str(model), "--data", str(fer_csv)]
    arguments += ["--split", "validation", "--ferplus", str(ferplus_csv)]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert "The model does not know angry, disgust, fear, sad, surprise. On all 42" in said
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    # The votes agree with the labels. By majority only the images of the two labels count, by the
    # protocol of the authors all do.
    assert_close(found["ferplus_majority"], found["own"], 1e-5)
    assert found["ferplus_eight"]["n"] == 42
    assert found["ferplus_eight"]["accuracy"] == pytest.approx(found["every_label"]["accuracy"])
    assert found["own"]["accuracy"] == pytest.approx(card["validation"]["accuracy"], abs=1e-5)


def test_a_model_of_other_labels_is_not_measured_on_fer2013(two_labels, tmp_path, fer_csv, capsys):
    model, _, _ = two_labels
    other = tmp_path / "other.smile"
    other.mkdir()
    (other / "model.h5").write_bytes((model / "model.h5").read_bytes())
    contract = json.loads((model / "contract.json").read_text())
    contract |= {"model": "other.smile", "labels": ["smile", "neutral"]}
    (other / "contract.json").write_text(json.dumps(contract))
    arguments = ["evaluate", "--model", str(other), "--data", str(fer_csv)]
    assert main([*arguments, "--split", "validation"]) == 1
    said = capsys.readouterr().err
    assert "the model's labels are smile, neutral; the data's are angry, disgust" in said


def test_the_terminal_shows_only_the_result(promoted_model, fer_csv):
    command = [sys.executable, "-m", "training", "evaluate", "--model", str(promoted_model)]
    command += ["--data", str(fer_csv), "--split", "validation", "--json"]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["own"]["n"] == 42
    assert done.stderr == ""
