"""Load a Keras model of any version as a Keras 3 model.

Keras 3 loads what it can. The rest is loaded by tf_keras, which is Keras 2, and translated layer by
layer; both models have to predict the same.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from app.inference.classifier import cause_of
from app.inference.silence_output import silenced_output

from ..errors import FormatError, ToolError, UnsupportedError
from ..imports import import_keras
from ..load import CUSTOM
from .keras2 import translate
from .source import Source

LARGEST_DIFFERENCE = 1e-4
"""Of the outputs of the model in tf_keras and in Keras 3."""


def read_model(source: Source) -> tuple[Any, str]:
    """The Keras 3 model in a file, on TensorFlow, not compiled.

    Returns:
        (model, reader): `reader` is "Keras 3" or "tf_keras", whichever could load the file.

    Raises:
        FormatError: neither can load it.
        UnsupportedError: it has custom layers, or layers that Keras 3 does not have.
        ToolError: TensorFlow or tf_keras is missing.
    """
    keras = import_keras()
    keras.backend.clear_session()
    with tempfile.TemporaryDirectory(prefix="mien-import-") as name:
        folder = Path(name)
        if source.kind == "saved_model":
            return _by_tf_keras(source, source.path), "tf_keras"
        path = _as_whole_file(source, folder)
        try:
            with silenced_output():
                return _load_keras3(keras, source, path), "Keras 3"
        except Exception as error:
            reason = error
        try:
            return _by_tf_keras(source, path), "tf_keras"
        except FormatError:
            # Files of Keras 3 are none that tf_keras could load: then Keras 3's cause is the right
            # one.
            if source.keras_version.startswith("3"):
                raise _refusal(source, reason) from None
            raise


def _load_keras3(keras: Any, source: Source, path: Path) -> Any:
    if source.kind == "weights" and path.name.endswith(".weights.h5"):
        model = keras.models.model_from_json(json.dumps(source.config))
        model.load_weights(path)
        return model
    return keras.saving.load_model(path, compile=False)


def _as_whole_file(source: Source, folder: Path) -> Path:
    """A copy of the model file with the ending of its content; weights alone get their layers."""
    if source.kind == "keras":
        return Path(shutil.copyfile(source.path, folder / "model.keras"))
    import h5py

    with h5py.File(source.path, "r") as given:
        if source.kind == "weights" and "layer_names" not in given.attrs:
            # The format of Keras 3's save_weights.
            return Path(shutil.copyfile(source.path, folder / "model.weights.h5"))
        if source.kind == "hdf5":
            return Path(shutil.copyfile(source.path, folder / "model.h5"))
        with h5py.File(folder / "model.h5", "w") as whole:
            whole.attrs["model_config"] = json.dumps(source.config)
            group = whole.create_group("model_weights")
            for owner in (whole, group):
                for key in ("keras_version", "backend"):
                    if key in given.attrs:
                        owner.attrs[key] = given.attrs[key]
            group.attrs["layer_names"] = given.attrs["layer_names"]
            for name in given:
                given.copy(name, group)
    return folder / "model.h5"


def _by_tf_keras(source: Source, path: Path) -> Any:
    """Load with tf_keras and translate for Keras 3."""
    try:
        with silenced_output():
            import tf_keras
    except ImportError as error:
        raise ToolError(
            f"{source.path}: Keras 3 cannot load this file of Keras {source.keras_version or 2}; "
            f"tf_keras is needed ({cause_of(error)}); run make setup-dev"
        ) from None
    try:
        with silenced_output():
            old = tf_keras.models.load_model(path, compile=False)
            rebuilt = translate(old)
    except UnsupportedError as error:
        raise UnsupportedError(f"{source.path}: {error}") from None
    except Exception as error:
        raise _refusal(source, error) from None
    _compare(source, old, rebuilt)
    return rebuilt


def _compare(source: Source, old: Any, rebuilt: Any) -> None:
    random = np.random.default_rng(0)
    inputs = [
        random.random((2, *(side or 48 for side in tensor.shape[1:])), np.float32)
        for tensor in rebuilt.inputs
    ]
    with silenced_output():
        given = old.predict_on_batch(inputs if len(inputs) > 1 else inputs[0])
        found = rebuilt.predict_on_batch(inputs if len(inputs) > 1 else inputs[0])
    pairs = zip(_list(given), _list(found), strict=True)
    difference = max(float(np.abs(np.asarray(a) - np.asarray(b)).max()) for a, b in pairs)
    if not difference <= LARGEST_DIFFERENCE:
        raise UnsupportedError(
            f"{source.path}: Keras 3 does not compute this model of Keras "
            f"{source.keras_version or 2} as Keras 2 does (the outputs differ by {difference:.2g})"
        )


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _refusal(source: Source, error: BaseException) -> FormatError | UnsupportedError:
    said = cause_of(error)
    if custom := CUSTOM.search(str(error)):
        return UnsupportedError(
            f"{source.path}: {custom[1]} is none of Keras's own layers; a model with custom "
            "layers, functions or operations cannot be converted"
        )
    return FormatError(f"{source.path}: Keras cannot load this file: {said}")
