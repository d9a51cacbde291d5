"""What `card.json` says of a model: what was measured, and in words what that is good for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from app.inference.classifier import ExpressionClassifier, load_keras_model
from app.inference.model_store import MODEL_FILES

from ..config import TARGETS
from ..data.dataset import Pictures
from ..data.facts import data_facts
from ..data.fer2013 import ferplus_majority
from ..errors import RunError, TrainingError
from ..measure.evaluate import measure_model, renumbered
from ..measure.macs import multiply_accumulates
from ..measure.robustness import robustness
from ..run_folder import origin_of, write_json
from .statements import statements

MEASURES = {
    "own": "validation",
    "labels_left_out": "labels_left_out",
    "every_label": "validation_every_label",
    "without_duplicates": "validation_without_duplicates",
    "ferplus_majority": "ferplus_majority",
    "ferplus_eight": "ferplus_eight",
}
"""What `measure_model` finds on the validation split -> its key in the card."""


def measured(path: Path, data: Pictures, votes: np.ndarray | None, target: str) -> dict[str, Any]:
    """The part of a card that measuring the model file gives.

    Args:
        path: model.h5, its contract.json beside it.
        data: FER2013 with its train and validation split.
        votes: FER+'s votes, `read_ferplus`.
        target: what the model learned and is judged by, of settings' `TARGETS`.
    """
    model = load_keras_model(path)
    found = measure_model(path, data, "validation", votes)
    return rounded(
        {
            "parameters": int(model.count_params()),
            "multiply_accumulates": multiply_accumulates(model),
            "bytes": path.stat().st_size,
            "sha256": origin_of(path)["sha256"],
            **{key: found[name] for name, key in MEASURES.items() if name in found},
            "robustness": _robustness(path, data.split("validation"), votes, target),
            "data_facts": data_facts(data, votes),
            **statements(data.source),
        }
    )


def measure_again(folder: Path, data: Pictures, votes: np.ndarray | None = None) -> Path:
    """Measure a model that stands in the folder of models again and write its card anew; how it
    was trained and calibrated stays as it is said there.

    Args:
        folder: app/models/NAME.
        data: FER2013 with its train and validation split.
        votes: FER+'s votes; a model of the target ferplus cannot do without.

    Returns:
        The card's file.

    Raises:
        RunError: `folder` has no card, the card is of another file, or `votes` are missing.
    """
    path = folder / "card.json"
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"{path}: no such file; promote a run, which writes the card") from None
    # Cards from before there was another do not say it.
    card.setdefault("target", TARGETS[0])
    if votes is None and card["target"] == "ferplus":
        raise RunError("the model learned FER+'s votes and is judged by them: give --ferplus FILE")
    model = next(file for file in map(folder.joinpath, MODEL_FILES) if file.is_file())
    if origin_of(model)["sha256"] != card["sha256"]:
        raise RunError(f"{model} is not the file that {path} is about; promote its run again")
    write_json(path, {**card, **measured(model, data, votes, card["target"])})
    return path


def _robustness(
    path: Path, validation: Pictures, votes: np.ndarray | None, target: str
) -> dict[str, Any]:
    classifier = ExpressionClassifier(path)
    names = classifier.contract.labels
    if target == "ferplus":
        if votes is None:
            raise TrainingError("a model of the target ferplus is judged by FER+: votes are needed")
        said, own = "FER+ majority", renumbered(ferplus_majority(votes[validation.rows]), names)
    else:
        # -1 where the model does not know the label.
        place = np.array([names.index(name) if name in names else -1 for name in validation.names])
        said, own = f"{validation.source}'s own labels", place[validation.labels]
    known = own >= 0
    return {"judged_by": said, **robustness(classifier, validation.images[known], own[known])}


def rounded(value: Any) -> Any:
    """`value` with every number in it rounded to five places, as cards hold them."""
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return value
