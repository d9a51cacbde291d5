"""Functions that the converter's tests call in a worker process with Keras on TensorFlow.

Other tests need Keras on OpenVINO, and a process has only one backend.
"""

from __future__ import annotations

import contextlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """The result of a run of the command line."""

    code: int
    out: str
    err: str


def start() -> None:
    """Initialise the process with the settings of the command."""
    import converter.__main__  # noqa: F401

    assert os.environ["KERAS_BACKEND"] == "tensorflow"


def make(folder: Path, body: str = "plain", name: str = "model.h5", **options: Any) -> Path:
    """Save the network `body` of converter_nets.py as `folder`/`name`, with its contract."""
    import keras

    from . import converter_nets

    fields = options.pop("contract", {})
    path = converter_nets.write(
        folder, converter_nets.build(getattr(converter_nets, body), **options), name, fields
    )
    if body == "custom":
        # Other machines do not know the custom layer.
        keras.saving.get_custom_objects().clear()
    return path


def make_weights(folder: Path) -> Path:
    """A file with weights only, as save_weights writes it, with the name of a model."""
    from . import converter_nets

    path = make(folder)
    converter_nets.build().save_weights(folder / "only.weights.h5")
    (folder / "only.weights.h5").replace(path)
    return path


def make_mixed(folder: Path) -> Path:
    """A model that was trained, and saved, under a mixed-precision policy."""
    import keras

    make(folder)
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    try:
        return make(folder)
    finally:
        keras.mixed_precision.set_dtype_policy("float32")


def run(arguments: list[str], fault: str | None = None, **options: Any) -> Outcome:
    """Run the command line, with a fault of converter_faults.py."""
    from converter.__main__ import main

    from . import converter_faults

    out, err = io.StringIO(), io.StringIO()
    effect = getattr(converter_faults, fault)(**options) if fault else contextlib.nullcontext()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), effect:
        code = main(arguments)
    return Outcome(code, out.getvalue(), err.getvalue())


def measure(path: Path, bundle: Path, quantization: str) -> tuple[float, float]:
    """Verify an existing bundle against its model: (preprocessing, probability) differences."""
    from app.inference.contract import ModelContract
    from converter import load, verify

    contract = ModelContract.read(path.parent / "contract.json")
    predictions = verify.predict(load.load(path), contract)
    measured = verify.verify(bundle, predictions, contract, quantization)
    return measured.preprocessing, measured.probability
