"""Interpolate between the weights of a finished run and those of the model it began with.

Fine-tuning on other data makes a network better on these and often worse on the former. In between,
it is often as good as the better one on both (WiSE-FT, Wortsman et al. 2022, "Robust fine-tuning of
zero-shot models").
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from app.inference.classifier import load_keras_model
from app.inference.contract import ModelContract

from ..errors import RunError
from ..run_folder import fingerprint, write_atomically, write_json


def interpolate(run: Path, model: Path, share: float, out: Path) -> Path:
    """Write the run folder `out`: `run` with interpolated weights.

    Args:
        run: a finished run folder of one target.
        model: model file of the same architecture, beside its contract.json.
        share: 0..1, the fraction of `model` in each weight.
        out: a new folder.

    Returns:
        `out`.

    Raises:
        RunError: `run` is not finished, `out` exists, or the two networks differ.
        ModelFileError: a model file cannot be loaded.
        ContractError: the contract of a model is missing or wrong.
    """
    for needed in ("model.h5", "contract.json", "config.json", "history.csv"):
        if not (run / needed).is_file():
            raise RunError(f"{run} has no {needed}: it is not a finished run of one target")
    if out.exists():
        raise RunError(f"{out} exists already; give another --out")
    contract = ModelContract.read(model.parent / "contract.json")
    own = ModelContract.read(run / "contract.json")
    network, other = load_keras_model(run / "model.h5"), load_keras_model(model)
    weights, others = network.get_weights(), other.get_weights()
    same = [one.shape for one in weights] == [one.shape for one in others]
    if not same or contract.labels != own.labels:
        raise RunError(f"{model} and {run} differ in their layers or labels")
    network.set_weights(
        [(1 - share) * one + share * two for one, two in zip(weights, others, strict=True)]
    )
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    config["interpolated"] = {"model": contract.model, "share": share, **fingerprint(model)}
    out.parent.mkdir(parents=True, exist_ok=True)
    # Built in a temporary folder and renamed, so that an interruption leaves nothing half-written.
    work = Path(tempfile.mkdtemp(prefix=".part-", dir=out.parent))
    try:
        write_atomically(work / "model.h5", network.save)
        for name in ("contract.json", "history.csv"):
            shutil.copyfile(run / name, work / name)
        write_json(work / "config.json", config)
        work.chmod(0o755)
        work.replace(out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return out
