"""Where a run's weights come from when it does not begin with random ones: an earlier run's end,
or models, of which the first gives the trunk and each its head (a head of other labels begins anew:
transfer learning).

With a high learning rate again and a cosine down to 0, this is a further cycle of stochastic
gradient descent with warm restarts (Loshchilov & Hutter 2017).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from app.inference.classifier import load_keras_model
from app.inference.contract import ModelContract

from ..config import Settings
from ..errors import RunError
from ..run_folder import origin_of


@dataclass(frozen=True, slots=True)
class Start:
    """What a run begins with.

    Attributes:
        origin: of the weights, for config.json.
        weights: what a model, compiled as the run's, has to be given. What it holds is lost.
    """

    origin: dict[str, Any]
    weights: Callable[[keras.Model], list[np.ndarray]]


def start_of(given: list[Path], settings: Settings, labels: tuple[str, ...]) -> Start:
    """What `given` has for a run of `settings` to begin with.

    Args:
        given: a finished run's folder; or model files, one for each target, contract.json beside
            each.
        settings: of the run that is to begin.
        labels: those it learns.

    Raises:
        RunError: the run holds no checkpoint, or is of another architecture, other targets or
            labels; there are not as many models as targets, or one is of another architecture.
        ContractError: there is no contract beside a model.
    """
    if len(given) == 1 and given[0].is_dir():
        return _end_of_run(given[0], settings)
    return _models(given, settings, labels)


def _end_of_run(run: Path, settings: Settings) -> Start:
    try:
        before = Settings.from_json(json.loads((run / "config.json").read_text())["settings"])
        checkpoint = run / json.loads((run / "state.json").read_text())["checkpoint"]
    except (FileNotFoundError, KeyError):
        raise RunError(f"{run} holds no run with a checkpoint to start from") from None
    if not checkpoint.is_file():
        raise RunError(f"{run} names {checkpoint.name}, which is not there")
    for name in ("architecture", "targets", "labels"):
        had, wanted = getattr(before, name), getattr(settings, name)
        if had != wanted:
            raise RunError(f"{run} has {name} {had}, this run {wanted}; both must be the same")

    def averaged(model: keras.Model) -> list[np.ndarray]:
        model.load_weights(checkpoint)
        # As averaged over the run, where it averaged them.
        model.optimizer.finalize_variable_values(model.trainable_variables)
        weights: list[np.ndarray] = model.get_weights()
        return weights

    return Start({**origin_of(checkpoint), "run": run.name}, averaged)


def _models(files: list[Path], settings: Settings, labels: tuple[str, ...]) -> Start:
    if len(files) != len(settings.targets):
        raise RunError(
            f"{len(files)} {'model' if len(files) == 1 else 'models'} to start from; expected one "
            f"for each target, {', '.join(settings.targets)}"
        )
    contracts = [ModelContract.read(path.parent / "contract.json") for path in files]
    fits = [contract.labels == labels for contract in contracts]

    def joined(model: keras.Model) -> list[np.ndarray]:
        each = [load_keras_model(path).get_weights() for path in files]
        # Every network ends in a dense layer: its kernel and bias are a head's.
        trunk, heads = each[0][:-2], [found[-2:] for found in each]
        new = model.get_weights()[len(trunk) :]
        kept = [
            array
            for index, head in enumerate(heads)
            for array in (head if fits[index] else new[2 * index : 2 * index + 2])
        ]
        weights = [*trunk, *kept]
        if [array.shape for array in weights] != [array.shape for array in model.get_weights()]:
            raise RunError(
                f"{', '.join(map(str, files))}: not of the architecture {settings.architecture}, "
                "the weights have other shapes"
            )
        return weights

    names = [contract.model for contract in contracts]
    new_heads = [name for name, fit in zip(settings.targets, fits, strict=True) if not fit]
    return Start({**origin_of(files[0]), "models": names, "new_heads": new_heads}, joined)


def resumed_settings(run: Path, origins: dict[str, dict[str, Any]]) -> Settings:
    """The settings of a run that was cut off, from its config.json.

    Args:
        run: its folder.
        origins: of the data that is given now, `origin_of`, by config.json's names.

    Raises:
        RunError: there is no such run, or it was trained on other data.
    """
    try:
        config = json.loads((run / "config.json").read_text())
    except FileNotFoundError:
        raise RunError(f"{run} holds no config.json: there is no run to resume") from None
    for key, option in (
        ("data", "--data"),
        ("ferplus", "--ferplus"),
        ("soft_labels", "--soft-labels"),
    ):
        # Votes that are of no target are not written down by runs of earlier versions.
        before, now = config.get(key), origins.get(key)
        if before is None or (
            now and all(before[name] == now[name] for name in ("name", "sha256"))
        ):
            continue
        given = f"gives {now['name']} (sha256 {now['sha256'][:12]})" if now else "is not given"
        raise RunError(
            f"{run} was trained on {before['name']} (sha256 {before['sha256'][:12]}), "
            f"{option} {given}; resume with the same data"
        )
    return Settings.from_json(config["settings"])
