"""`python -m converter inspect`: what a model file is, what is missing, and the next command."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path
from typing import Any

from ..errors import ConverterError
from .adapt import input_shape, output_names
from .read import read_model
from .source import Source, identify

FER2013_LABELS = "angry,disgust,fear,happy,sad,surprise,neutral"
KINDS = {
    "hdf5": "a whole Keras model, HDF5",
    "keras": "a whole Keras model, .keras archive",
    "weights": "weights alone, HDF5",
    "saved_model": "a SavedModel folder with Keras layers",
}
SCALING = ("Rescaling", "Normalization")


def inspect_model(path: Path, architecture: Path | None = None) -> list[str]:
    """Lines about a model file; the last one is the command to run next.

    Raises:
        ConverterError: it is no model, or cannot be loaded.
    """
    source = identify(path, architecture)
    model, reader = read_model(source)
    lines = [
        f"file        {path}: {KINDS[source.kind]}",
        *([f"layers from {source.architecture}"] if source.architecture else []),
        f"Keras       {source.keras_version or 'not stated'}, read by {reader}",
        *(f"input       {tuple(tensor.shape)}" for tensor in model.inputs),
        *(
            f"output      {name} {tuple(tensor.shape)}"
            for name, tensor in zip(output_names(model), model.outputs, strict=True)
        ),
        f"layers      {_layers(model)}",
        f"parameters  {model.count_params():,}",
    ]
    missing = _missing(source, model)
    return [
        *lines,
        *(f"missing     {one}" for one in missing),
        f"next        {_next(source, model)}",
    ]


def _layers(model: Any) -> str:
    counts = Counter(_kinds(model))
    return ", ".join(f"{count} {kind}" for kind, count in counts.most_common())


def _kinds(model: Any) -> list[str]:
    return [
        kind
        for layer in model.layers
        for kind in (_kinds(layer) if hasattr(layer, "layers") else [type(layer).__name__])
        if kind != "InputLayer"
    ]


def _missing(source: Source, model: Any) -> list[str]:
    """What the file does not say and the user has to."""
    said = ["the labels of its outputs, in their order (--labels)"]
    if scales_itself(model):
        said.append("nothing about the scale: its first layers scale the pixels (--scale 0..255)")
    else:
        said.append("the scale of its training's pixels (--scale 0..1, -1..1 or MEAN,STD)")
    if not (source.path.parent / "contract.json").is_file():
        said.append("a contract.json (import writes it)")
    return said


def scales_itself(model: Any) -> bool:
    """Whether one of the first layers scales the pixels."""
    return any(kind in SCALING for kind in _kinds(model)[:3])


def _next(source: Source, model: Any) -> str:
    width = model.outputs[0].shape[-1]
    labels = {7: FER2013_LABELS, 1: "LABEL_OF_0,LABEL_OF_1"}.get(
        width, ",".join(f"LABEL{place}" for place in range(width or 2))
    )
    stem = "".join(c if c.isalnum() else "_" for c in source.path.stem.lower()).strip("_")
    name = f"{stem if stem[:1].isalpha() else 'model_' + stem}.imported"
    parts = ["python", "-m", "converter", "import", str(source.path), name, "--labels", labels]
    parts += ["--scale", "0..255" if scales_itself(model) else "0..1"]
    try:
        input_shape(tuple(model.inputs[0].shape))
    except ConverterError:
        parts += ["--size", "48x48"]
    if source.architecture:
        parts += ["--architecture", str(source.architecture)]
    return shlex.join(parts)
