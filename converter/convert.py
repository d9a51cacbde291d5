"""Convert a Keras model file and its contract to a verified TF.js graph-model bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.inference.contract import ModelContract

from . import node, verify
from .bundle import separate_batch_norms, write_bundle
from .errors import DifferenceError, target_error
from .index import describe
from .load import check_fit, load
from .model_file import check_file
from .publish import check_target, publish, staging_folder

QUANTIZATIONS = ("float16", "none", "uint8")
DEFAULT_ORDER = ("float16", "none")


@dataclass(frozen=True, slots=True)
class Conversion:
    """The result of a conversion.

    Attributes:
        entry: the bundle's entry in index.json.
        verification: the measured differences to Keras.
        quantization: storage of the weights, one of QUANTIZATIONS.
        notes: sentences for the user about the bundle and its neighbours.
    """

    entry: dict[str, Any]
    verification: verify.Verification
    quantization: str
    notes: list[str]


def convert(
    path: Path,
    target: Path,
    quantization: str | None = None,
    log: Callable[[str], None] = print,
    allow_saturated: bool = False,
) -> Conversion:
    """Convert the model file `path` to the bundle `target`.

    Args:
        path: the model file, .h5 or .keras, beside its contract.json.
        target: the bundle's folder, of the model's name; an existing bundle is replaced after the
            new one is verified.
        quantization: storage of the weights: "float16", "none" (float32) or "uint8"; None: float16,
            or float32 where float16 changes the predictions too much.
        log: is called with a line of text for each step.
        allow_saturated: convert a model that gives one answer to every face, too.

    Raises:
        ConverterError, ContractError: the conversion failed; `target` is unchanged.
    """
    target = target.resolve()
    check_file(path)
    contract = ModelContract.read(path.parent / "contract.json")
    check_target(target, contract.model)
    node.check_tools()
    log(f"loading {path}")
    model = load(path)
    check_fit(path, model, contract)
    return convert_model(model, contract, target, quantization, path, log, allow_saturated)


def convert_model(
    model: Any,
    contract: ModelContract,
    target: Path,
    quantization: str | None,
    path: Path,
    log: Callable[[str], None],
    allow_saturated: bool = False,
    before_publishing: Callable[[], object] = lambda: None,
) -> Conversion:
    """Convert a model that is loaded, fits its contract and has been read from `path`; see
    `convert`. `before_publishing` is called when the bundle is verified."""
    with staging_folder(target) as folder:
        try:
            predictions = verify.predict(model, contract)
            if not allow_saturated:
                verify.check_saturation(predictions, contract)
            bundle, measured, kind, notes = _smallest(
                model, contract, quantization, folder, path, predictions, log
            )
            entry = describe(bundle, target.name)
            notes += separate_batch_norms(bundle)
            before_publishing()
            log(f"publishing {target.name}")
            return Conversion(entry, measured, kind, notes + publish(bundle, target))
        except OSError as error:
            raise target_error(error, target) from None


def _smallest(
    model: Any,
    contract: ModelContract,
    quantization: str | None,
    folder: Path,
    path: Path,
    predictions: verify.Predictions,
    log: Callable[[str], None],
) -> tuple[Path, verify.Verification, str, list[str]]:
    """As `quantization` says, or the smallest that predicts alike.

    Returns:
        (bundle, differences, quantisation, notes).
    """
    notes: list[str] = []
    for kind in (quantization,) if quantization else DEFAULT_ORDER:
        bundle = folder / kind / "bundle"
        log(f"converting, weights as {kind}")
        write_bundle(model, contract, bundle, kind, path)
        log(f"verifying with {verify.FACES.name} in TF.js")
        try:
            return bundle, verify.verify(bundle, predictions, contract, kind), kind, notes
        except DifferenceError as error:
            if quantization or kind == DEFAULT_ORDER[-1]:
                raise
            notes.append(
                f"weights as float32, twice the size: with {kind} {error.measured} differ by "
                f"{error.difference:.2g}"
            )
    raise AssertionError("no quantisation was tried")
