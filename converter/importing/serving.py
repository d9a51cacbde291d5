"""Run a model as the site does: in a process of its own, with Keras on OpenVINO."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from ..errors import UnsupportedError, VerificationError

ROOT = Path(__file__).parents[2]
TIMEOUT = 300.0
LARGEST_DIFFERENCE = 1e-2
PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from app.inference.classifier import ExpressionClassifier
from app.inference.errors import MienError
model, batch, out = map(Path, sys.argv[1:])
try:
    np.save(out, ExpressionClassifier(model).predict_uncalibrated(np.load(batch)))
except MienError as error:
    sys.exit(f"error: {error}")
"""


class ServedPrediction:
    """The predictions of the site's server, computed while the caller does other things.

    Args:
        path: the model file, beside its contract.json.
        batch: (n, height, width, channels) float32.
    """

    def __init__(self, path: Path, batch: np.ndarray) -> None:
        self._path = path
        self._folder = tempfile.TemporaryDirectory(prefix="mien-serve-")
        given, self._out = (Path(self._folder.name) / name for name in ("batch.npy", "out.npy"))
        np.save(given, batch)
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, path, given, self._out],
            cwd=ROOT,
            env=os.environ | {"KERAS_BACKEND": "openvino"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def check(self, expected: np.ndarray) -> float:
        """The largest difference to `expected`, the predictions (n, labels) on TensorFlow.

        Raises:
            UnsupportedError: the server cannot run the model.
            VerificationError: the difference exceeds its limit.
        """
        _, errors = self._process.communicate(timeout=TIMEOUT)
        if self._process.returncode:
            lines = errors.strip().splitlines() or ["no answer"]
            reason = lines[-1].removeprefix("error: ").removeprefix(f"{self._path}: ")
            raise UnsupportedError(
                f"the server, Keras on OpenVINO, cannot run this model: {reason}"
            )
        difference = float(np.abs(np.load(self._out) - expected).max())
        if not difference <= LARGEST_DIFFERENCE:
            raise VerificationError(
                f"the server's probabilities differ from TensorFlow's by {difference:.2g}, allowed "
                f"are {LARGEST_DIFFERENCE:g}"
            )
        return difference

    def close(self) -> None:
        """End the process, if it still runs, and delete its files."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()
        self._folder.cleanup()
