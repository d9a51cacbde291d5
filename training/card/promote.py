"""Promote a finished run to the models that the site serves: calibrate it and write its card."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from app.inference.contract import MODEL_NAME, ModelContract

from ..errors import RunError
from ..run_folder import write_json
from .calibration import CalibrationData, calibrated
from .card import build_card


def promote(
    run: Path,
    name: str,
    models: Path,
    given: CalibrationData,
    *,
    aim: str = "accuracy",
    replace_existing: bool = False,
) -> Path:
    """Copy the model of `run` to `models/name`, calibrate and measure it, and write its card.

    Args:
        run: a finished run folder.
        name: architecture.tag.
        models: the folder of models, app/models.
        given: what the model is calibrated and measured on. With FER+'s votes, the "unsure" score
            is fitted on FER+'s majority label, which is closer to what people see than FER2013's
            label. For a model of the target ferplus, bias and temperature are fitted on it, too.
        aim: what the calibration is for, one of `logit_adjustment.AIMS`.
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
        calibration, facts = calibrated(work / "model.h5", given, learned, aim)
        write_json(work / "contract.json", replace(contract, calibration=calibration).to_json())
        write_json(work / "card.json", build_card(run, name, work, given.data, given.votes, facts))
        if (run / "history.csv").is_file():
            shutil.copyfile(run / "history.csv", work / "history.csv")
        work.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        work.replace(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target
