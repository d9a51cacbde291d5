"""Trains one architecture on FER2013 into a run folder that can be resumed and explains itself.

runs/NAME/
  config.json      what was asked, with what data, which versions
  history.csv      a row an epoch
  checkpoint-*.weights.h5, state.json   where --resume goes on
  best.weights.h5  averaged weights of the best epoch so far
  model.h5, contract.json, plots/       written at the end
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from app.inference.contract import Calibration, CropSpec, InputSpec, ModelContract

from . import architectures
from .augment import augment
from .calibrate import calibrate
from .errors import RunError
from .fer2013 import LABELS, Fer2013
from .fused import with_fused_batch_norm
from .plots import plot_history
from .run_folder import checksum, read_history, replacing, write_history, write_json
from .settings import Settings

CROP_MARGIN = 0.02
"""FER2013's pictures are Haar face boxes with this margin on each side (measured)."""


def batches(
    data: Fer2013, settings: Settings, first_epoch: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Shuffled, augmented batches, epoch after epoch.

    What a batch holds depends on seed, epoch and batch number alone, so that a resumed run sees
    what an uninterrupted one would have seen. (A generator and not a `PyDataset`, which Keras
    asks for the next epoch's batches before it tells it that the epoch has ended.)

    Yields:
        (batch, 48, 48, 1) float32 in 0..255 and (batch, labels) float32 one-hot targets.
    """
    targets = np.eye(len(LABELS), dtype=np.float32)
    for epoch in range(first_epoch, settings.epochs):
        order = np.random.default_rng((settings.seed, epoch)).permutation(len(data))
        for index in range(math.ceil(len(data) / settings.batch)):
            rows = order[index * settings.batch : (index + 1) * settings.batch]
            random = np.random.default_rng((settings.seed, epoch, index))
            images = augment(data.images[rows], settings.augmentation, random)
            yield images[..., None], targets[data.labels[rows]]


class Keeper(keras.callbacks.Callback):
    """After each epoch: measures the averaged weights on validation data, keeps the best ones,
    writes a checkpoint and a row of history, stops when nothing has improved for long."""

    def __init__(
        self, run: Path, settings: Settings, stock: keras.Model, validation: Fer2013
    ) -> None:
        super().__init__()
        self.run, self.settings, self.stock, self.validation = run, settings, stock, validation
        self.state: dict[str, Any] = {"epochs_done": 0, "best": -1.0, "best_epoch": -1}
        self.started = self.began = time.monotonic()
        self.first_epoch = 0

    def resume(self) -> int:
        """Load the last checkpoint into the model; the epoch to go on with."""
        self.state = json.loads((self.run / "state.json").read_text())
        self.model.load_weights(self.run / self.state["checkpoint"])
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
        probabilities = predict(self.stock, self.validation.images)
        right = float((probabilities.argmax(1) == self.validation.labels).mean())
        chosen = probabilities[np.arange(len(self.validation)), self.validation.labels]
        row = {
            "epoch": epoch + 1,
            "seconds": round(time.monotonic() - self.began, 1),
            "learning_rate": round(float(self.model.optimizer.learning_rate), 6),
            "loss": round(float(logs["loss"]), 5),
            "validation_loss": round(float(-np.log(np.maximum(chosen, 1e-12)).mean()), 5),
            "validation_accuracy": round(right, 5),
        }
        better = right > self.state["best"]
        if better:
            self.state.update(best=right, best_epoch=epoch)
            replacing(self.run / "best.weights.h5", self.stock.save_weights)
        self._checkpoint(epoch, row)
        self._say(epoch, row, better)
        if epoch - self.state["best_epoch"] >= self.settings.patience:
            print(
                f"stopped: no better than epoch {self.state['best_epoch'] + 1} for "
                f"{self.settings.patience} epochs",
                flush=True,
            )
            self.model.stop_training = True

    def _checkpoint(self, epoch: int, row: dict[str, float]) -> None:
        # state.json names the checkpoint and is replaced last: whenever the run is cut off, the
        # two that stand there belong together.
        name = f"checkpoint-{epoch + 1:04d}.weights.h5"
        replacing(self.run / name, self.model.save_weights)
        self.state.update(epochs_done=epoch + 1, checkpoint=name)
        write_json(self.run / "state.json", self.state)
        for old in self.run.glob("checkpoint-*.weights.h5"):
            if old.name != name:
                old.unlink()
        write_history(self.run, [*read_history(self.run)[:epoch], row])

    def _say(self, epoch: int, row: dict[str, float], better: bool) -> None:
        done = epoch + 1 - self.first_epoch
        left = (time.monotonic() - self.started) / done * (self.settings.epochs - epoch - 1)
        # On a terminal Keras's progress bar stands on the present line.
        print(
            ("\n" if sys.stdout.isatty() else "")
            + f"epoch {epoch + 1}/{self.settings.epochs}  loss {row['loss']:.4f}  "
            f"validation {row['validation_accuracy']:.2%}{' *' if better else '  '}  "
            f"{row['seconds']:.0f} s, {left / 60:.0f} min left",
            flush=True,
        )


def train(
    data: Fer2013, data_path: Path, run: Path, settings: Settings, *, resume: bool = False
) -> Path:
    """Train and leave the finished run folder.

    Args:
        data: pictures of the train and the validation split.
        data_path: where they came from; its name and checksum go into config.json.
        run: the run folder; new, or with `resume` one that was cut off.
        settings: how to train; with `resume`, config.json's take its place.

    Raises:
        RunError: `run` exists and `resume` is not asked for, or there is nothing to resume.
        DataError: a split is missing.
    """
    origin = {"name": data_path.name, "sha256": checksum(data_path), "rows": len(data)}
    if resume:
        settings = _resumed_settings(run, origin)
    elif run.exists():
        raise RunError(f"{run} exists already; give another --out, or --resume to go on with it")
    training, validation = data.split("train"), data.split("validation")
    architecture = architectures.get(settings.architecture)
    keras.utils.set_random_seed(settings.seed)
    keras.mixed_precision.set_dtype_policy("float32")
    stock = architecture.build(len(LABELS))
    keras.mixed_precision.set_dtype_policy(settings.precision)
    model = with_fused_batch_norm(architecture.build(len(LABELS)))
    keras.mixed_precision.set_dtype_policy("float32")
    steps = math.ceil(len(training) / settings.batch)
    model.compile(
        optimizer=_optimizer(settings, steps),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=settings.label_smoothing),
        # XLA's convolutions are four times slower than TensorFlow's own on a CPU (EXPERIMENTS.md).
        jit_compile=keras.backend.backend() == "jax",
    )
    model.optimizer.build(model.trainable_variables)
    run.mkdir(parents=True, exist_ok=True)
    if not resume:
        write_json(
            run / "config.json",
            {
                "settings": settings.to_json(),
                "data": origin,
                "pictures": {"train": len(training), "validation": len(validation)},
                "parameters": stock.count_params(),
                "versions": {"keras": keras.__version__, "backend": keras.backend.backend()},
            },
        )
    keeper = Keeper(run, settings, stock, validation)
    keeper.set_model(model)
    first = keeper.resume() if resume and (run / "state.json").exists() else 0
    if first < settings.epochs:
        model.fit(
            batches(training, settings, first),
            steps_per_epoch=steps,
            shuffle=False,
            epochs=settings.epochs,
            initial_epoch=first,
            callbacks=[keeper],
            verbose=1 if sys.stdout.isatty() else 0,
        )
    stock.load_weights(run / "best.weights.h5")
    _finish(run, settings, stock, validation)
    return run


def predict(model: keras.Model, images: np.ndarray, batch: int = 256) -> np.ndarray:
    """(n, h, w) grey pictures 0..255 -> (n, labels) float32 probabilities."""
    parts = [
        np.asarray(model.predict_on_batch(images[i : i + batch, ..., None].astype(np.float32)))
        for i in range(0, len(images), batch)
    ]
    return np.concatenate(parts)


def _optimizer(settings: Settings, steps: int) -> keras.optimizers.Optimizer:
    warmup = int(settings.warmup_epochs * steps)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=settings.learning_rate / 10,
        warmup_target=settings.learning_rate,
        warmup_steps=warmup,
        decay_steps=max(1, settings.epochs * steps - warmup),
        alpha=1e-3,
    )
    optimizer = keras.optimizers.SGD(
        schedule,
        momentum=0.9,
        nesterov=True,
        weight_decay=settings.weight_decay,
        use_ema=True,
        ema_momentum=settings.average,
        # Never overwrite: the averaged weights are taken for measuring and saving only.
        ema_overwrite_frequency=None,
    )
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimizer


def _finish(run: Path, settings: Settings, stock: keras.Model, validation: Fer2013) -> None:
    contract = ModelContract(
        model=f"{settings.architecture}.{settings.tag}",
        labels=LABELS,
        input=InputSpec(*stock.input_shape[1:]),
        crop=CropSpec(CROP_MARGIN),
        calibration=Calibration(temperature=1.0, unsure_below=0.0),
    )
    contract.check_output_width(stock.output_shape[-1])
    probabilities = predict(stock, validation.images)
    contract = replace(contract, calibration=calibrate(probabilities, validation.labels))
    replacing(run / "model.h5", stock.save)
    write_json(run / "contract.json", contract.to_json())
    plot_history(read_history(run), run / "plots" / "history.png")


def _resumed_settings(run: Path, origin: dict[str, Any]) -> Settings:
    try:
        config = json.loads((run / "config.json").read_text())
    except FileNotFoundError:
        raise RunError(f"{run} holds no config.json: there is no run to resume") from None
    if config["data"] != origin:
        raise RunError(
            f"{run} was trained on {config['data']['name']} "
            f"(sha256 {config['data']['sha256'][:12]}), --data gives {origin['name']} "
            f"(sha256 {origin['sha256'][:12]}); resume with the same data"
        )
    return Settings.from_json(config["settings"])
