"""What a recipe can ask for, and that the re-made systems ask for what was published."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from app.inference.classifier import load_keras_model
from app.inference.contract import ModelContract
from training import architectures
from training.__main__ import main
from training.config import Plateau, Settings, Split
from training.data.dataset import LABELS
from training.data.fer2013 import read_fer2013
from training.data.subset import entropy, select_subset, split_off
from training.run_folder import read_history
from training.train.compile import make_optimizer
from training.train.epoch_callback import EpochCallback

from ..conftest import write_fer

REMADE = ("blog_cnn_6", "kammakatla_cnn", "sharma_cnn", "softmax_regression", "vgg_rgb")


def settings_of(name, **changed):
    return Settings(architecture=name, **{**architectures.get(name).recipe, **changed})


def layers_of(name, labels=7):
    return architectures.get(name).build(labels).layers


def test_vgg_rgb_has_the_published_number_of_parameters():
    model = architectures.get("vgg_rgb").build(7)
    assert model.count_params() == 1_328_743
    assert model.input_shape == (None, 48, 48, 3)


@pytest.mark.parametrize("name", REMADE)
def test_a_remade_system_keeps_to_the_contract_and_says_what_was_published(name):
    architecture = architectures.get(name)
    settings = settings_of(name)
    assert settings.average is None
    assert settings.label_smoothing == 0
    assert settings.schedule == "constant"
    assert architecture.published.figure
    assert architecture.published.note
    first, *_, last = layers_of(name, len(settings.labels or LABELS))[1:]
    assert type(first) is keras.layers.Rescaling
    assert type(last) is keras.layers.Softmax
    kinds = {type(layer) for layer in layers_of(name)}
    # What changes pictures in training is the recipe's, never the model's.
    assert not {kind for kind in kinds if kind.__name__.startswith("Random")}


@pytest.mark.parametrize("name", ["mien_plain", "mien_small"])
def test_weights_of_the_shipped_models_still_load(name):
    shipped = Path(__file__).parents[3] / "app" / "models" / f"{name}.fer2013" / "model.h5"
    model = architectures.get(name).build(7)
    model.load_weights(shipped)
    pictures = np.random.default_rng(3).uniform(0, 255, (4, 48, 48, 1)).astype(np.float32)
    expected = load_keras_model(shipped).predict_on_batch(pictures)
    assert np.allclose(model.predict_on_batch(pictures), expected, atol=1e-6)


def test_convolutions_and_poolings_are_the_published_ones():
    def shapes(name):
        found = []
        for layer in layers_of(name):
            if isinstance(layer, keras.layers.Conv2D):
                found.append((layer.filters, layer.kernel_size[0]))
            elif "Pooling" in type(layer).__name__:
                found.append((type(layer).__name__[:3], layer.pool_size[0]))
        return found

    assert shapes("sharma_cnn") == [(16, 3), (16, 5), (16, 3), ("Max", 2), (16, 3), (16, 3)]
    assert shapes("kammakatla_cnn") == [
        *((64, 5), ("Max", 5), (64, 3), (64, 3), ("Ave", 3), (128, 3), (128, 3), ("Ave", 3)),
    ]
    assert shapes("blog_cnn_6") == [
        *((16, 7), ("Ave", 2), (32, 2), ("Max", 2), (8, 2), ("Max", 2)),
    ]
    assert [layer.units for layer in layers_of("softmax_regression", 2) if hasattr(layer, "units")]


def test_sharmas_split_is_scikit_learns_twice():
    train, validation, test = split_off(28_709, Split(0.2, 0.4, 121))
    assert (len(train), len(validation), len(test)) == (22_967, 2_297, 3_445)
    assert len(np.unique(np.concatenate([train, validation, test]))) == 28_709
    again = split_off(28_709, Split(0.2, 0.4, 121))
    assert np.array_equal(train, again[0])
    assert not np.array_equal(train, split_off(28_709, Split(0.2, 0.4, 122))[0])


def test_entropy_of_known_pictures():
    flat = np.zeros((3, 48, 48), np.uint8)
    flat[1, :24] = 200
    flat[2] = np.arange(48 * 48).reshape(48, 48) % 256
    assert entropy(flat) == pytest.approx([0, 1, 8])


def test_a_recipe_leaves_out_what_it_says(fer_csv):
    data = read_fer2013(fer_csv)
    training = data.split("train")
    data.images[np.flatnonzero(data.usage == "Training")[:3]] = 9
    names = ("angry", "happy")
    chosen = select_subset(data, settings_of("mien_plain", labels=names, drop_low_entropy=0.05))
    assert chosen.training.names == chosen.validation.names == names
    # Of 112 pictures 6 go, three of them the blank ones; of each label 16 stand there.
    assert chosen.left_out["lowest entropy"] == 6
    assert entropy(chosen.training.images).min() > 1
    left = chosen.left_out["labels that are not learned"]
    assert len(chosen.training) == len(training) - 6 - left
    assert np.bincount(chosen.validation.labels).tolist() == [6, 6]
    assert {LABELS[label] for label in data.labels[chosen.training.rows]} == set(names)
    assert chosen.test is None


def test_a_split_of_its_own_never_takes_the_validation_split(fer_csv):
    data = read_fer2013(fer_csv)
    chosen = select_subset(data, settings_of("sharma_cnn"))
    for part in (chosen.training, chosen.validation, chosen.test):
        assert set(part.usage) == {"Training"}
    rows = [set(part.rows) for part in (chosen.training, chosen.validation, chosen.test)]
    assert sum(map(len, rows)) == len(set.union(*rows)) == 112
    assert list(map(len, rows)) == [89, 10, 13]


@pytest.mark.parametrize(
    ("name", "kind", "rate"),
    [
        ("vgg_rgb", "Adam", 1e-3),
        ("blog_cnn_6", "RMSprop", 1e-3),
        ("softmax_regression", "SGD", 3e-3),
    ],
)
def test_the_optimizer_is_the_recipes(name, kind, rate):
    optimizer = make_optimizer(settings_of(name), 10)
    assert type(optimizer).__name__ == kind
    assert float(optimizer.learning_rate) == pytest.approx(rate)
    assert not optimizer.use_ema
    assert not optimizer.weight_decay
    assert getattr(optimizer, "momentum", 0) == 0


class FakeTarget:
    """A target whose validation losses are given; accuracy falls as loss rises."""

    name = "fer2013"

    def __init__(self, losses):
        self.losses = iter(losses)

    def accuracy(self, probabilities):
        self.loss = next(self.losses)
        return 1 - self.loss / 10

    def log_loss(self, probabilities):
        return self.loss


def kept(tmp_path, losses, **changed):
    """Run the callback over epochs with these validation losses: (callback, learning rates)."""
    settings = settings_of("mien_plain", optimizer="adam", schedule="constant", **changed)
    model = keras.Sequential([keras.Input((48, 48, 1)), keras.layers.Flatten()])
    model.compile(keras.optimizers.Adam(settings.learning_rate), "mse")
    blank = read_fer2013(write_fer(tmp_path / "few.csv", {"PublicTest": 2}))
    (tmp_path / "run").mkdir()
    callback = EpochCallback(tmp_path / "run", settings, model, blank, [FakeTarget(losses)])
    callback.set_model(model)
    rates = []
    for epoch in range(len(losses)):
        callback.on_epoch_begin(epoch)
        rates.append(float(model.optimizer.learning_rate))
        callback.on_epoch_end(epoch, {"loss": 1.0})
        if model.stop_training:
            break
    return callback, rates


def test_the_rate_falls_on_a_plateau_and_training_stops_by_the_loss(tmp_path):
    losses = [1.0, 0.9, 0.9, 0.89995, 0.95, 0.95, 0.95, 0.95]
    callback, rates = kept(
        tmp_path,
        losses,
        learning_rate=8e-3,
        monitor="loss",
        min_delta=1e-4,
        patience=5,
        plateau=Plateau(patience=2, factor=0.5, least=3e-3),
    )
    # Epochs 3 and 4 are lower by less than 1e-4: no better. Halved after them, then the floor.
    assert rates == pytest.approx([8e-3, 8e-3, 8e-3, 8e-3, 4e-3, 4e-3, 3e-3])
    assert callback.kept_epoch(callback.targets[0]) == 2
    assert callback.stopped == "no improvement since epoch 2 for 5 epochs"
    state = json.loads((tmp_path / "run" / "state.json").read_text())
    assert state["plateau"]["rate"] == pytest.approx(3e-3)


def test_the_last_weights_can_be_kept(tmp_path):
    callback, _ = kept(tmp_path, [1.0, 0.5, 0.8], keep="last", patience=9, learning_rate=1e-3)
    assert callback.kept_epoch(callback.targets[0]) == 3
    assert callback.stopped == ""


def test_settings_survive_their_json():
    for name in architectures.names():
        settings = settings_of(name)
        assert Settings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


@pytest.fixture(scope="module")
def two_labels(tmp_path_factory, fer_csv):
    """A promoted model that knows happy and neutral, its run, and its card."""
    folder = tmp_path_factory.mktemp("two")
    run = folder / "run"
    arguments = ["train", "softmax_regression", "--data", str(fer_csv), "--out", str(run)]
    assert main([*arguments, "--epochs", "6", "--batch", "8", "--minutes", "5"]) == 0
    promoted = ["promote", str(run), "softmax_regression.fer2013", "--data", str(fer_csv)]
    assert main([*promoted, "--models", str(folder / "models")]) == 0
    model = folder / "models" / "softmax_regression.fer2013"
    return model, run, json.loads((model / "card.json").read_text())


def test_a_model_of_two_labels_learns_and_is_measured_on_these(two_labels):
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


def test_evaluate_says_which_labels_a_model_does_not_know(two_labels, fer_csv, ferplus_csv, capsys):
    model, _, card = two_labels
    arguments = ["evaluate", "--model", str(model), "--data", str(fer_csv)]
    arguments += ["--split", "validation", "--ferplus", str(ferplus_csv)]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert "The model does not know angry, disgust, fear, sad, surprise. On all 42" in said
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    # The votes agree with the labels: of the majority only these two labels' pictures count, by
    # the authors' protocol all do.
    assert found["ferplus_majority"] == found["own"]
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


def test_resuming_wants_the_same_votes(tmp_path, fer_csv, ferplus_csv, capsys):
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


def test_votes_are_of_seven_labels(tmp_path, fer_csv, ferplus_csv, capsys):
    run = tmp_path / "run"
    start = ["train", "softmax_regression", "--data", str(fer_csv), "--out", str(run)]
    assert main([*start, "--targets", "ferplus", "--ferplus", str(ferplus_csv)]) == 1
    assert "this run learns happy, neutral" in capsys.readouterr().err
    assert main([*start, "--labels", "happy,smile"]) == 1
    assert "the data has no label smile" in capsys.readouterr().err
    assert not run.exists()


def test_the_run_ends_when_its_minutes_are_over(tmp_path, fer_csv, capsys):
    run = tmp_path / "run"
    start = ["train", "softmax_regression", "--data", str(fer_csv), "--out", str(run)]
    assert main([*start, "--minutes", "0.0001"]) == 0
    assert len(read_history(run)) == 1
    assert json.loads((run / "config.json").read_text())["stopped"].startswith(
        "the time limit of 0.0001"
    )
    assert (run / "model.h5").is_file()
    # And goes on from there.
    assert main([*start, "--resume", "--minutes", "0.0001"]) == 0
    assert len(read_history(run)) == 2
    assert "learning" not in capsys.readouterr().out
