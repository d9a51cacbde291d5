"""The Keras model in a file, and whether it fits its contract."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from app.inference.classifier import load_keras_model
from app.inference.contract import ModelContract
from app.inference.errors import ContractError, ModelFileError
from app.inference.silence_output import silenced_output

from .errors import ContractMismatch, FormatError, UnsupportedError
from .imports import import_keras

CUSTOM = re.compile(
    r"(?:Could not locate (?:class|function)|Unknown (?:layer|object|\w+ function):?) '?([\w>.]+)"
)


def load(path: Path) -> Any:
    """The Keras model in `path`, on the TensorFlow backend, not compiled.

    Raises:
        FormatError: Keras cannot load it.
        UnsupportedError: it has custom layers, or such as hold Python code.
        ToolError: TensorFlow is missing, or Keras already runs on another backend.
    """
    keras = import_keras()
    # Otherwise the names inside the bundle depend on what was converted before.
    keras.backend.clear_session()
    try:
        with silenced_output():
            return load_keras_model(path)
    except ModelFileError as error:
        said = str(error.__cause__ or error)
        if "Lambda" in said or "lambda" in said:
            raise UnsupportedError(
                f"{path}: the model holds a Lambda layer, that is Python code inside the file, "
                "which is never run here; build it from Keras's own layers"
            ) from None
        custom = CUSTOM.search(said)
        if custom:
            raise UnsupportedError(
                f"{path}: {custom[1]} is none of Keras's own layers; a model with custom layers, "
                "functions or operations cannot be converted"
            ) from None
        raise FormatError(str(error)) from None


def check_fit(path: Path, model: Any, contract: ModelContract) -> None:
    """Refuse a model whose input or outputs are not its contract's.

    Raises:
        ContractMismatch: says what the model has and what the contract says.
        UnsupportedError: it computes in another type than float32, or has grouped convolutions.
    """
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ContractMismatch(
            f"{path}: the model has {len(model.inputs)} inputs and {len(model.outputs)} outputs, "
            "expected one of each"
        )
    taken, given = tuple(model.inputs[0].shape), tuple(model.outputs[0].shape)
    if taken[0] is not None:
        raise ContractMismatch(
            f"{path}: the batch size is fixed to {taken[0]}, expected any (None)"
        )
    if len(given) != 2:
        raise ContractMismatch(f"{path}: the output is {given}, expected (None, labels)")
    try:
        contract.check_input_shape(taken[1:])
        contract.check_output_width(given[1])
    except ContractError as error:
        raise ContractMismatch(f"{path}: {error}") from None
    for layer in model.layers:
        if layer.compute_dtype not in ("float32", None):
            raise UnsupportedError(
                f"{path}: layer {layer.name} computes in {layer.compute_dtype}, TF.js in float32; "
                "save the model under the float32 policy"
            )
        if getattr(layer, "groups", 1) != 1 and "Conv" in type(layer).__name__:
            raise UnsupportedError(
                f"{path}: layer {layer.name} is a convolution in {layer.groups} groups, which "
                "TF.js does not have; a DepthwiseConv2D can be converted"
            )
