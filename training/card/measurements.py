"""Measure a model for its card.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from app.inference.classifier import ExpressionClassifier, load_keras_model
from app.inference.face_detector import PhotoFaceDetector
from app.inference.model_store import MODEL_FILES

from ..config import TARGETS
from ..data.dataset import Dataset
from ..data.facts import data_facts
from ..data.fer2013 import ferplus_majority, require_votes
from ..errors import RunError
from ..measure.evaluate import measure_model, to_model_labels
from ..measure.groups import measure_groups, read_people
from ..measure.macs import multiply_accumulates
from ..measure.robustness import robustness
from ..run_folder import fingerprint, write_json
from .statements import statements

MEASURES = {
    "own": "validation",
    "labels_left_out": "labels_left_out",
    "every_label": "validation_every_label",
    "without_duplicates": "validation_without_duplicates",
    "ferplus_majority": "ferplus_majority",
    "ferplus_eight": "ferplus_eight",
}
"""Key in the result of `measure_model` on the validation split -> key in the card."""


def measurements(
    path: Path,
    data: Dataset,
    votes: np.ndarray | None,
    target: str,
    *,
    changed_images: bool = True,
) -> dict[str, Any]:
    """Measure a model file; the result is the measured part of its card.

    Args:
        path: model.h5, beside its contract.json.
        data: images with a train and a validation split.
        votes: FER+'s votes, `read_ferplus`.
        target: what the model learned and is evaluated against, one of `config.TARGETS`.
        changed_images: also measure the robustness, which takes minutes.
    """
    model = load_keras_model(path)
    found = measure_model(path, data, "validation", votes)
    return rounded(
        {
            "parameters": int(model.count_params()),
            "multiply_accumulates": multiply_accumulates(model),
            "bytes": path.stat().st_size,
            "sha256": fingerprint(path)["sha256"],
            "source": data.source,
            **{key: found[name] for name, key in MEASURES.items() if name in found},
            **(
                {"robustness": _robustness(path, data.split("validation"), votes, target)}
                if changed_images
                else {}
            ),
            "data_facts": data_facts(data, votes),
            **statements(data.source),
        }
    )


def update_card(
    folder: Path,
    data: Dataset,
    votes: np.ndarray | None = None,
    *,
    changed_images: bool = True,
) -> Path:
    """Measure a promoted model again and update its card.

    What the card says about training and calibration does not change.

    Args:
        folder: app/models/NAME.
        data: images with a train and a validation split.
        votes: FER+'s votes; needed by a model of the target ferplus.
        changed_images: as of `measurements`.

    Returns:
        Path of the card.

    Raises:
        RunError: `folder` has no card, the card belongs to another model file, or `votes` are
            missing.
    """
    card, model = read_card(folder)
    require_votes(votes, card["target"])
    path = folder / "card.json"
    found = measurements(model, data, votes, card["target"], changed_images=changed_images)
    if "imported" in card:
        # A model that was trained elsewhere: nothing is known of its training.
        card.pop("measured", None)
        card["data"] = {
            "measured_on": f"{data.title('validation')}, {found['validation']['n']:,} pictures"
        }
    write_json(path, {**card, **found})
    return path


def update_groups(folder: Path, table: Path) -> dict[str, Any]:
    """Measure a promoted model on people at rest and smiling; write it into its card, as "people".

    Args:
        folder: app/models/NAME.
        table: of the people, as `read_people`.

    Returns:
        What was measured, as `measure_groups`.

    Raises:
        RunError: as `read_card`, `read_people` and `measure_groups`.
    """
    card, model = read_card(folder)
    people = read_people(table)
    found = rounded(measure_groups(ExpressionClassifier(model), PhotoFaceDetector(), people))
    write_json(folder / "card.json", {**card, "people": {"name": table.name, **found}})
    return found


def read_card(folder: Path) -> tuple[dict[str, Any], Path]:
    """Read the card of a promoted model.

    Args:
        folder: app/models/NAME.

    Returns:
        The content of card.json, and the model file that it belongs to.

    Raises:
        RunError: `folder` has no card, or the card belongs to another model file.
    """
    path = folder / "card.json"
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"{path}: no such file; promote a run to write a card") from None
    # Cards of early versions do not name the target; there was only this one.
    card.setdefault("target", TARGETS[0])
    model = next(file for file in map(folder.joinpath, MODEL_FILES) if file.is_file())
    if fingerprint(model)["sha256"] != card["sha256"]:
        raise RunError(f"{path} belongs to another file than {model}; promote the run again")
    return card, model


def _robustness(
    path: Path, validation: Dataset, votes: np.ndarray | None, target: str
) -> dict[str, Any]:
    classifier = ExpressionClassifier(path)
    names = classifier.contract.labels
    require_votes(votes, target)
    if target == "ferplus" and votes is not None:
        judge = "FER+ majority"
        labels = to_model_labels(ferplus_majority(votes[validation.rows]), names)
    else:
        folders = validation.source == "folders"
        judge = "the folders' labels" if folders else f"{validation.source}'s own labels"
        labels = to_model_labels(validation.labels, names, validation.names)
    labelled = labels >= 0
    return {
        "judged_by": judge,
        **robustness(classifier, validation.images[labelled], labels[labelled]),
    }


def rounded(value: Any) -> Any:
    """Round every float in `value` to five decimal places, as in cards."""
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return value
