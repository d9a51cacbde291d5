"""The callback after each epoch: evaluation, checkpoint, history, early stopping."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from ..config import Plateau, Settings
from ..data.dataset import Dataset
from ..run_folder import read_history, write_atomically, write_history, write_json
from .distributed import without_distribution
from .heads import head_of
from .prediction import predict_heads
from .targets import Target


class EpochCallback(keras.callbacks.Callback):
    """Evaluates the averaged weights after each epoch, saves the best ones of each head, writes a
    checkpoint and a row of the history, and stops training early.

    Args:
        run: the run folder.
        settings: the run's settings.
        eval_model: a model of Keras's own layers in float32, which receives the averaged weights
            to evaluate and save them; it has one output for each target.
        validation: the images to evaluate on.
        targets: what each output is evaluated against.
        minutes: maximum training time; the epoch in which it ends is the last. None for no limit.
        writes: whether to write files and to print; only one of several machines does.
    """

    def __init__(
        self,
        run: Path,
        settings: Settings,
        eval_model: keras.Model,
        validation: Dataset,
        targets: list[Target],
        minutes: float | None = None,
        *,
        writes: bool = True,
    ) -> None:
        super().__init__()
        self.run, self.settings, self.eval_model = run, settings, eval_model
        self.validation, self.targets = validation, targets
        self.minutes, self.stopped, self.writes = minutes, "", writes
        self.state: dict[str, Any] = {
            "epochs_done": 0,
            "best": {target.name: {"value": -math.inf, "epoch": -1} for target in targets},
            # For `Settings.plateau`: lowest loss, epochs since then, learning rate.
            "plateau": {"loss": math.inf, "waited": 0, "rate": settings.learning_rate},
        }
        self.started = self.began = time.monotonic()
        self.first_epoch = 0

    def heads(self) -> Iterator[tuple[Target, keras.Model, Path]]:
        """Yield each target, its model with the averaged weights, and its folder."""
        for index, target in enumerate(self.targets):
            folder = self.run if len(self.targets) == 1 else self.run / target.name
            yield target, head_of(self.eval_model, index), folder

    def kept_epoch(self, target: Target) -> int:
        """The epoch, counted from 1, whose weights the model has."""
        if self.settings.keep == "last":
            return int(self.state["epochs_done"])
        return int(self.state["best"][target.name]["epoch"]) + 1

    def resume(self) -> int:
        """Load the last checkpoint into the model; return the next epoch, counted from 0."""
        self.state = json.loads((self.run / "state.json").read_text())
        self.model.load_weights(self.run / self.state["checkpoint"])
        if self.settings.plateau:
            self.model.optimizer.learning_rate = self.state["plateau"]["rate"]
        self.first_epoch = self.state["epochs_done"]
        return self.first_epoch

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.began = time.monotonic()
        # Keras saves weights, but not the state of its random number generators. They are set from
        # seed and epoch, so that dropout is the same in a resumed run.
        for layer in self.model.layers:
            generator = getattr(layer, "seed_generator", None)
            if generator is not None:
                generator.state.assign([self.settings.seed & 0xFFFFFFFF, epoch])

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        raw = self.model.get_weights()
        self.model.optimizer.finalize_variable_values(self.model.trainable_variables)
        self.eval_model.set_weights(self.model.get_weights())
        self.model.set_weights(raw)
        with without_distribution():
            self._evaluate(epoch, logs)

    def _evaluate(self, epoch: int, logs: Any) -> None:
        outputs = predict_heads(self.eval_model, self.validation.images)
        common = {
            "epoch": epoch + 1,
            "seconds": round(time.monotonic() - self.began, 1),
            "learning_rate": round(float(self.model.optimizer.learning_rate), 8),
            "loss": round(float(logs["loss"]), 5),
        }
        rows, texts = [], []
        for (target, _, folder), probabilities in zip(self.heads(), outputs, strict=True):
            accuracy, loss = target.accuracy(probabilities), target.log_loss(probabilities)
            rows.append(
                {
                    **common,
                    "validation_loss": round(loss, 5),
                    "validation_accuracy": round(accuracy, 5),
                }
            )
            best = self.state["best"][target.name]
            value = accuracy if self.settings.monitor == "accuracy" else -loss
            better = value > best["value"] + self.settings.min_delta
            texts.append(f"{target.name} {accuracy:.2%}{' *' if better else '  '}")
            if better:
                best.update(value=value, epoch=epoch)
            if self.writes and (better or self.settings.keep == "last"):
                write_atomically(folder / "best.weights.h5", self.eval_model.save_weights)
        if self.settings.plateau:
            self._lower_rate(self.settings.plateau, rows[0]["validation_loss"])
        if self.writes:
            self._checkpoint(epoch, rows)
            self._log(epoch, common, texts)
        latest = max(best["epoch"] for best in self.state["best"].values())
        if epoch - latest >= self.settings.patience:
            self._stop(
                f"no improvement since epoch {latest + 1} for {self.settings.patience} epochs"
            )
        elif self.minutes is not None and time.monotonic() - self.started > 60 * self.minutes:
            self._stop(f"the time limit of {self.minutes:g} minutes was reached")

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
        # state.json names the checkpoint and is replaced last, so that the two files belong
        # together whenever the run is interrupted.
        name = f"checkpoint-{epoch + 1:04d}.weights.h5"
        write_atomically(self.run / name, self.model.save_weights)
        self.state.update(epochs_done=epoch + 1, checkpoint=name)
        write_json(self.run / "state.json", self.state)
        for old in self.run.glob("checkpoint-*.weights.h5"):
            if old.name != name:
                old.unlink()
        for (_, _, folder), row in zip(self.heads(), rows, strict=True):
            write_history(folder, [*read_history(folder)[:epoch], row])

    def _log(self, epoch: int, row: dict[str, float], texts: list[str]) -> None:
        done = epoch + 1 - self.first_epoch
        left = (time.monotonic() - self.started) / done * (self.settings.epochs - epoch - 1)
        # On a terminal, Keras's progress bar is on the current line.
        print(
            ("\n" if sys.stdout.isatty() else "")
            + f"epoch {epoch + 1}/{self.settings.epochs}  loss {row['loss']:.4f}  "
            f"validation {'  '.join(texts)}  {row['seconds']:.0f} s, {left / 60:.0f} min left",
            flush=True,
        )
