"""A Keras model file and its contract become a verified TF.js graph-model bundle."""

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
from .publish import check_target, publish, staging

QUANTIZATIONS = ("float16", "none", "uint8")


@dataclass(frozen=True, slots=True)
class Report:
    """What came out: the bundle's entry in index.json, what was measured, what to know."""

    entry: dict[str, Any]
    verification: verify.Verification
    remarks: list[str]


def convert(
    path: Path, target: Path, quantization: str = "float16", say: Callable[[str], None] = print
) -> Report:
    """Convert `path` (.h5 or .keras, contract.json beside it) into the bundle `target`.

    Args:
        path: the model file.
        target: the bundle's folder; an older bundle there is replaced once the new one is verified.
        quantization: how weights are stored: float16, none (float32) or uint8.
        say: called with a line for each step.

    Raises:
        ConverterError, ContractError: nothing was written, an older bundle stands untouched.
    """
    target = target.resolve()
    check_file(path)
    contract = ModelContract.read(path.parent / "contract.json")
    check_target(target)
    node.check_tools()
    with staging(target) as folder:
        say(f"loading {path}")
        model = load(path)
        check_fit(path, model, contract)
        bundle = folder / "bundle"
        try:
            say(f"converting, weights as {quantization}")
            write_bundle(model, contract, bundle, quantization, path)
            say(f"verifying with {verify.FACES.name} in TF.js")
            measured = verify.verify(bundle, model, contract, quantization)
            entry, remarks = describe(bundle, target.name), separate_batch_norms(bundle)
            say(f"publishing {target.name}")
            return Report(entry, measured, remarks + publish(bundle, target))
        except OSError as error:
            raise target_error(error, target) from None
