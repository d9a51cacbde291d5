"""Where a run's weights come from when it does not begin with random ones: an earlier run's end.

With a high learning rate again and a cosine down to 0, this is a further cycle of stochastic
gradient descent with warm restarts (Loshchilov & Hutter 2017).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np

from .errors import RunError
from .run_folder import origin_of
from .settings import Settings


def start_of(run: Path, settings: Settings) -> tuple[Path, dict[str, Any]]:
    """The checkpoint at the end of `run`, and what config.json says of it.

    Raises:
        RunError: `run` holds none, or is of another architecture, other targets or labels.
    """
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
    return checkpoint, {**origin_of(checkpoint), "run": run.name}


def averaged_weights(model: keras.Model, checkpoint: Path) -> list[np.ndarray]:
    """The weights at the end of a run, averaged where it averaged them.

    Args:
        model: compiled as the run's was; what it holds is lost.
        checkpoint: as of `start_of`.
    """
    model.load_weights(checkpoint)
    model.optimizer.finalize_variable_values(model.trainable_variables)
    weights: list[np.ndarray] = model.get_weights()
    return weights
