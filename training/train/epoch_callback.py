"""What stands between two epochs: measuring, the checkpoint, the history, the early stop."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ..config import Plateau, Settings
from ..data.dataset import Pictures
from ..run_folder import read_history, replacing, write_history, write_json
from .distributed import alone
from .heads import head_of
from .targets import Target


class Keeper(keras.callbacks.Callback):
    """After each epoch: measures the averaged weights on validation data, keeps the best ones of
    each head, writes a checkpoint and a row of history, stops when nothing has improved for long.

    Args:
        run: the run folder.
        settings: how the run trains.
        stock: the model that takes the averaged weights; an output for each target.
        validation: the pictures to measure on.
        targets: what each output is judged by.
        minutes: how long to train at most; the epoch in which they end is the last. None for as
            long as it takes.
        writes: whether to write files and to say what happens; of several machines one does.
    """

    def __init__(
        self,
        run: Path,
        settings: Settings,
        stock: keras.Model,
        validation: Pictures,
        targets: list[Target],
        minutes: float | None = None,
        *,
        writes: bool = True,
    ) -> None:
        super().__init__()
        self.run, self.settings, self.stock = run, settings, stock
        self.validation, self.targets = validation, targets
        self.minutes, self.stopped, self.writes = minutes, "", writes
        self.state: dict[str, Any] = {
            "epochs_done": 0,
            "best": {target.name: {"value": -math.inf, "epoch": -1} for target in targets},
            # What `Settings.plateau` goes by: the lowest loss, the epochs since, the rate.
            "plateau": {"loss": math.inf, "waited": 0, "rate": settings.learning_rate},
        }
        self.started = self.began = time.monotonic()
        self.first_epoch = 0

    def heads(self) -> Iterator[tuple[Target, keras.Model, Path]]:
        """Each target, its model with the averaged weights, and the folder of its files."""
        for index, target in enumerate(self.targets):
            folder = self.run if len(self.targets) == 1 else self.run / target.name
            yield target, head_of(self.stock, index), folder

    def kept_epoch(self, target: Target) -> int:
        """The epoch, from 1, whose weights are the model's."""
        if self.settings.keep == "last":
            return int(self.state["epochs_done"])
        return int(self.state["best"][target.name]["epoch"]) + 1

    def resume(self) -> int:
        """Load the last checkpoint into the model; the epoch to go on with."""
        self.state = json.loads((self.run / "state.json").read_text())
        self.model.load_weights(self.run / self.state["checkpoint"])
        if self.settings.plateau:
            self.model.optimizer.learning_rate = self.state["plateau"]["rate"]
        self.first_epoch = self.state["epochs_done"]
        return self.first_epoch

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.began = time.monotonic()
        # Keras saves weights but not the state of its random numbers: set from seed and epoch,
        # dropout is the same in a resumed run.
        for layer in self.model.layers:
            generator = getattr(layer, "seed_generator", None)
            if generator is not None:
                generator.state.assign([self.settings.seed & 0xFFFFFFFF, epoch])

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        raw = self.model.get_weights()
        self.model.optimizer.finalize_variable_values(self.model.trainable_variables)
        self.stock.set_weights(self.model.get_weights())
        self.model.set_weights(raw)
        with alone():
            self._judge(epoch, logs)

    def _judge(self, epoch: int, logs: Any) -> None:
        outputs = predict(self.stock, self.validation.images)
        common = {
            "epoch": epoch + 1,
            "seconds": round(time.monotonic() - self.began, 1),
            "learning_rate": round(float(self.model.optimizer.learning_rate), 8),
            "loss": round(float(logs["loss"]), 5),
        }
        rows, words = [], []
        for (target, _, folder), probabilities in zip(self.heads(), outputs, strict=True):
            right, loss = target.accuracy(probabilities), target.log_loss(probabilities)
            rows.append(
                {
                    **common,
                    "validation_loss": round(loss, 5),
                    "validation_accuracy": round(right, 5),
                }
            )
            best = self.state["best"][target.name]
            value = right if self.settings.monitor == "accuracy" else -loss
            better = value > best["value"] + self.settings.min_delta
            words.append(f"{target.name} {right:.2%}{' *' if better else '  '}")
            if better:
                best.update(value=value, epoch=epoch)
            if self.writes and (better or self.settings.keep == "last"):
                replacing(folder / "best.weights.h5", self.stock.save_weights)
        if self.settings.plateau:
            self._lower_rate(self.settings.plateau, rows[0]["validation_loss"])
        if self.writes:
            self._checkpoint(epoch, rows)
            self._say(epoch, common, words)
        latest = max(best["epoch"] for best in self.state["best"].values())
        if epoch - latest >= self.settings.patience:
            self._stop(f"no better than epoch {latest + 1} for {self.settings.patience} epochs")
        elif self.minutes is not None and time.monotonic() - self.started > 60 * self.minutes:
            self._stop(f"the {self.minutes:g} minutes it was given were over")

    def _stop(self, reason: str) -> None:
        if self.writes:
            print(f"stopped: {reason}", flush=True)
        self.stopped = reason
        self.model.stop_training = True

    def _lower_rate(self, plateau: Plateau, loss: float) -> None:
        state = self.state["plateau"]
        if loss < state["loss"] - 1e-4:
            state.update(loss=loss, waited=0)
            return
        state["waited"] += 1
        if state["waited"] >= plateau.patience:
            state.update(waited=0, rate=max(state["rate"] * plateau.factor, plateau.least))
            self.model.optimizer.learning_rate = state["rate"]

    def _checkpoint(self, epoch: int, rows: list[dict[str, float]]) -> None:
        # state.json names the checkpoint and is replaced last: whenever the run is cut off, the
        # two that stand there belong together.
        name = f"checkpoint-{epoch + 1:04d}.weights.h5"
        replacing(self.run / name, self.model.save_weights)
        self.state.update(epochs_done=epoch + 1, checkpoint=name)
        write_json(self.run / "state.json", self.state)
        for old in self.run.glob("checkpoint-*.weights.h5"):
            if old.name != name:
                old.unlink()
        for (_, _, folder), row in zip(self.heads(), rows, strict=True):
            write_history(folder, [*read_history(folder)[:epoch], row])

    def _say(self, epoch: int, row: dict[str, float], words: list[str]) -> None:
        done = epoch + 1 - self.first_epoch
        left = (time.monotonic() - self.started) / done * (self.settings.epochs - epoch - 1)
        # On a terminal Keras's progress bar stands on the present line.
        print(
            ("\n" if sys.stdout.isatty() else "")
            + f"epoch {epoch + 1}/{self.settings.epochs}  loss {row['loss']:.4f}  "
            f"validation {'  '.join(words)}  {row['seconds']:.0f} s, {left / 60:.0f} min left",
            flush=True,
        )


def to_input(images: np.ndarray, shape: tuple[int | None, ...]) -> np.ndarray:
    """(n, h, w) grey pictures 0..255 -> (n, h, w, channels) float32, grey repeated over the
    channels of a model's input `shape`."""
    return np.repeat(images[..., None].astype(np.float32, copy=False), shape[-1] or 1, axis=3)


def predict(model: keras.Model, images: np.ndarray, batch: int = 256) -> list[np.ndarray]:
    """(n, h, w) grey pictures 0..255 -> for each output (n, labels) float32 probabilities."""
    parts = []
    for start in range(0, len(images), batch):
        found = model.predict_on_batch(to_input(images[start : start + batch], model.input_shape))
        parts.append(found if isinstance(found, list) else [found])
    return [
        np.concatenate([np.asarray(part) for part in output]) for output in zip(*parts, strict=True)
    ]
