"""Initial weights of a run that does not start from random ones.

They come from the end of an earlier run, or from models: the trunk from the first model, each head
from its own. A head with other labels keeps its random weights (transfer learning). A run with
them and a new cosine schedule is one more cycle of SGD with warm restarts (Loshchilov & Hutter
2017).
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
from ..run_folder import fingerprint


@dataclass(frozen=True, slots=True)
class InitialWeights:
    """Where the weights of a run come from.

    Attributes:
        origin: name and SHA-256 of the source, for config.json.
        weights: returns the initial weights for a compiled model of the run; it changes the
            weights that the model has.
    """

    origin: dict[str, Any]
    weights: Callable[[keras.Model], list[np.ndarray]]


def find_initial_weights(
    given: list[Path], settings: Settings, labels: tuple[str, ...]
) -> InitialWeights:
    """The initial weights from a run or from models.

    Args:
        given: the folder of a finished run; or model files, one for each target, each beside its
            contract.json.
        settings: settings of the new run.
        labels: labels of the new run.

    Raises:
        RunError: the run has no checkpoint, or another architecture, other targets or labels; the
            number of models is not the number of targets, or a model has another architecture.
        ContractError: a model has no contract beside it.
    """
    if len(given) == 1 and given[0].is_dir():
        return _from_run(given[0], settings)
    return _from_models(given, settings, labels)


def _from_run(run: Path, settings: Settings) -> InitialWeights:
    try:
        before = Settings.from_json(json.loads((run / "config.json").read_text())["settings"])
        checkpoint = run / json.loads((run / "state.json").read_text())["checkpoint"]
    except (FileNotFoundError, KeyError):
        raise RunError(f"{run} has no checkpoint to start from") from None
    if not checkpoint.is_file():
        raise RunError(f"{run}: the checkpoint {checkpoint.name} is missing")
    for name in ("architecture", "targets", "labels"):
        had, wanted = getattr(before, name), getattr(settings, name)
        if had != wanted:
            raise RunError(f"{run} has {name} {had}, this run has {wanted}; they must be the same")

    def averaged(model: keras.Model) -> list[np.ndarray]:
        model.load_weights(checkpoint)
        # Use the averaged weights, if the run averaged them.
        model.optimizer.finalize_variable_values(model.trainable_variables)
        weights: list[np.ndarray] = model.get_weights()
        return weights

    return InitialWeights({**fingerprint(checkpoint), "run": run.name}, averaged)


def _from_models(files: list[Path], settings: Settings, labels: tuple[str, ...]) -> InitialWeights:
    if len(files) != len(settings.targets):
        raise RunError(
            f"{len(files)} {'model' if len(files) == 1 else 'models'} to start from; expected one "
            f"for each target, {', '.join(settings.targets)}"
        )
    contracts = [ModelContract.read(path.parent / "contract.json") for path in files]
    fits = [contract.labels == labels for contract in contracts]

    def joined(model: keras.Model) -> list[np.ndarray]:
        each = [load_keras_model(path).get_weights() for path in files]
        # Every network ends in a dense layer; its kernel and bias are the head.
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
                f"{', '.join(map(str, files))}: not the architecture {settings.architecture}; "
                "the shapes of the weights differ"
            )
        return weights

    names = [contract.model for contract in contracts]
    new_heads = [name for name, fit in zip(settings.targets, fits, strict=True) if not fit]
    return InitialWeights(
        {**fingerprint(files[0]), "models": names, "new_heads": new_heads}, joined
    )


def read_resumed_settings(run: Path, fingerprints: dict[str, dict[str, Any]]) -> Settings:
    """Read the settings of an interrupted run from its config.json.

    Args:
        run: the run folder.
        fingerprints: fingerprints of the data files given now, by their names in config.json.

    Raises:
        RunError: there is no such run, or it was trained on other data.
    """
    try:
        config = json.loads((run / "config.json").read_text())
    except FileNotFoundError:
        raise RunError(f"{run} has no config.json: there is no run to resume") from None
    for key, option in (
        ("data", "--data"),
        ("ferplus", "--ferplus"),
        ("soft_labels", "--soft-labels"),
        ("faces", "--faces"),
    ):
        # Runs of earlier versions do not store votes that no target needs.
        before, now = config.get(key), fingerprints.get(key)
        if before is None or (
            now and all(before[name] == now[name] for name in ("name", "sha256"))
        ):
            continue
        given = f"is {now['name']} (sha256 {now['sha256'][:12]})" if now else "is not given"
        raise RunError(
            f"{run} was trained on {before['name']} (sha256 {before['sha256'][:12]}), "
            f"but {option} {given}; resume with the same data"
        )
    return Settings.from_json(config["settings"])
