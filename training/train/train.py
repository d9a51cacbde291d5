"""Trains one architecture on FER2013 into a run folder that can be resumed and explains itself.

runs/NAME/
  config.json      what was asked, with what data, which versions
  history.csv      a row an epoch
  checkpoint-*.weights.h5, state.json   where --resume goes on
  best.weights.h5  averaged weights of the best epoch so far
  model.h5, contract.json, plots/       written at the end

With two targets config.json, history.csv, best.weights.h5 and what is written at the end stand in
a folder of each target's name, runs/NAME/TARGET/, which can be promoted by itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from app.inference.contract import Calibration, CropSpec, InputSpec, ModelContract

from .. import architectures
from ..augment import augment
from ..config import Settings
from ..data.dataset import Pictures
from ..data.loading import origin_of_data
from ..data.subset import select
from ..errors import RunError, TrainingError
from ..measure.calibrate import calibrate
from ..run_folder import origin_of, read_history, replacing, write_json
from .distillation import read_soft_labels, soften
from .distributed import Hosts
from .epoch_callback import Keeper, predict, to_input
from .fused_layers import with_faster_layers
from .heads import with_heads
from .history_plot import plot_history
from .initial_weights import Start, resumed_settings, start_of
from .targets import Target, make_targets

CROP_MARGIN = 0.02
"""FER2013's pictures are Haar face boxes with this margin on each side (measured)."""


def batches(
    data: Pictures,
    targets: list[Target],
    settings: Settings,
    shape: tuple,
    first_epoch: int,
    hosts: Hosts,
) -> Iterator[tuple[np.ndarray, tuple[np.ndarray, ...], tuple[np.ndarray, ...]]]:
    """Shuffled, augmented batches, epoch after epoch.

    What a batch holds depends on seed, epoch and batch number alone, so that a resumed run sees
    what an uninterrupted one would have seen. (A generator and not a `PyDataset`, which Keras
    asks for the next epoch's batches before it tells it that the epoch has ended.)
    Of several machines each gets its share of what one alone would get.

    Yields:
        (batch, *shape) float32 in 0..255; for each target (batch, labels) float32; for each
        target (batch,) float32 weights.
    """
    for epoch in range(first_epoch, settings.epochs):
        order = np.random.default_rng((settings.seed, epoch)).permutation(len(data))
        for index in range(hosts.batches(len(data), settings.batch)):
            rows = order[index * settings.batch : (index + 1) * settings.batch]
            random = np.random.default_rng((settings.seed, epoch, index))
            images = data.images[rows]
            if settings.augmentation:
                images = augment(images, settings.augmentation, random)
            share = hosts.share(rows)
            rows = rows[share]
            yield (
                to_input(images[share], shape),
                tuple(target.train[rows] for target in targets),
                tuple(target.weights[rows] for target in targets),
            )


def train(
    data: Pictures,
    data_path: Path,
    run: Path,
    settings: Settings,
    votes: np.ndarray | None = None,
    votes_path: Path | None = None,
    *,
    resume: bool = False,
    minutes: float | None = None,
    hosts: Hosts | None = None,
    soft_path: Path | None = None,
    start_from: list[Path] | None = None,
) -> list[Path]:
    """Train and leave the finished run folder.

    Args:
        data: pictures of the train and the validation split.
        data_path: where they came from; its name and checksum go into config.json.
        run: the run folder; new, or with `resume` one that was cut off.
        settings: how to train; with `resume`, config.json's take its place.
        votes: FER+'s votes, where a target needs them.
        votes_path: where those came from.
        resume: go on with a run that was cut off.
        minutes: how long to train at most, whole epochs; None for as long as it takes.
        hosts: the machines that train together; None for this one alone.
        soft_path: what teachers say, `read_soft_labels`, where `settings.soft_weight` is over 0.
        start_from: what the run begins with, `start_of`; a resumed run has it already.

    Returns:
        The folder of each finished model: `run`, or with two targets those within it; none on
        a machine that is not the first of `hosts`.

    Raises:
        RunError: `run` exists and `resume` is not asked for, there is nothing to resume, or
            what `start_from` names does not fit.
        DataError: a split is missing.
    """
    hosts = hosts or Hosts()
    origins = {"data": origin_of_data(data_path, data)}
    if votes_path is not None:
        origins["ferplus"] = origin_of(votes_path)
    if soft_path is not None:
        origins["soft_labels"] = origin_of(soft_path)
    if resume:
        settings = resumed_settings(run, origins)
    elif run.exists() and hosts.writes:
        raise RunError(f"{run} exists already; give another --out, or --resume to go on with it")
    chosen = select(data, settings)
    training, validation = chosen.training, chosen.validation
    start: Start | None = None
    if start_from and not resume:
        start = start_of(start_from, settings, training.names)
        origins["start"] = start.origin
    architecture = architectures.get(settings.architecture)
    targets = make_targets(
        settings.targets,
        training,
        validation,
        votes,
        settings.label_smoothing,
        settings.balance,
    )
    if settings.soft_weight:
        if soft_path is None:
            raise TrainingError("the run learns from soft labels: give --soft-labels FILE")
        soft = read_soft_labels(soft_path)
        origins["soft_labels"].update(
            teachers=list(soft.teachers), temperature=soft.temperature, shift=soft.shift
        )
        targets = soften(targets, soft, training, origins["data"]["sha256"], settings.soft_weight)
    hosts.connect()
    keras.utils.set_random_seed(settings.seed)
    keras.mixed_precision.set_dtype_policy("float32")
    stock = with_heads(architecture.build(len(training.names)), settings.targets)
    steps = hosts.batches(len(training), settings.batch)
    with hosts.scope():
        model = _compiled(architecture, len(training.names), settings, targets, steps)
        if start is not None:
            weights = start.weights(model)
            # Compiled anew: the optimizer's steps, momentum and averages begin with this run.
            model = _compiled(architecture, len(training.names), settings, targets, steps, weights)
    keeper = Keeper(run, settings, stock, validation, targets, minutes, writes=hosts.writes)
    keeper.set_model(model)
    if not resume and hosts.writes:
        config = {
            "settings": settings.to_json(),
            **origins,
            "source": data.source,
            "labels": training.names,
            "pictures": {"train": len(training), "validation": len(validation)},
            "left_out": chosen.left_out,
            "versions": {"keras": keras.__version__, "backend": keras.backend.backend()},
        }
        for target, head, folder in keeper.heads():
            folder.mkdir(parents=True, exist_ok=True)
            parameters = head.count_params()
            write_json(
                folder / "config.json", {"target": target.name, **config, "parameters": parameters}
            )
        # Last, for it is what --resume asks for.
        write_json(run / "config.json", {"target": settings.targets[0], **config})
    first = keeper.resume() if resume and (run / "state.json").exists() else 0
    if first < settings.epochs:
        with hosts.scope():
            model.fit(
                batches(training, targets, settings, stock.input_shape[1:], first, hosts),
                steps_per_epoch=steps,
                shuffle=False,
                epochs=settings.epochs,
                initial_epoch=first,
                callbacks=[keeper],
                verbose=1 if sys.stdout.isatty() and hosts.writes else 0,
            )
    if not hosts.writes:
        return []
    for target, head, folder in keeper.heads():
        stock.load_weights(folder / "best.weights.h5")
        end = {"kept_epoch": keeper.kept_epoch(target), "stopped": keeper.stopped}
        _finish(folder, settings, head, target, validation, end)
    return [folder for _, _, folder in keeper.heads()]


def _compiled(
    architecture: architectures.Architecture,
    labels: int,
    settings: Settings,
    targets: list[Target],
    steps: int,
    weights: list[np.ndarray] | None = None,
) -> keras.Model:
    """The network as it is trained, with a head for each target; with `weights`, or random ones."""
    keras.mixed_precision.set_dtype_policy(settings.precision)
    model = with_faster_layers(with_heads(architecture.build(labels), settings.targets))
    keras.mixed_precision.set_dtype_policy("float32")
    if weights is not None:
        model.set_weights(weights)
    model.compile(
        optimizer=_optimizer(settings, steps),
        loss=[
            keras.losses.CategoricalCrossentropy(label_smoothing=target.smoothing)
            for target in targets
        ],
        # Their mean, so that the learning rate suits one target and two.
        loss_weights=[1 / len(targets)] * len(targets),
        # XLA's convolutions are four times slower than TensorFlow's own on a CPU (EXPERIMENTS.md).
        jit_compile=keras.backend.backend() == "jax",
    )
    model.optimizer.build(model.trainable_variables)
    return model


def _optimizer(settings: Settings, steps: int) -> keras.optimizers.Optimizer:
    rate: Any = settings.learning_rate
    if settings.schedule == "cosine":
        warmup = int(settings.warmup_epochs * steps)
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=settings.learning_rate / 10,
            warmup_target=settings.learning_rate,
            warmup_steps=warmup,
            decay_steps=max(1, settings.epochs * steps - warmup),
            alpha=1e-3,
        )
    common: dict[str, Any] = {
        "weight_decay": settings.weight_decay or None,
        "global_clipnorm": settings.clip,
        "use_ema": settings.average is not None,
    }
    if settings.average is not None:
        # Never overwrite: the averaged weights are taken for measuring and saving only.
        common.update(ema_momentum=settings.average, ema_overwrite_frequency=None)
    optimizer: keras.optimizers.Optimizer
    if settings.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(
            rate, momentum=settings.momentum, nesterov=settings.momentum > 0, **common
        )
    elif settings.optimizer == "adam":
        optimizer = keras.optimizers.Adam(rate, **common)
    else:
        optimizer = keras.optimizers.RMSprop(rate, **common)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimizer


def _finish(
    run: Path,
    settings: Settings,
    stock: keras.Model,
    target: Target,
    validation: Pictures,
    end: dict[str, Any],
) -> None:
    tag = settings.tag if len(settings.targets) == 1 else target.name
    contract = ModelContract(
        model=f"{settings.architecture}.{tag}",
        labels=validation.names,
        input=InputSpec(*stock.input_shape[1:]),
        crop=CropSpec(CROP_MARGIN),
        calibration=Calibration((0.0,) * len(validation.names), temperature=1.0, unsure_below=0.0),
    )
    contract.check_output_width(stock.output_shape[-1])
    probabilities = predict(stock, validation.images)[0]
    known = target.judge >= 0
    calibration = calibrate(probabilities[known], target.judge[known])
    contract = replace(contract, calibration=calibration)
    replacing(run / "model.h5", stock.save)
    write_json(run / "contract.json", contract.to_json())
    plot_history(read_history(run), run / "plots" / "history.png")
    config = json.loads((run / "config.json").read_text())
    write_json(run / "config.json", {**config, **end})
