"""The callback after each epoch: learning rate on a plateau, early stopping, weights to keep."""

import json

import keras
import pytest

from training.config import Plateau
from training.data.fer2013 import read_fer2013
from training.train.epoch_callback import EpochCallback

from ...support.training import settings_of, write_fer


class FakeTarget:
    """A target with given validation losses; the accuracy falls as the loss rises."""

    name = "fer2013"

    def __init__(self, losses):
        self.losses = iter(losses)

    def accuracy(self, probabilities):
        self.loss = next(self.losses)
        return 1 - self.loss / 10

    def log_loss(self, probabilities):
        return self.loss


def run_epochs(tmp_path, losses, **changed):
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
    callback, rates = run_epochs(
        tmp_path,
        losses,
        learning_rate=8e-3,
        monitor="loss",
        min_delta=1e-4,
        patience=5,
        plateau=Plateau(patience=2, factor=0.5, least=3e-3),
    )
    # Epochs 3 and 4 improve by less than 1e-4. Then the rate is halved, later set to its minimum.
    assert rates == pytest.approx([8e-3, 8e-3, 8e-3, 8e-3, 4e-3, 4e-3, 3e-3])
    assert callback.kept_epoch(callback.targets[0]) == 2
    assert callback.stopped == "no improvement since epoch 2 for 5 epochs"
    state = json.loads((tmp_path / "run" / "state.json").read_text())
    assert state["plateau"]["rate"] == pytest.approx(3e-3)


def test_the_last_weights_can_be_kept(tmp_path):
    callback, _ = run_epochs(tmp_path, [1.0, 0.5, 0.8], keep="last", patience=9, learning_rate=1e-3)
    assert callback.kept_epoch(callback.targets[0]) == 3
    assert callback.stopped == ""
