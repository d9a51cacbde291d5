"""Load a trained Keras model and predict with it, on any backend of Keras.

Without KERAS_BACKEND, Keras runs on OpenVINO, which needs half the memory and half the time per
face of TensorFlow. Keras is imported when the first model is loaded, not before.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from .contract import Calibration, ModelContract
from .errors import ContractError, ModelFileError
from .optional_packages import hidden_optional_packages
from .pickle_check import pickle_in, refusal
from .silence_output import silenced_output

DEFAULT_BACKEND = "openvino"

COMPILE_PROPERTIES: dict[str, Any] = {
    "INFERENCE_PRECISION_HINT": "f32",
    # OpenVINO by default keeps what it made for 5,000 shapes of inputs and numbers of faces.
    "CPU_RUNTIME_CACHE_CAPACITY": "10",
}
"""OpenVINO's properties with which models are compiled that are loaded from now on."""

BATCH = 4
"""The most faces that are predicted at once. The memory for more is never given back."""


def on_openvino() -> bool:
    """Whether Keras runs, or will run, on OpenVINO."""
    return os.environ.get("KERAS_BACKEND", DEFAULT_BACKEND) == "openvino"


def import_keras() -> Any:
    """The module keras, on the backend KERAS_BACKEND or `DEFAULT_BACKEND`, computing in float32.

    TensorFlow's messages at its start, such as of missing GPUs, are kept off the terminal.
    """
    backend = os.environ.setdefault("KERAS_BACKEND", DEFAULT_BACKEND)
    if backend == "tensorflow" and "keras" not in sys.modules:
        with silenced_output():
            import keras

            keras.ops.zeros(())  # TensorFlow looks for GPUs at the first operation
    else:
        import keras

    if keras.backend.backend() == "openvino":
        _compile_in_float32()
    return keras


def _compile_in_float32() -> None:
    """Make OpenVINO compute in float32 on every processor.

    Its CPU plug-in uses bfloat16 where the processor has it, unless float32 is requested. Keras
    offers no setting for that (keras/src/backend/openvino/trainer.py calls
    `openvino.compile_model(model, device)` on a new Core each time), so that function is replaced
    by one that adds the request.
    """
    import openvino

    compile_model = openvino.compile_model
    if getattr(compile_model, "in_float32", False):
        return

    def in_float32(
        model: Any, device_name: str | None = "AUTO", config: dict[str, Any] | None = None
    ) -> Any:
        return compile_model(model, device_name, {**COMPILE_PROPERTIES, **(config or {})})

    in_float32.in_float32 = True  # type: ignore[attr-defined]
    openvino.compile_model = in_float32


def apply_calibration(probabilities: np.ndarray, calibration: Calibration) -> np.ndarray:
    """Calibrated scores: softmax((log p + bias) / temperature) of each row.

    Args:
        probabilities: (n, labels), the model's own, 0..1.
        calibration: of the model's contract.

    Returns:
        (n, labels) float64, each row sums to 1.
    """
    logarithms = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))
    sums = (logarithms + np.asarray(calibration.bias)) / calibration.temperature
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def apply_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Temperature scaling of (n, labels) probabilities: p**(1/temperature), rows summing to 1."""
    return apply_calibration(
        probabilities, Calibration((0.0,) * probabilities.shape[1], temperature, 0.0)
    )


class CompiledModel:
    """What Keras compiled for OpenVINO: predicts as the model, with a third of its memory."""

    def __init__(self, compiled: Any) -> None:
        self.ov_compiled_model = compiled

    def predict_on_batch(self, batch: np.ndarray) -> np.ndarray:
        """(n, labels) float32 of (n, height, width, channels) float32."""
        # A copy: the result is a view of the memory that the next call writes to.
        return np.array(self.ov_compiled_model([batch])[0], np.float32)


class ExpressionClassifier:
    """A model and its contract, loaded from its file when first needed. Thread-safe.

    Args:
        path: the model file (.h5 or .keras); contract.json is in the same folder.
        on_fault: is called with the reason when the model turns out not to be loadable.

    Raises:
        ContractError: the contract is missing or wrong.
    """

    def __init__(self, path: Path, on_fault: Callable[[str], None] | None = None) -> None:
        self.path = path
        self._on_fault = on_fault
        self.contract = ModelContract.read(path.parent / "contract.json")
        self._model: Any = None
        self._lock = threading.Lock()

    @property
    def is_loaded(self) -> bool:
        """Whether the model is in memory."""
        return self._model is not None

    def load(self) -> None:
        """Load the model now instead of at the first prediction, and run it once.

        Raises:
            ModelFileError: there is no such file, or Keras cannot load it.
            ContractError: the model's input or output differs from the contract's.
        """
        with self._lock:
            if self._model is not None:
                return
            try:
                with hidden_optional_packages() if on_openvino() else nullcontext():
                    self._model = self._load()
            except (ModelFileError, ContractError) as error:
                if self._on_fault:
                    self._on_fault(str(error))
                raise

    def _load(self) -> Any:
        model = load_keras_model(self.path)
        self.contract.check_input_shape(model.input_shape[1:])
        self.contract.check_output_width(model.output_shape[-1])
        size = self.contract.input
        try:
            model.predict_on_batch(
                np.zeros((1, size.height, size.width, size.channels), np.float32)
            )
        except NotImplementedError as error:
            # OpenVINO's backend of Keras lacks operations that other backends have.
            raise ModelFileError(
                f"{self.path}: Keras cannot run this model here: {str(error).splitlines()[0]}"
            ) from error
        # The compiled model is enough; Keras's own has the weights twice more.
        compiled = getattr(model, "ov_compiled_model", None)
        return model if compiled is None else CompiledModel(compiled)

    def predict(self, batch: np.ndarray) -> np.ndarray:
        """Calibrated probabilities of a batch.

        Args:
            batch: (n, height, width, channels) float32 in 0..255, the contract's size.

        Returns:
            (n, labels) float32, each row sums to 1.
        """
        own = self.predict_uncalibrated(batch)
        return apply_calibration(own, self.contract.calibration).astype(np.float32)

    def predict_uncalibrated(self, batch: np.ndarray) -> np.ndarray:
        """The model's own probabilities, before calibration: (n, labels) float32."""
        if len(batch) == 0:
            return np.empty((0, len(self.contract.labels)), np.float32)
        self.load()
        # Keras does not promise that its compiled function is thread-safe on every backend.
        with self._lock:
            parts = [
                np.asarray(self._model.predict_on_batch(batch[start : start + BATCH]), np.float32)
                for start in range(0, len(batch), BATCH)
            ]
        return np.concatenate(parts)


def load_keras_model(path: Path) -> Any:
    """The Keras model in a .h5 or .keras file, not compiled.

    Raises:
        ModelFileError: no such file, a pickle, another suffix, or Keras cannot load it.
    """
    pickle = pickle_in(path)
    if pickle:
        raise ModelFileError(f"{refusal(path, pickle)}; expected a Keras model, .h5 or .keras")
    if path.suffix not in (".h5", ".keras"):
        raise ModelFileError(f"{path}: expected a Keras model, .h5 or .keras")
    if not path.is_file():
        raise ModelFileError(f"{path}: no such file")
    keras = import_keras()
    try:
        return keras.saving.load_model(path, compile=False)
    except Exception as error:
        # Keras raises a dozen kinds of exceptions for damaged files; all mean the same here.
        raise ModelFileError(f"{path}: Keras cannot load this file: {cause_of(error)}") from error


def cause_of(error: BaseException) -> str:
    """The cause in an exception of Keras, in one line without escape codes.

    Keras puts the configuration of the layer, hundreds of characters, before the cause, and escape
    codes for bold text.
    """
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith("Exception encountered: ")]
    if causes:
        return causes[-1].removeprefix("Exception encountered: ")[:300]
    # What Keras says before the reason, and the arguments that it lists behind it.
    kept = [line for line in lines if not line.startswith("Exception encountered when calling")]
    return ((kept or lines or [type(error).__name__])[0])[:300]
