"""Writes the bundle's files: model.json and weight shards.

The way: Keras on TensorFlow -> shortcuts and batch norms folded -> SavedModel -> tensorflowjs's
graph converter. (The layers format, which tensorflowjs also writes, cannot be loaded for Keras 3.)
"""

from __future__ import annotations

import errno
import json
import math
import os
from pathlib import Path
from typing import Any

from app.inference.contract import ModelContract
from app.inference.silence_output import silenced_output

from .errors import UnsupportedError, first_line, is_disk_full
from .flatten import without_nesting
from .fold_batch_norm import fold_batch_norms
from .fold_shortcut import fold_shortcuts
from .graph_converter import graph_converter
from .unfuse_addition import unfuse_additions

BATCH_NORM_OPS = {"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"}
CONVOLUTION_OPS = {"Conv2D", "_FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"}


def write_bundle(
    model: Any, contract: ModelContract, bundle: Path, quantization: str, path: Path
) -> None:
    """Write model.json and its shards into the new folder `bundle`; `path` names it in errors.

    Raises:
        UnsupportedError: the model uses something that TF.js does not have.
        ToolError: tensorflowjs is missing.
        OSError: the disk is full, or the folder cannot be written.
    """
    saved_model = bundle.parent / "saved_model"
    metadata = {"contract": contract.to_json(), "parameters": int(model.count_params())}
    tensorflowjs = graph_converter()
    folded = fold_batch_norms(fold_shortcuts(without_nesting(model)))
    try:
        with silenced_output():
            _export(folded, contract, saved_model)
            tensorflowjs.convert_tf_saved_model(
                str(saved_model),
                str(bundle),
                signature_def="serve",
                quantization_dtype_map=None if quantization == "none" else {quantization: "*"},
                metadata=metadata,
            )
        _rewrite(bundle / "model.json")
    except OSError:
        raise
    except Exception as error:
        if is_disk_full(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
        raise UnsupportedError(f"{path}: {_reason(error)}") from error


def _export(model: Any, contract: ModelContract, saved_model: Path) -> None:
    """A SavedModel with one endpoint, `serve`: pixels (any n, h, w, c) -> scores (n, labels)."""
    import keras
    import tensorflow as tf

    shape = (None, contract.input.height, contract.input.width, contract.input.channels)
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint(
        "serve",
        lambda pixels: {"scores": model(pixels, training=False)},
        input_signature=[tf.TensorSpec(shape, tf.float32, name="pixels")],
    )
    archive.write_out(str(saved_model), verbose=False)


def _rewrite(model_json: Path) -> None:
    """Sort each node's attributes and drop blanks: tensorflowjs writes attributes in an order
    that changes from run to run, and the same model is to give the same bytes."""
    data = json.loads(model_json.read_text(encoding="utf-8"))
    unfuse_additions(data)
    for node in data["modelTopology"]["node"]:
        node["attr"] = dict(sorted(node.get("attr", {}).items()))
    model_json.write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")


def _reason(error: Exception) -> str:
    """What tensorflowjs said, for people; it puts the operations' names in the second line."""
    first, *rest = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    if first.startswith("Unsupported Ops") and rest:
        return f"the model uses {', '.join(sorted(rest[0].split(', ')))}, which TF.js does not have"
    return f"tensorflowjs cannot convert this model: {first_line(error)}"


def separate_batch_norms(bundle: Path) -> list[str]:
    """A sentence for each batch norm that follows a convolution and is not folded into it: an
    operation of its own, or a multiplication or addition with one constant a channel."""
    model = json.loads((bundle / "model.json").read_text(encoding="utf-8"))
    nodes = model["modelTopology"]["node"]
    convolutions = {node["name"] for node in nodes if node["op"] in CONVOLUTION_OPS}
    vectors = {
        weight["name"]
        for group in model["weightsManifest"]
        for weight in group["weights"]
        if math.prod(weight["shape"]) > 1
    }
    found = [
        node["name"]
        for node in nodes
        if node["op"] in BATCH_NORM_OPS
        or (
            node["op"] in ("Mul", "AddV2", "Sub")
            and not convolutions.isdisjoint(node["input"])
            and not vectors.isdisjoint(node["input"])
        )
    ]
    return [f"{name} is computed apart from its convolution, which costs time" for name in found]
