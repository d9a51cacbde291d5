"""Promote a finished run to the models that the site serves: calibrate it and write its card."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from app.inference.classifier import ExpressionClassifier, apply_temperature
from app.inference.contract import MODEL_NAME, Calibration, ModelContract

from ..data.dataset import Dataset
from ..data.fer2013 import ferplus_majority, require_votes
from ..errors import RunError
from ..measure.calibrate import fit_temperature, fit_unsure_below
from ..measure.evaluate import predict_images, to_model_labels
from ..measure.metrics import expected_calibration_error
from ..run_folder import write_json
from .card import build_card


def promote(
    run: Path,
    name: str,
    models: Path,
    data: Dataset,
    votes: np.ndarray | None = None,
    *,
    replace_existing: bool = False,
) -> Path:
    """Copy the model of `run` to `models/name`, calibrate and measure it, and write its card.

    Args:
        run: a finished run folder.
        name: architecture.tag.
        models: the folder of models, app/models.
        data: images with a train and a validation split, to measure the model on.
        votes: FER+'s votes. With them, the "unsure" score is fitted on FER+'s majority label,
            which is closer to what people see than FER2013's label. A model of the target ferplus
            needs them; its temperature is fitted on the majority label, too.
        replace_existing: replace an existing model of that name.

    Returns:
        The model's folder.

    Raises:
        RunError: the run is not finished, the name is not architecture.tag, or it exists already.
    """
    for needed in ("model.h5", "contract.json", "config.json"):
        if not (run / needed).is_file():
            raise RunError(f"{run} has no {needed}: it is not a finished run")
    if not MODEL_NAME.fullmatch(name):
        raise RunError(
            f"{name!r} is not a valid model name, expected architecture.tag in lower case"
        )
    target = models / name
    if target.exists() and not replace_existing:
        raise RunError(f"{target} exists already; give another name, or --replace")
    models.mkdir(parents=True, exist_ok=True)
    # Built in a temporary folder and renamed, so that an interruption leaves nothing half-written.
    work = Path(tempfile.mkdtemp(prefix=".part-", dir=models))
    try:
        shutil.copyfile(run / "model.h5", work / "model.h5")
        contract = replace(ModelContract.read(run / "contract.json"), model=name)
        write_json(work / "contract.json", contract.to_json())
        learned = json.loads((run / "config.json").read_text())["target"]
        calibration, facts = _calibrated(work / "model.h5", data, votes, learned)
        write_json(work / "contract.json", replace(contract, calibration=calibration).to_json())
        write_json(work / "card.json", build_card(run, name, work, data, votes, facts))
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
    path: Path, data: Dataset, votes: np.ndarray | None, target: str
) -> tuple[Calibration, dict[str, Any]]:
    """Fit the calibration on the even validation images and measure it on the odd ones.

    Only images with a label of the model count.

    Returns:
        The calibration, and what the card says about it.
    """
    classifier = ExpressionClassifier(path)
    names = classifier.contract.labels
    validation = data.split("validation").only(names)
    own = predict_images(classifier, validation.images)
    even = np.arange(len(validation)) % 2 == 0
    require_votes(votes, target)
    judge = validation.labels
    if votes is not None:
        judge = to_model_labels(ferplus_majority(votes[validation.rows]), names)
    labelled = judge >= 0
    # The temperature is fitted on the labels that the model learned, the unsure score on FER+.
    learned = judge if target == "ferplus" else validation.labels
    fit, test = even & (learned >= 0), ~even & (learned >= 0)
    temperature = round(fit_temperature(own[fit], learned[fit]), 4)
    scaled = apply_temperature(own, temperature)
    unsure_below = round(fit_unsure_below(scaled[even & labelled], judge[even & labelled]), 3)
    odd = ~even & labelled
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
