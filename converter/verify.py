"""Verify a bundle: run it in TF.js under node and compare it with Keras on the golden faces.

Two differences are measured separately: the inputs of preprocess.js against those of
app.inference.preprocess, and the bundle's predictions against those of Keras for the same inputs.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.inference.contract import ModelContract
from app.inference.preprocess import crop_box, to_batch
from app.inference.types import Box

from . import node
from .errors import ContractMismatch, ToolError, VerificationError, first_line

FACES = Path(__file__).with_name("faces.json")
"""The golden faces: photos with face boxes; tests/golden/make_faces.py writes the file."""

PREPROCESSING_LIMIT = 1e-3
"""Maximum difference of the inputs, in grey levels 0..255."""

PROBABILITY_LIMITS = {"none": 1e-4, "float16": 1e-2, "uint8": 1e-2}
"""Quantisation -> maximum difference of the probabilities."""


@dataclass(frozen=True, slots=True)
class Verification:
    """The largest differences over all golden faces.

    Attributes:
        preprocessing: difference of the inputs, in grey levels 0..255.
        probability: difference of the probabilities, 0..1.
        faces: number of faces.
    """

    preprocessing: float
    probability: float
    faces: int


def verify(bundle: Path, model: Any, contract: ModelContract, quantization: str) -> Verification:
    """Compare `bundle` with `model` on the golden faces.

    Raises:
        VerificationError: a difference exceeds its limit, or the bundle does not run.
        ContractMismatch: the model's outputs are not probabilities.
        UnsupportedError: TF.js's wasm backend lacks an operation.
    """
    batch = golden_batch(contract)
    expected = np.asarray(model.predict_on_batch(batch), np.float32)
    if not (expected.min() >= 0 and np.allclose(expected.sum(axis=1), 1, atol=1e-3)):
        raise ContractMismatch(
            f"{contract.model}: the model's outputs are no probabilities (they sum to "
            f"{expected.sum(axis=1)[0]:.3g}); its last layer has to be a softmax"
        )
    inputs, probabilities = run_in_node(bundle, contract, batch)
    if inputs.size != batch.size or probabilities.size != expected.size:
        raise VerificationError(
            f"the bundle gives {probabilities.size} numbers from {inputs.size}, "
            f"Keras {expected.size} from {batch.size}"
        )
    measured = Verification(
        preprocessing=float(np.abs(inputs - batch.ravel()).max()),
        probability=float(np.abs(probabilities - expected.ravel()).max()),
        faces=len(batch),
    )
    # "not <=" instead of ">", so that NaN fails, too.
    if not measured.preprocessing <= PREPROCESSING_LIMIT:
        raise VerificationError(
            f"preprocessing differs between Python and JavaScript by "
            f"{measured.preprocessing:.2g} grey levels, allowed are {PREPROCESSING_LIMIT:g}"
        )
    limit = PROBABILITY_LIMITS[quantization]
    if not measured.probability <= limit:
        raise VerificationError(
            f"the bundle's probabilities differ from Keras's by {measured.probability:.2g}, "
            f"allowed are {limit:g} with weights as {quantization}"
        )
    return measured


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
