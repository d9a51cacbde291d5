"""`python -m converter import`: any trained Keras classifier becomes a model of the site."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app.inference.contract import MARGIN, MODEL_NAME, Calibration, CropSpec, InputSpec
from app.inference.contract import ModelContract as Contract

from .. import node, verify
from ..convert import Conversion, convert_model
from ..errors import ConverterError, SaturationError, TargetError, target_error
from ..load import check_fit
from ..publish import check_target
from ..saturation import is_saturated, one_answer
from .adapt import Adapted, adapt
from .read import read_model
from .scale import Scale
from .serving import ServedPrediction
from .source import Source, identify

ROOT = Path(__file__).parents[2]
NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for; see the options of the command.

    Attributes:
        margin: of the contract's crop.
        data: a folder of images or fer2013.csv to measure on; None: not measured.
        models, bundles: the folders app/models and static/models.
    """

    path: Path
    name: str
    labels: list[str]
    scale: Scale
    margin: float
    models: Path
    bundles: Path
    architecture: Path | None = None
    colour: str | None = None
    output: str | None = None
    size: tuple[int, int] | None = None
    quantization: str | None = None
    data: Path | None = None
    replace: bool = False
    allow_saturated: bool = False


@dataclass(frozen=True, slots=True)
class Import:
    """The result of an import.

    Attributes:
        folder: of the model.
        bundle: of the browser.
        conversion: as of `convert`.
        notes: sentences about what was changed, without their full stop.
    """

    folder: Path
    bundle: Path
    conversion: Conversion
    notes: list[str]


def import_model(request: Request, log: Callable[[str], None]) -> Import:
    """Put the model into `request.models`, with contract and card, and its bundle beside the
    others.

    Raises:
        ConverterError, ContractError: it cannot be imported; both folders are unchanged.
    """
    target, bundle = _check_names(request)
    source = identify(request.path, request.architecture)
    node.check_tools()
    log(f"loading {request.path}")
    model, reader = read_model(source)
    try:
        adapted = adapt(
            model,
            request.labels,
            request.scale,
            request.colour,
            request.output,
            request.size,
        )
    except ConverterError as error:
        raise type(error)(f"{request.path}: {error}") from None
    contract = _contract(request, adapted)
    if reader != "Keras 3":
        adapted.notes.insert(0, f"read by tf_keras (Keras {source.keras_version})")
    check_fit(request.path, adapted.model, contract)
    predictions = verify.predict(adapted.model, contract)
    _check_answers(request, predictions, contract, adapted)
    try:
        with staged_model(request.models, request.name) as work:
            path = _write(request, source, contract, adapted, work)
            served = ServedPrediction(path, predictions.batch)
            try:
                if request.data:
                    log(f"measuring on {request.data}")
                    _measure(request.data, work)
                conversion = convert_model(
                    adapted.model,
                    contract,
                    bundle,
                    request.quantization,
                    request.path,
                    log,
                    allow_saturated=True,
                    before_publishing=lambda: served.check(predictions.probabilities),
                )
            finally:
                served.close()
            if target.exists():
                shutil.rmtree(target)
            work.rename(target)
    except OSError as error:
        raise target_error(error, target) from None
    return Import(target, bundle, conversion, adapted.notes)


def _check_names(request: Request) -> tuple[Path, Path]:
    """(the model's folder, the bundle's folder)."""
    if not MODEL_NAME.fullmatch(request.name):
        raise ConverterError(
            f"the name is {request.name!r}, expected architecture.tag in lower case letters, "
            "digits and underscores, such as mini_xception.oarriaga"
        )
    if len(request.labels) < 2 or len(set(request.labels)) != len(request.labels):
        raise ConverterError(
            f"--labels is {','.join(request.labels)!r}, expected two or more different names"
        )
    if not MARGIN[0] <= request.margin <= MARGIN[1]:
        raise ConverterError(f"--margin is {request.margin}, expected {MARGIN[0]}..{MARGIN[1]}")
    target = request.models / request.name
    if target.exists() and not request.replace:
        raise TargetError(f"{target} exists already; give another name, or --replace")
    bundle = (request.bundles / request.name).resolve()
    check_target(bundle, request.name)
    return target, bundle


def _contract(request: Request, adapted: Adapted) -> Contract:
    _, height, width, channels = adapted.model.inputs[0].shape
    return Contract(
        model=request.name,
        labels=tuple(request.labels),
        input=InputSpec(height, width, channels),
        crop=CropSpec(request.margin),
        calibration=Calibration((0.0,) * len(request.labels), temperature=1.0, unsure_below=0.0),
    )


def _check_answers(
    request: Request, predictions: verify.Predictions, contract: Contract, adapted: Adapted
) -> None:
    """Refuse a model that gives one saturated answer; note one that hardly sees the face."""
    golden = predictions.probabilities[: predictions.faces]
    answer = one_answer(golden, contract.labels)
    if not answer:
        return
    if is_saturated(golden) and not request.allow_saturated:
        raise SaturationError(
            f"{request.path}: {answer}. Its scale is probably not {request.scale.name}; try "
            "another --scale, or --allow-saturated"
        )
    adapted.notes.append(f"WARNING: {answer}; is its --scale {request.scale.name}?")


@contextmanager
def staged_model(models: Path, name: str) -> Iterator[Path]:
    """A folder called `name` in a hidden one beside the models; deleted unless it was moved."""
    models.mkdir(parents=True, exist_ok=True)
    hidden = Path(tempfile.mkdtemp(prefix=f".{name}.", suffix=".part", dir=models))
    try:
        work = hidden / name
        work.mkdir()
        yield work
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _write(
    request: Request, source: Source, contract: Contract, adapted: Adapted, work: Path
) -> Path:
    """Write model.h5, contract.json and card.json into `work`."""
    path = work / "model.h5"
    adapted.model.save(path)
    _write_json(work / "contract.json", contract.to_json())
    parameters = int(adapted.model.count_params())
    _write_json(
        work / "card.json",
        {
            "model": request.name,
            "summary": f"Imported from {request.path.name}: {parameters:,} parameters.",
            "created": date.today().isoformat(),
            "imported": {
                "file": request.path.name,
                "sha256": _sha256(request.path),
                "keras_version": source.keras_version,
                "scale": request.scale.name,
                "notes": adapted.notes,
            },
            "measured": NOT_MEASURED,
            "parameters": parameters,
            "bytes": path.stat().st_size,
            "sha256": _sha256(path),
        },
    )
    return path


def _measure(data: Path, work: Path) -> None:
    """Measure the model in `work` on the data, into its card."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "training", "card", work.name, "--quick"),
            *("--data", str(data.resolve()), "--models", str(work.parent)),
        ],
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": "openvino"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no answer"]
        raise ConverterError(f"measuring failed: {lines[-1].removeprefix('error: ')}")


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _sha256(path: Path) -> str:
    """Of a file's content; "" for the folder of a SavedModel."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
