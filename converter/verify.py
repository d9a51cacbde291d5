"""Verify a bundle: run it in TF.js under node and compare it with Keras on the golden faces.

Two differences are measured separately: the inputs of preprocess.js against those of
app.inference.preprocess, and the bundle's predictions against those of Keras for the same inputs.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.inference.contract import ModelContract
from app.inference.preprocess import crop_box, to_batch
from app.inference.types import Box

from . import node
from .errors import (
    ContractMismatch,
    DifferenceError,
    SaturationError,
    ToolError,
    VerificationError,
    first_line,
)
from .saturation import is_saturated, one_answer

FACES = Path(__file__).with_name("faces.json")
"""The golden faces: photos with face boxes; tests/golden/make_faces.py writes the file."""

PREPROCESSING_LIMIT = 1e-3
"""Maximum difference of the inputs, in grey levels 0..255."""

PROBABILITY_LIMITS = {"none": 1e-4, "float16": 1e-2}
"""Quantisation -> maximum difference of the probabilities."""

LABEL_LIMITS = {"uint8": 0.95}
"""Quantisation -> least fraction of the test inputs that get the same label. 8-bit weights move
probabilities by more than anyone sees; what counts is whether the label stays."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """What Keras predicts of the test inputs.

    Attributes:
        batch: (n, height, width, channels) float32: the golden faces, then changed ones.
        probabilities: (n, labels) float32.
        faces: how many of the inputs are golden faces.
    """

    batch: np.ndarray
    probabilities: np.ndarray
    faces: int


@dataclass(frozen=True, slots=True)
class Verification:
    """The largest differences over all golden faces.

    Attributes:
        preprocessing: difference of the inputs, in grey levels 0..255.
        probability: difference of the probabilities, 0..1.
        faces: number of faces.
        same_label: fraction of the golden and the changed faces that get the same label.
        inputs: number of the golden and the changed faces.
    """

    preprocessing: float
    probability: float
    faces: int
    same_label: float
    inputs: int


def predict(model: Any, contract: ModelContract) -> Predictions:
    """What Keras predicts of the golden faces and of changed ones.

    Raises:
        ContractMismatch: the model's outputs are not probabilities.
    """
    golden = golden_batch(contract)
    batch = np.concatenate([golden, *(change(golden) for change in CHANGES)])
    expected = np.asarray(model.predict_on_batch(batch), np.float32)
    if not (expected.min() >= 0 and np.allclose(expected.sum(axis=1), 1, atol=1e-3)):
        raise ContractMismatch(
            f"{contract.model}: the model's outputs are no probabilities (they sum to "
            f"{expected.sum(axis=1)[0]:.3g}); its last layer has to be a softmax"
        )
    return Predictions(batch, expected, len(golden))


CHANGES: tuple[Callable[[np.ndarray], np.ndarray], ...] = (
    lambda batch: batch[:, :, ::-1],
    lambda batch: batch * np.float32(0.5),
    lambda batch: np.minimum(batch * np.float32(1.5), 255),
    lambda batch: (batch + np.roll(batch, 1, axis=1)) / 2,
)
"""Mirrored, darker, lighter and blurred faces: more inputs on which labels are compared."""


def check_saturation(predictions: Predictions, contract: ModelContract) -> None:
    """Refuse a model that gives every golden face one label, with a score near 1.

    Raises:
        SaturationError: says which label, and what is the most frequent cause.
    """
    golden = predictions.probabilities[: predictions.faces]
    if is_saturated(golden):
        raise SaturationError(
            f"{contract.model}: {one_answer(golden, contract.labels)}. Most often the model was "
            "trained on another scale than grey levels 0..255: python -m converter import MODEL "
            f"{contract.model} --labels {','.join(contract.labels)} --scale 0..1 (or -1..1, or "
            "MEAN,STD) puts the right one first; --allow-saturated converts it as it is"
        )


def verify(
    bundle: Path, predictions: Predictions, contract: ModelContract, quantization: str
) -> Verification:
    """Compare `bundle` with Keras's predictions.

    Raises:
        DifferenceError: a difference exceeds its limit.
        VerificationError: the bundle does not run.
        UnsupportedError: TF.js's wasm backend lacks an operation.
    """
    batch, faces = predictions.batch, predictions.faces
    golden, expected = batch[:faces], predictions.probabilities
    inputs, probabilities = run_in_node(bundle, contract, batch)
    if inputs.size != golden.size or probabilities.size != expected.size:
        raise VerificationError(
            f"the bundle gives {probabilities.size} numbers from {inputs.size}, "
            f"Keras {expected.size} from {golden.size}"
        )
    found = probabilities.reshape(expected.shape)
    measured = Verification(
        preprocessing=float(np.abs(inputs - golden.ravel()).max()),
        probability=float(np.abs(found - expected)[:faces].max()),
        faces=faces,
        same_label=float((found.argmax(axis=1) == expected.argmax(axis=1)).mean()),
        inputs=len(batch),
    )
    _check_limits(measured, quantization, bool(np.isfinite(found).all()))
    return measured


def _check_limits(measured: Verification, quantization: str, finite: bool) -> None:
    # "not <=" instead of ">", so that NaN fails, too.
    if not measured.preprocessing <= PREPROCESSING_LIMIT:
        raise VerificationError(
            f"preprocessing differs between Python and JavaScript by "
            f"{measured.preprocessing:.2g} grey levels, allowed are {PREPROCESSING_LIMIT:g}"
        )
    limit = PROBABILITY_LIMITS.get(quantization, float("inf"))
    if not finite or not measured.probability <= limit:
        raise DifferenceError(
            f"the bundle's probabilities differ from Keras's by {measured.probability:.2g}, "
            f"allowed are {limit:g} with weights as {quantization}",
            "the probabilities",
            measured.probability,
        )
    least = LABEL_LIMITS.get(quantization, 0.0)
    if not measured.same_label >= least:
        raise DifferenceError(
            f"the bundle gives {1 - measured.same_label:.0%} of {measured.inputs} test faces "
            f"another label than Keras, allowed are {1 - least:.0%} with weights as "
            f"{quantization}",
            "the labels",
            1 - measured.same_label,
        )


def golden_batch(contract: ModelContract) -> np.ndarray:
    """Inputs of all golden faces from Python: (n, height, width, channels) float32, 0..255.

    Raises:
        ToolError: faces.json is missing or damaged.
    """
    try:
        pictures = json.loads(FACES.read_text(encoding="utf-8"))["pictures"]
    except (OSError, ValueError, KeyError) as error:
        raise ToolError(
            f"{FACES}: the golden faces cannot be read ({first_line(error)}); "
            "the file belongs to the source code"
        ) from None
    parts = []
    for picture in pictures:
        pixels = np.frombuffer(base64.b64decode(picture["rgb"]), np.uint8)
        image = pixels.reshape(picture["height"], picture["width"], 3)
        crops = [crop_box(Box(**box), contract.crop) for box in picture["boxes"]]
        parts.append(to_batch(image, crops, contract.input))
    return np.concatenate(parts)


def run_in_node(
    bundle: Path, contract: ModelContract, batch: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Run the bundle and preprocess.js in node.

    Returns:
        The inputs that preprocess.js makes of the golden faces, and the bundle's probabilities for
        `batch`; both are flat float32.
    """
    request = {
        "bundle": str(bundle),
        "faces": str(FACES),
        "contract": contract.to_json(),
        "batch": base64.b64encode(batch.astype("<f4").tobytes()).decode("ascii"),
    }
    answer = node.run_bundle(request)
    inputs, probabilities = (
        np.frombuffer(base64.b64decode(answer[name]), "<f4") for name in ("inputs", "probabilities")
    )
    return inputs, probabilities
