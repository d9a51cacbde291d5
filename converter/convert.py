"""Convert a Keras model file and its contract to a verified TF.js graph-model bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.inference.contract import ModelContract

from . import node, verify
from .bundle import separate_batch_norms, write_bundle
from .errors import target_error
from .index import describe
from .load import check_fit, load
from .model_file import check_file
from .publish import check_target, publish, staging_folder

QUANTIZATIONS = ("float16", "none", "uint8")


@dataclass(frozen=True, slots=True)
class Conversion:
    """The result of a conversion.

    Attributes:
        entry: the bundle's entry in index.json.
        verification: the measured differences to Keras.
        notes: sentences for the user about the bundle and its neighbours.
    """

    entry: dict[str, Any]
    verification: verify.Verification
    notes: list[str]


def convert(
    path: Path, target: Path, quantization: str = "float16", log: Callable[[str], None] = print
) -> Conversion:
    """Convert the model file `path` to the bundle `target`.

    Args:
        path: the model file, .h5 or .keras, beside its contract.json.
        target: the bundle's folder; an existing bundle is replaced after the new one is verified.
        quantization: storage of the weights: "float16", "none" (float32) or "uint8".
        log: is called with a line of text for each step.

    Raises:
        ConverterError, ContractError: the conversion failed; `target` is unchanged.
    """
    target = target.resolve()
    check_file(path)
    contract = ModelContract.read(path.parent / "contract.json")
    check_target(target, contract.model)
    node.check_tools()
    with staging_folder(target) as folder:
        log(f"loading {path}")
        model = load(path)
        check_fit(path, model, contract)
        bundle = folder / "bundle"
        try:
            log(f"converting, weights as {quantization}")
            write_bundle(model, contract, bundle, quantization, path)
            log(f"verifying with {verify.FACES.name} in TF.js")
            measured = verify.verify(bundle, model, contract, quantization)
            entry, notes = describe(bundle, target.name), separate_batch_norms(bundle)
            log(f"publishing {target.name}")
            return Conversion(entry, measured, notes + publish(bundle, target))
        except OSError as error:
            raise target_error(error, target) from None
