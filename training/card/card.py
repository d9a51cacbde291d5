"""Build the card of a promoted model from its run and its measurements."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from app.inference.classifier import ExpressionClassifier

from .. import architectures
from ..config import Settings
from ..data.dataset import Dataset, split_title
from ..data.subset import select_subset
from ..measure.evaluate import predict_scores
from ..measure.metrics import accuracy_of
from ..run_folder import read_history
from .measurements import measurements, rounded


def build_card(
    run: Path,
    name: str,
    work: Path,
    data: Dataset,
    votes: np.ndarray | None,
    calibration: dict[str, Any],
) -> dict[str, Any]:
    """The card of a model, as it is written to card.json.

    Args:
        run: the finished run folder.
        name: name of the model.
        work: folder with model.h5 and contract.json.
        data: images with a train and a validation split, to measure the model on.
        votes: FER+'s votes, `read_ferplus`.
        calibration: how the model was calibrated.
    """
    config = json.loads((run / "config.json").read_text())
    settings = Settings.from_json(config["settings"])
    architecture = architectures.get(settings.architecture)
    facts = measurements(work / "model.h5", data, votes, config["target"])
    history = read_history(run)
    card = {
        "model": name,
        "architecture": settings.architecture,
        "summary": architecture.summary,
        "target": config["target"],
        "created": date.today().isoformat(),
        "data": {**_data_statements(config, settings, data, facts), **config["data"]},
        "training": {
            "epochs": len(history),
            # Runs of earlier versions did not store it; they kept the most accurate epoch.
            "best_epoch": config.get("kept_epoch")
            or max(history, key=lambda row: row["validation_accuracy"])["epoch"],
            "stopped": config.get("stopped", ""),
            "seconds": round(sum(row["seconds"] for row in history)),
            "versions": config["versions"],
            **_earlier_models(config, settings),
        },
        "calibration": calibration,
        "settings": settings.to_json(),
    }
    card["data"]["chosen_on"] = with_faces(card["data"]["chosen_on"], calibration)
    if architecture.published:
        card["published"] = architecture.published.to_json()
    own_test = (
        select_subset(data, settings).test
        if settings.split and _is_same_data(config, data)
        else None
    )
    if own_test is not None:
        classifier = ExpressionClassifier(work / "model.h5")
        right = predict_scores(classifier, own_test.images).argmax(axis=1) == own_test.labels
        card["own_test"] = accuracy_of(int(right.sum()), len(own_test))
    return {**rounded(card), **facts}


def with_faces(chosen_on: str, calibration: dict[str, Any]) -> str:
    """The statement on the data for selection, with the faces that the calibration was fitted on.

    Args:
        chosen_on: the statement; faces of an earlier calibration are taken out of it.
        calibration: how the model was calibrated, as the card says it.
    """
    statement = chosen_on.partition(_FACES)[0]
    faces = calibration.get("faces")
    return f"{statement}{_FACES}{faces['name']}: the calibration" if faces else statement


_FACES = "; validation faces of "


def _earlier_models(config: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """The earlier models that the run used, if any: for initial weights and as teachers."""
    used: dict[str, Any] = {}
    start = config.get("start")
    if start:
        used["began_with"] = start.get("models") or [f"the run {start['run']}"]
    if "interpolated" in config:
        used["interpolated"] = {key: config["interpolated"][key] for key in ("model", "share")}
    teachers = [one.split(" ") for one in config.get("soft_labels", {}).get("teachers", [])]
    if teachers:
        models = [name for target, name, _ in teachers if target == config["target"]]
        used["teachers"] = {"models": models, "share": settings.soft_weight}
    return used


def _is_same_data(config: dict[str, Any], data: Dataset) -> bool:
    """Whether `data` has the source and size of the run's data, so that its split can be redone."""
    return bool(config.get("source") == data.source and config["data"]["rows"] == len(data))


def _data_statements(
    config: dict[str, Any], settings: Settings, data: Dataset, facts: dict[str, Any]
) -> dict[str, str]:
    """The card's sentences on the data for training, for measuring and for selection."""
    source = config.get("source", "FER2013")
    trained = f"{split_title(source, 'train')}, {config['pictures']['train']:,} pictures"
    faces = config["pictures"].get("faces")
    if faces:
        times = settings.faces_repeat
        trained += f"; {faces:,} faces of {config['faces']['name']}" + (
            f", each {times} times in an epoch" if times > 1 else ""
        )
    left_out = config.get("left_out")
    if left_out:
        trained += "; left out: " + ", ".join(f"{n:,} ({why})" for why, n in left_out.items())
    measured = f"{data.title('validation')}, {facts['validation']['n']:,} pictures"
    if "labels_left_out" in facts:
        n = facts["validation_every_label"]["n"] - facts["validation"]["n"]
        measured += (
            f"; {n:,} of labels it does not know are left out: "
            f"{', '.join(facts['labels_left_out'])}"
        )
    best = f"{split_title(source, 'validation')}: the best epoch"
    if settings.split:
        best = (
            f"{config['pictures']['validation']:,} pictures of {split_title(source, 'train')}, "
            "split off by its recipe: the best epoch"
        )
    calibrated = f"{data.title('validation')}: the calibration"
    if settings.keep == "last":
        chosen = calibrated
    elif best.startswith(data.title("validation")):
        chosen = f"{best} and the calibration"
    else:
        chosen = f"{best}; {calibrated}"
    return {"trained_on": trained, "measured_on": measured, "chosen_on": chosen}
