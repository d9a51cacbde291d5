"""From a FER-shaped file to a promoted model, by the commands a user types."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from app.inference.classifier import ExpressionClassifier
from app.inference.contract import ModelContract
from training import architectures
from training.__main__ import main
from training.data.dataset import LABELS
from training.data.fer2013 import read_fer2013
from training.measure.macs import multiply_accumulates
from training.run_folder import fingerprint, read_history
from training.train.epoch_callback import EpochCallback
from training.train.fused_layers import with_fused_layers
from training.train.targets import balancing_weights, vote_distribution


def train(data: Path, run: Path, *more: str) -> int:
    return main(
        ["train", "mien_plain", "--data", str(data), "--out", str(run), "--batch", "28", *more]
    )


@pytest.fixture(scope="module")
def run(finished_run):
    return finished_run


def test_a_run_explains_itself(run):
    config = json.loads((run / "config.json").read_text())
    assert config["settings"]["architecture"] == "mien_plain"
    assert config["settings"]["seed"] == 0
    assert config["pictures"] == {"train": 112, "validation": 42}
    assert len(config["data"]["sha256"]) == 64
    history = read_history(run)
    assert [row["epoch"] for row in history] == [1, 2, 3]
    assert history[-1]["loss"] < history[0]["loss"]
    assert history[0]["learning_rate"] > history[-1]["learning_rate"] > 0
    assert (run / "plots" / "history.png").read_bytes()[:4] == b"\x89PNG"
    assert not list(run.glob(".part-*"))


def test_the_contract_fits_the_model(run):
    contract = ModelContract.read(run / "contract.json")
    assert contract.model == "mien_plain.fer2013"
    assert contract.labels == LABELS
    model = keras.saving.load_model(run / "model.h5", compile=False)
    contract.check_input_shape(model.input_shape[1:])
    contract.check_output_width(model.output_shape[-1])
    assert {type(layer).__module__.split(".")[0] for layer in model.layers} == {"keras"}
    assert all(weight.dtype == "float32" for weight in model.weights)


def test_a_run_that_is_cut_off_goes_on_as_if_it_had_not_been(tmp_path, run, fer_csv, monkeypatch):
    cut = tmp_path / "cut"
    log = EpochCallback._log

    def interrupt(self, epoch, row, better):
        log(self, epoch, row, better)
        raise KeyboardInterrupt

    monkeypatch.setattr(EpochCallback, "_say", interrupt)
    assert train(fer_csv, cut, "--epochs", "3", "--learning-rate", "0.02") == 130
    monkeypatch.undo()
    assert not (cut / "model.h5").exists()
    assert [row["epoch"] for row in read_history(cut)] == [1]
    assert train(fer_csv, cut, "--resume") == 0
    whole, resumed = read_history(run), read_history(cut)
    assert [row["epoch"] for row in resumed] == [1, 2, 3]
    for one, other in zip(whole, resumed, strict=True):
        assert other["learning_rate"] == one["learning_rate"]
        assert other["loss"] == pytest.approx(one["loss"], rel=1e-3)
    assert len(list(cut.glob("checkpoint-*.weights.h5"))) == 1


def test_training_stops_early_when_nothing_improves(tmp_path, fer_csv, capsys):
    path = tmp_path / "early"
    # A learning rate of nearly nothing changes no prediction, so the first epoch stays the best.
    options = ("--epochs", "9", "--learning-rate", "1e-9", "--patience", "2")
    assert train(fer_csv, path, *options) == 0
    assert len(read_history(path)) == 3
    assert "stopped: no improvement since epoch 1 for 2 epochs" in capsys.readouterr().out
    assert (path / "model.h5").is_file()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "exists already; give another --out, or --resume"),
        (("--resume", "OTHER"), "resume with the same data"),
    ],
)
def test_refusals_of_an_existing_run(run, tmp_path, fer_csv, capsys, more, said):
    data = fer_csv
    if "OTHER" in more:
        data = tmp_path / "other.csv"
        data.write_text(fer_csv.read_text() + fer_csv.read_text().splitlines()[1] + "\n")
    assert train(data, run, *(option for option in more if option != "OTHER")) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_other_refusals(tmp_path, fer_csv, capsys):
    assert main(["train", "mien_huge", "--data", str(fer_csv)]) == 1
    assert "no architecture 'mien_huge'; there are blog_cnn_6, " in capsys.readouterr().err
    assert train(fer_csv, tmp_path / "none", "--resume") == 1
    assert "there is no run to resume" in capsys.readouterr().err
    assert train(tmp_path / "no.csv", tmp_path / "none") == 1
    assert "no such file" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
    assert train(fer_csv, tmp_path / "none", "--tag", "My Tag") == 1
    assert "a tag consists of lower case letters" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_to(tmp_path, fer_csv, capsys):
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
def test_options_that_cannot_be(tmp_path, fer_csv, capsys, option, value, said):
    with pytest.raises(SystemExit):
        train(fer_csv, tmp_path / "none", f"{option}={value}")
    assert said in capsys.readouterr().err


@pytest.fixture(scope="module")
def promoted(promoted_model):
    return promoted_model


def test_evaluate_says_what_the_model_does(promoted, fer_csv, ferplus_csv, capsys):
    model = promoted / "model.h5"
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
    # The votes agree with the labels of this file, so both measures are the same.
    assert found["ferplus_majority"] == found["own"]
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert f"{right:.2%}" in text
    assert "FER+'s majority label" in text


def test_pictures_that_stand_in_the_train_split_too_are_left_out(
    promoted, tmp_path, fer_csv, capsys
):
    lines = fer_csv.read_text().splitlines()
    training = next(line for line in lines if line.endswith("Training"))
    copy = training.removesuffix("Training") + "PublicTest"
    path = tmp_path / "fer2013.csv"
    path.write_text("\n".join([*lines, copy]) + "\n")
    arguments = ["evaluate", "--model", str(promoted), "--data", str(path)]
    assert main([*arguments, "--split", "validation", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["own"]["n"] == 43
    assert found["without_duplicates"]["n"] == 42


def test_promote_writes_the_card(promoted, run):
    card = json.loads((promoted / "card.json").read_text())
    assert card["model"] == "mien_plain.smoke"
    assert card["parameters"] == 869_143
    kernels = {48: 16, 24: 16 * 48 + 48 * 64, 12: 64 * 96 + 96 * 128, 6: 128 * 192 + 192 * 256}
    macs = sum(9 * side * side * channels for side, channels in kernels.items()) + 256 * 7
    assert card["multiply_accumulates"] == macs
    assert card["validation"]["n"] == 42
    assert card["calibration"]["sure_judged_by"] == "FER+ majority"
    assert card["training"]["epochs"] == 3
    assert card["bytes"] == (promoted / "model.h5").stat().st_size
    contract = ModelContract.read(promoted / "contract.json")
    assert contract.model == "mien_plain.smoke"
    assert contract.calibration.temperature == card["calibration"]["temperature"]
    assert (promoted / "model.h5").read_bytes() == (run / "model.h5").read_bytes()


def test_a_run_begins_where_another_ended(run, tmp_path, fer_csv, capsys):
    # At a learning rate of nearly nothing kernels stay what they were; another seed's own differ.
    more = ("--epochs", "1", "--learning-rate", "1e-9", "--start-from", str(run))
    kernels = []
    for seed in ("5", "6"):
        assert train(fer_csv, tmp_path / seed, *more, "--seed", seed) == 0
        model = keras.saving.load_model(tmp_path / seed / "model.h5", compile=False)
        kernels.append([w.numpy() for w in model.weights if w.name == "kernel"])
    assert len(kernels[0]) > 5
    for one, other in zip(*kernels, strict=True):
        assert one == pytest.approx(other, abs=1e-5)
    config = json.loads((tmp_path / "5" / "config.json").read_text())
    assert config["start"]["run"] == run.name
    assert config["start"]["sha256"] == fingerprint(next(run.glob("checkpoint-*")))["sha256"]
    capsys.readouterr()
    assert train(fer_csv, tmp_path / "none", "--start-from", str(tmp_path)) == 1
    assert "expected a model file, a run folder" in capsys.readouterr().err
    (tmp_path / "state.json").write_text("{}")
    assert train(fer_csv, tmp_path / "none", "--start-from", str(tmp_path)) == 1
    assert "has no checkpoint to start from" in capsys.readouterr().err
    assert train(fer_csv, tmp_path / "none", *more, "--labels", "happy,sad") == 1
    assert "they must be the same" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("keep", "epoch"), [("best", 1), ("last", 2)])
def test_the_epoch_that_was_asked_for_is_kept(keep, epoch, fer_csv, tmp_path):
    # At nearly no learning rate no epoch is better than the first.
    small = ["train", "softmax_regression", "--data", str(fer_csv), "--labels", ",".join(LABELS)]
    more = ["--epochs", "2", "--learning-rate", "1e-9", "--keep", keep, "--out"]
    assert main([*small, *more, str(tmp_path / "run")]) == 0
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (config["settings"]["keep"], config["kept_epoch"]) == (keep, epoch)


def test_a_run_begins_with_models(run, promoted, tmp_path, fer_csv, ferplus_csv, capsys):
    # At nearly no learning rate the trunk stays the first model's, each head its own.
    other = tmp_path / "other"
    shutil.copytree(promoted, other)
    model = keras.saving.load_model(other / "model.h5", compile=False)
    given = [weight.numpy() for weight in model.weights]
    model.set_weights([weight + 1 for weight in given])
    model.save(other / "model.h5")
    both = f"{promoted / 'model.h5'},{other}"
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
    assert config["start"]["models"] == ["mien_plain.smoke"] * 2
    assert config["start"]["sha256"] == fingerprint(promoted / "model.h5")["sha256"]

    capsys.readouterr()
    assert train(fer_csv, tmp_path / "none", *more, both) == 1
    assert (
        "2 models to start from; expected one for each target, fer2013" in capsys.readouterr().err
    )
    small = ["train", "softmax_regression", "--data", str(fer_csv), "--labels", ",".join(LABELS)]
    assert main([*small, "--out", str(tmp_path / "none"), *more, str(other)]) == 1
    assert "not the architecture softmax_regression" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()

    # Of other labels: the trunk is the model's, the head begins anew.
    assert train(fer_csv, tmp_path / "pair", *more, str(other), "--labels", "happy,sad") == 0
    found = keras.saving.load_model(tmp_path / "pair" / "model.h5", compile=False)
    assert found.output_shape == (None, 2)
    for weight, before in zip(found.weights[:-2], given, strict=False):
        if "moving" not in weight.name:
            assert weight.numpy() == pytest.approx(before + 1, abs=1e-5), weight.path
    config = json.loads((tmp_path / "pair" / "config.json").read_text())
    assert config["start"]["new_heads"] == ["fer2013"]


def test_rare_labels_count_for_more():
    labels = np.array([0] * 90 + [1] * 10)
    assert balancing_weights(labels, 0).tolist() == [1] * 100
    half, whole = balancing_weights(labels, 0.5), balancing_weights(labels, 1)
    assert half[-1] / half[0] == pytest.approx(3)
    assert whole[:90].sum() == pytest.approx(whole[90:].sum())
    assert half.mean() == pytest.approx(1)


@pytest.fixture(scope="module")
def two_headed(tmp_path_factory, fer_csv, ferplus_csv):
    """A run on FER2013's labels and on votes that call every angry face happy."""
    table = pd.read_csv(ferplus_csv)
    angry = table["anger"] > 0
    table.loc[angry, ["anger", "happiness"]] = (0, 8)
    votes = tmp_path_factory.mktemp("votes") / "fer2013new.csv"
    table.to_csv(votes, index=False)
    path = tmp_path_factory.mktemp("runs") / "two"
    more = ("--targets", "fer2013,ferplus", "--epochs", "12", "--learning-rate", "0.02")
    assert train(fer_csv, path, "--ferplus", str(votes), *more) == 0
    return path, votes


def test_two_targets_become_two_models(two_headed, fer_csv, tmp_path):
    run, votes = two_headed
    validation = read_fer2013(fer_csv).split("validation")
    pictures = validation.images[..., None].astype(np.float32)
    said = {}
    for target in ("fer2013", "ferplus"):
        folder = run / target
        assert ModelContract.read(folder / "contract.json").model == f"mien_plain.{target}"
        assert json.loads((folder / "config.json").read_text())["target"] == target
        assert len(read_history(folder)) == 12
        model = keras.saving.load_model(folder / "model.h5", compile=False)
        assert model.count_params() == 869_143
        said[target] = model.predict_on_batch(pictures).mean(axis=0)
        arguments = ["promote", str(folder), f"mien_plain.{target}", "--data", str(fer_csv)]
        arguments += ["--ferplus", str(votes), "--models", str(tmp_path)]
        assert main(arguments) == 0
        card = json.loads((tmp_path / f"mien_plain.{target}" / "card.json").read_text())
        assert card["target"] == target
        judged = {"fer2013": "FER2013's own labels", "ferplus": "FER+ majority"}[target]
        assert card["calibration"]["ece_judged_by"] == judged
        assert card["ferplus_eight"]["n"] == 42
    # The votes have no anger and twice as much happiness: only the head for them has learned so.
    angry, happy = LABELS.index("angry"), LABELS.index("happy")
    assert said["ferplus"][angry] < said["fer2013"][angry]
    assert said["ferplus"][happy] > said["fer2013"][happy]


def test_targets_that_cannot_be(two_headed, fer_csv, tmp_path, capsys):
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
    arguments = ["promote", str(run / "ferplus"), "mien_plain.x", "--data", str(fer_csv)]
    assert main([*arguments, "--models", str(tmp_path / "models")]) == 1
    assert "evaluated by FER+'s votes: give --ferplus FILE" in capsys.readouterr().err
    assert list((tmp_path / "models").iterdir()) == []
    assert not (tmp_path / "none").exists()


def test_votes_become_soft_targets():
    votes = np.array([[8, 0, 0, 0, 1, 0, 1, 0, 0, 0], [2, 0, 0, 0, 3, 0, 0, 5, 0, 0]])
    votes = np.vstack([votes, [[0] * 8 + [4, 6]]])
    rows, weights = vote_distribution(votes)
    assert weights == pytest.approx(np.array([0.8, 0.5, 0]))
    assert rows[:2] == pytest.approx(np.array([[1, 0, 0, 0, 0, 0, 0], [0.4, 0, 0, 0, 0.6, 0, 0]]))
    # Of weight 0, but finite and of sum 1 as the loss wants it.
    assert rows.sum(axis=1) == pytest.approx([1, 1, 1])


def test_the_terminal_holds_what_was_asked_for_and_no_more(promoted, fer_csv):
    command = [sys.executable, "-m", "training", "evaluate", "--model", str(promoted)]
    command += ["--data", str(fer_csv), "--split", "validation", "--json"]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["own"]["n"] == 42
    assert done.stderr == ""


def test_refusals_of_promote(promoted, run, tmp_path, fer_csv, capsys):
    models = str(promoted.parent)

    def promote(source, name, *more):
        code = main(
            ["promote", str(source), name, "--data", str(fer_csv), "--models", models, *more]
        )
        assert code == 1
        return capsys.readouterr().err

    assert "exists already" in promote(run, "mien_plain.smoke")
    assert "is not a valid model name" in promote(run, "Smoke")
    assert "is not a finished run" in promote(tmp_path, "mien_plain.other")
    half = tmp_path / "half"
    shutil.copytree(run, half)
    (half / "model.h5").write_bytes(b"damaged")
    assert "Keras cannot load this file" in promote(half, "mien_plain.other")
    assert sorted(path.name for path in promoted.parent.iterdir()) == ["mien_plain.smoke"]


def test_the_cost_is_what_the_summary_says():
    for name in architectures.names():
        architecture = architectures.get(name)
        model = architecture.build(len(architecture.recipe.get("labels", LABELS)))
        count, cost = model.count_params(), multiply_accumulates(model)
        parameters = f"{count / 1e6:.2f} M" if count >= 1e5 else f"{count:,}"
        assert f"{parameters} parameters" in architecture.summary
        assert cost < 1e6 or f"{cost / 1e6:.0f} MMAC" in architecture.summary


def test_architectures_take_grey_levels_and_give_probabilities():
    for name in architectures.names():
        architecture = architectures.get(name)
        model = architecture.build(7)
        shape = (architecture.height, architecture.width, architecture.channels)
        assert model.input_shape == (None, *shape)
        pictures = np.random.default_rng(0).uniform(0, 255, (2, *shape)).astype(np.float32)
        probabilities = np.asarray(model.predict_on_batch(pictures))
        assert probabilities.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)
        assert probabilities.min() >= 0


def test_fused_batch_norm_trains_as_the_stock_layer_does():
    keras.utils.set_random_seed(1)
    stock = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Conv2D(16, 3, use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2),
        ]
    )
    fused = with_fused_layers(stock)
    assert type(fused.layers[1]) is not keras.layers.BatchNormalization
    random = np.random.default_rng(2)
    x = random.normal(1, 3, (64, 8, 8, 3)).astype(np.float32)
    y = random.normal(0, 1, (64, 2)).astype(np.float32)
    for model in (stock, fused):
        model.compile(keras.optimizers.SGD(0.01), "mse", jit_compile=False)
        model.fit(x, y, batch_size=64, epochs=3, verbose=0, shuffle=False)
    for one, other in zip(stock.get_weights(), fused.get_weights(), strict=True):
        # The fused kernel keeps the sample variance (n - 1), the stock layer that of n.
        assert np.allclose(one, other, rtol=2e-3, atol=1e-4)
    assert np.allclose(stock.predict_on_batch(x), fused.predict_on_batch(x), atol=1e-3)


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_faster_dropout_drops_as_many_and_keeps_the_mean(precision):
    keras.mixed_precision.set_dtype_policy(precision)
    stock = keras.Sequential([keras.Input((50, 41)), keras.layers.Dropout(0.3, seed=4)])
    keras.mixed_precision.set_dtype_policy("float32")
    fast = with_fused_layers(stock).layers[0]
    assert type(fast) is not keras.layers.Dropout
    ones = np.ones((100, 50, 41), np.float32)
    first, second = (np.asarray(fast(ones, training=True), np.float32) for _ in range(2))
    for drawn in (first, second):
        assert set(np.unique(drawn).round(2)) == {0, np.float32(1.43)}
        assert (drawn == 0).mean() == pytest.approx(0.3, abs=0.005)
        # Each column by itself: the four numbers drawn at once are independent.
        assert (drawn == 0).mean(axis=(0, 1)) == pytest.approx(np.full(41, 0.3), abs=0.03)
    both = ((first == 0) & (second == 0)).mean()
    assert both == pytest.approx(0.09, abs=0.005)
    neighbours = ((first[..., 1:] == 0) & (first[..., :-1] == 0)).mean()
    assert neighbours == pytest.approx(0.09, abs=0.005)
    assert np.array_equal(np.asarray(fast(ones, training=False), np.float32), ones)
