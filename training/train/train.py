"""Train one architecture into a run folder that can be resumed.

runs/NAME/
  config.json      settings, fingerprints of the data, versions
  history.csv      one row per epoch
  checkpoint-*.weights.h5, state.json   for --resume
  best.weights.h5  averaged weights of the best epoch so far
  model.h5, contract.json, plots/       written at the end

With two targets, config.json, history.csv, best.weights.h5 and the files written at the end are in
a folder for each target, runs/NAME/TARGET/, which can be promoted on its own.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from app.inference.contract import Calibration, CropSpec, InputSpec, ModelContract

from .. import architectures
from ..config import Settings
from ..data.dataset import Dataset
from ..data.faces_file import read_faces
from ..data.loading import data_fingerprint
from ..data.subset import select_subset
from ..errors import RunError, TrainingError
from ..measure.calibrate import calibrate
from ..run_folder import fingerprint, read_history, write_atomically, write_json
from .batches import batches
from .compile import compiled_model
from .distillation import mix_soft_labels, read_soft_labels
from .distributed import Hosts
from .epoch_callback import EpochCallback
from .extra_faces import add_faces
from .heads import with_heads
from .history_plot import plot_history
from .initial_weights import InitialWeights, find_initial_weights, read_resumed_settings
from .prediction import predict_heads
from .targets import Target, make_targets

CROP_MARGIN = 0.02
"""FER2013's images are Haar face boxes with this margin on each side (measured)."""


def train(
    data: Dataset,
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
    faces_path: Path | None = None,
) -> list[Path]:
    """Train a network and write the finished run folder.

    Args:
        data: images of the train and the validation split.
        data_path: the file or folder of `data`; its name and checksum are stored in config.json.
        run: the run folder; a new one, or with `resume` that of an interrupted run.
        settings: the settings; with `resume`, those in config.json are used instead.
        votes: FER+'s votes, needed by the target ferplus.
        votes_path: the file of `votes`.
        resume: continue an interrupted run.
        minutes: maximum training time, rounded up to whole epochs; None for no limit.
        hosts: the machines that train together; None for this machine alone.
        soft_path: file of the teachers' predictions, `read_soft_labels`, needed if
            `settings.soft_weight` is above 0.
        start_from: source of the initial weights, `find_initial_weights`; ignored with `resume`.
        faces_path: file of faces of other kinds, `read_faces`, whose train split the run learns
            from as well, each face `settings.faces_repeat` times in an epoch; None for none.

    Returns:
        The folder of each finished model: `run`, or with two targets the folders in it. Empty on
        a machine that is not the first of `hosts`.

    Raises:
        RunError: `run` exists already without `resume`, there is no run to resume, or the weights
            of `start_from` do not fit.
        DataError: a split is missing.
        TrainingError: a target cannot be made from the data, or `soft_path` is missing.
    """
    hosts = hosts or Hosts()
    fingerprints = {"data": data_fingerprint(data_path, data)}
    if votes_path is not None:
        fingerprints["ferplus"] = fingerprint(votes_path)
    if soft_path is not None:
        fingerprints["soft_labels"] = fingerprint(soft_path)
    if faces_path is not None:
        fingerprints["faces"] = fingerprint(faces_path)
    if resume:
        settings = read_resumed_settings(run, fingerprints)
    elif run.exists() and hosts.writes:
        raise RunError(f"{run} exists already; give another --out, or --resume to continue it")
    subset = select_subset(data, settings)
    training, validation = subset.training, subset.validation
    labels = len(training.names)
    initial: InitialWeights | None = None
    if start_from and not resume:
        initial = find_initial_weights(start_from, settings, training.names)
        fingerprints["start"] = initial.origin
    architecture = architectures.get(settings.architecture)
    targets = make_targets(
        settings.targets,
        training,
        validation,
        votes,
        settings.label_smoothing,
        settings.balance,
    )
    soft = None
    if settings.soft_weight:
        if soft_path is None:
            raise TrainingError("the run learns from soft labels: give --soft-labels FILE")
        soft = read_soft_labels(soft_path)
        fingerprints["soft_labels"].update(
            teachers=list(soft.teachers), temperature=soft.temperature, shift=soft.shift
        )
        checksum = fingerprints["data"]["sha256"]
        targets = mix_soft_labels(targets, soft, training, checksum, settings.soft_weight)
    counts = {"train": len(training), "validation": len(validation)}
    if faces_path is not None:
        faces = read_faces(faces_path, "train")
        counts["faces"] = len(faces.labels)
        training, targets = add_faces(
            training, targets, faces, settings.faces_repeat, soft, settings.soft_weight
        )
    hosts.connect()
    keras.utils.set_random_seed(settings.seed)
    keras.mixed_precision.set_dtype_policy("float32")
    eval_model = with_heads(architecture.build(labels), settings.targets)
    steps = hosts.steps_per_epoch(len(training), settings.batch)
    with hosts.scope():
        model = compiled_model(architecture, labels, settings, targets, steps)
        if initial is not None:
            weights = initial.weights(model)
            # Compile again, so that the optimizer's step counter, momentum and averages are new.
            model = compiled_model(architecture, labels, settings, targets, steps, weights)
    callback = EpochCallback(
        run, settings, eval_model, validation, targets, minutes, writes=hosts.writes
    )
    callback.set_model(model)
    if not resume and hosts.writes:
        config = {
            "settings": settings.to_json(),
            **fingerprints,
            "source": data.source,
            "labels": training.names,
            "pictures": counts,
            "left_out": subset.left_out,
            "versions": {"keras": keras.__version__, "backend": keras.backend.backend()},
        }
        _write_config(run, config, callback)
    first = callback.resume() if resume and (run / "state.json").exists() else 0
    if first < settings.epochs:
        with hosts.scope():
            model.fit(
                batches(training, targets, settings, eval_model.input_shape[1:], first, hosts),
                steps_per_epoch=steps,
                shuffle=False,
                epochs=settings.epochs,
                initial_epoch=first,
                callbacks=[callback],
                verbose=1 if sys.stdout.isatty() and hosts.writes else 0,
            )
    if not hosts.writes:
        return []
    for target, head, folder in callback.heads():
        eval_model.load_weights(folder / "best.weights.h5")
        end = {"kept_epoch": callback.kept_epoch(target), "stopped": callback.stopped}
        _write_model(folder, settings, head, target, validation, end)
    return [folder for _, _, folder in callback.heads()]


def _write_config(run: Path, config: dict[str, Any], callback: EpochCallback) -> None:
    """Write config.json into the run folder and into the folder of each target."""
    for target, head, folder in callback.heads():
        folder.mkdir(parents=True, exist_ok=True)
        parameters = head.count_params()
        write_json(
            folder / "config.json", {"target": target.name, **config, "parameters": parameters}
        )
    # --resume looks for this file, so it is written last.
    write_json(run / "config.json", {"target": callback.targets[0].name, **config})


def _write_model(
    run: Path,
    settings: Settings,
    model: keras.Model,
    target: Target,
    validation: Dataset,
    end: dict[str, Any],
) -> None:
    """Write model.h5, its contract and plots; add `end` to config.json."""
    tag = settings.tag if len(settings.targets) == 1 else target.name
    contract = ModelContract(
        model=f"{settings.architecture}.{tag}",
        labels=validation.names,
        input=InputSpec(*model.input_shape[1:]),
        crop=CropSpec(CROP_MARGIN),
        calibration=Calibration((0.0,) * len(validation.names), temperature=1.0, unsure_below=0.0),
    )
    contract.check_output_width(model.output_shape[-1])
    probabilities = predict_heads(model, validation.images)[0]
    labelled = target.validation_labels >= 0
    calibration = calibrate(probabilities[labelled], target.validation_labels[labelled])
    contract = replace(contract, calibration=calibration)
    write_atomically(run / "model.h5", model.save)
    write_json(run / "contract.json", contract.to_json())
    plot_history(read_history(run), run / "plots" / "history.png")
    config = json.loads((run / "config.json").read_text())
    write_json(run / "config.json", {**config, **end})
