"""Puts a finished run into the folder of models the site serves, with a card of measured facts."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from app.inference.classifier import ExpressionClassifier, apply_temperature
from app.inference.contract import MODEL_NAME, Calibration, ModelContract

from .. import architectures
from ..config import Settings
from ..data.dataset import Pictures, title_of
from ..data.fer2013 import ferplus_majority
from ..data.subset import select
from ..errors import RunError
from ..measure.calibrate import fit_temperature, fit_unsure_below
from ..measure.evaluate import expected_calibration_error, predict_pictures, renumbered, share
from ..run_folder import read_history, write_json
from .measurements import measured, rounded


def promote(
    run: Path,
    name: str,
    models: Path,
    data: Pictures,
    votes: np.ndarray | None = None,
    *,
    replace_existing: bool = False,
) -> Path:
    """Copy `run`'s model to `models/name`, calibrate it, measure it on validation, write its card.

    Args:
        run: a finished run folder.
        name: architecture.tag.
        models: the folder of models, app/models.
        data: pictures with a train and a validation split, to measure it on.
        votes: FER+'s votes; with them the "unsure" score is fitted on FER+'s majority label,
            which is nearer to what people see than FER2013's own. A model of the target ferplus
            has its temperature fitted on that label, too, and cannot do without.
        replace_existing: allow a model of that name to be replaced.

    Raises:
        RunError: the run is not finished, the name is not architecture.tag, or it is taken.
    """
    for needed in ("model.h5", "contract.json", "config.json"):
        if not (run / needed).is_file():
            raise RunError(f"{run} has no {needed}: it is not a finished run")
    if not MODEL_NAME.fullmatch(name):
        raise RunError(f"{name!r} is no model's name, expected architecture.tag in lower case")
    target = models / name
    if target.exists() and not replace_existing:
        raise RunError(f"{target} exists already; give another name, or --replace")
    models.mkdir(parents=True, exist_ok=True)
    # Built beside its place and moved in whole: a cut-off promotion leaves nothing half-written.
    work = Path(tempfile.mkdtemp(prefix=".part-", dir=models))
    try:
        shutil.copyfile(run / "model.h5", work / "model.h5")
        contract = replace(ModelContract.read(run / "contract.json"), model=name)
        write_json(work / "contract.json", contract.to_json())
        learned = json.loads((run / "config.json").read_text())["target"]
        calibration, facts = _calibrated(work / "model.h5", data, votes, learned)
        write_json(work / "contract.json", replace(contract, calibration=calibration).to_json())
        write_json(work / "card.json", _card(run, name, work, data, votes, facts))
        if (run / "history.csv").is_file():
            shutil.copyfile(run / "history.csv", work / "history.csv")
        work.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        work.replace(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


def _calibrated(
    path: Path, data: Pictures, votes: np.ndarray | None, target: str
) -> tuple[Calibration, dict[str, Any]]:
    """Fit on the even pictures of the validation split that have one of the model's labels,
    measure what was fitted on the odd ones."""
    classifier = ExpressionClassifier(path)
    names = classifier.contract.labels
    validation = data.split("validation").only(names)
    own = predict_pictures(classifier, validation.images)
    even = np.arange(len(validation)) % 2 == 0
    if target == "ferplus" and votes is None:
        raise RunError("the model learned FER+'s votes and is judged by them: give --ferplus FILE")
    judge = validation.labels
    if votes is not None:
        judge = renumbered(ferplus_majority(votes[validation.rows]), names)
    known = judge >= 0
    # The temperature is for the labels the model learned; the unsure score for what people say.
    learned = judge if target == "ferplus" else validation.labels
    fit, test = even & (learned >= 0), ~even & (learned >= 0)
    temperature = round(fit_temperature(own[fit], learned[fit]), 4)
    scaled = apply_temperature(own, temperature)
    unsure_below = round(fit_unsure_below(scaled[even & known], judge[even & known]), 3)
    odd = ~even & known
    sure = odd & (scaled.max(axis=1) >= unsure_below)
    right = scaled.argmax(axis=1) == judge
    title = data.title("validation").removeprefix("FER2013 ")
    labels = "FER2013's own labels" if data.source == "FER2013" else "the folders' labels"
    facts = {
        "fitted_on": f"even rows of {title} (n = {int(even.sum())})",
        "measured_on": f"odd rows of {title} (n = {int((~even).sum())})",
        "temperature": temperature,
        "ece_judged_by": "FER+ majority" if target == "ferplus" else labels,
        "ece_before": expected_calibration_error(own[test], learned[test]),
        "ece_after": expected_calibration_error(scaled[test], learned[test]),
        "unsure_below": unsure_below,
        "sure_judged_by": labels if votes is None else "FER+ majority",
        "share_sure": float(sure.sum() / odd.sum()),
        "sure_is_right": float(right[sure].mean()) if sure.any() else None,
    }
    return Calibration((0.0,) * len(names), temperature, unsure_below), facts


def _card(
    run: Path,
    name: str,
    work: Path,
    data: Pictures,
    votes: np.ndarray | None,
    calibration: dict[str, Any],
) -> dict[str, Any]:
    config = json.loads((run / "config.json").read_text())
    settings = Settings.from_json(config["settings"])
    architecture = architectures.get(settings.architecture)
    facts = measured(work / "model.h5", data, votes, config["target"])
    history = read_history(run)
    card = {
        "model": name,
        "architecture": settings.architecture,
        "summary": architecture.summary,
        "target": config["target"],
        "created": date.today().isoformat(),
        "data": {**_said_of_data(config, settings, data, facts), **config["data"]},
        "training": {
            "epochs": len(history),
            # Runs of earlier versions did not write it down: they kept the most accurate.
            "best_epoch": config.get("kept_epoch")
            or max(history, key=lambda row: row["validation_accuracy"])["epoch"],
            "stopped": config.get("stopped", ""),
            "seconds": round(sum(row["seconds"] for row in history)),
            "versions": config["versions"],
            **_learned_from_models(config, settings),
        },
        "calibration": calibration,
        "settings": settings.to_json(),
    }
    if architecture.published:
        card["published"] = architecture.published.to_json()
    own_test = select(data, settings).test if settings.split and _same(config, data) else None
    if own_test is not None:
        classifier = ExpressionClassifier(work / "model.h5")
        right = predict_pictures(classifier, own_test.images).argmax(axis=1) == own_test.labels
        card["own_test"] = share(int(right.sum()), len(own_test))
    return {**rounded(card), **facts}


def _learned_from_models(config: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """What the model has of earlier ones, where it has: the weights it began with, what others
    said of the pictures."""
    found: dict[str, Any] = {}
    start = config.get("start")
    if start:
        found["began_with"] = start.get("models") or [f"the run {start['run']}"]
    said = [one.split(" ") for one in config.get("soft_labels", {}).get("teachers", [])]
    if said:
        models = [name for target, name, _ in said if target == config["target"]]
        found["teachers"] = {"models": models, "share": settings.soft_weight}
    return found


def _same(config: dict[str, Any], data: Pictures) -> bool:
    """Whether the run learned from as many pictures of the same kind: its split can be redone."""
    return bool(config.get("source") == data.source and config["data"]["rows"] == len(data))


def _said_of_data(
    config: dict[str, Any], settings: Settings, data: Pictures, facts: dict[str, Any]
) -> dict[str, str]:
    """The card's sentences on what the model learned from, is measured on and was chosen on."""
    source = config.get("source", "FER2013")
    trained = f"{title_of(source, 'train')}, {config['pictures']['train']:,} pictures"
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
    best = f"{title_of(source, 'validation')}: the best epoch"
    if settings.split:
        best = (
            f"{config['pictures']['validation']:,} pictures of {title_of(source, 'train')}, split "
            "off by its recipe: the best epoch"
        )
    calibrated = f"{data.title('validation')}: the calibration"
    if settings.keep == "last":
        chosen = calibrated
    elif best.startswith(data.title("validation")):
        chosen = f"{best} and the calibration"
    else:
        chosen = f"{best}; {calibrated}"
    return {"trained_on": trained, "measured_on": measured, "chosen_on": chosen}
