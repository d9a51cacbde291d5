"""Every model gives the same probabilities on OpenVINO as on TensorFlow, each backend in a process
of its own, since Keras's is fixed when it is imported."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from app.inference.contract import ModelContract
from app.inference.model_store import ModelStore
from app.inference.preprocess import to_batch
from app.inference.types import Box

ROOT = Path(__file__).parents[2]
STORE = ModelStore(ROOT / "app" / "models")
FACE = Box(176, 65, 98, 98)
TOLERANCE = 1e-4

PREDICT = """
import sys
from pathlib import Path
import keras
import numpy as np
from app.inference.classifier import ExpressionClassifier
folder, *models = map(Path, sys.argv[1:])
backend = keras.backend.backend()
for model in models:
    print(model, file=sys.stderr)
    classifier = ExpressionClassifier(model)
    batch = np.load(folder / f"{model.parent.name}.npy")
    alone = np.concatenate([classifier.predict(batch[i : i + 1]) for i in range(4)])
    together = classifier.predict(batch)
    compiled = getattr(classifier._model, "ov_compiled_model", None)
    precision = compiled.get_property("INFERENCE_PRECISION_HINT").to_string() if compiled else ""
    np.savez(folder / f"{model.parent.name}.{backend}.npz", alone=alone, together=together,
             precision=precision)
"""


def inputs(contract: ModelContract) -> np.ndarray:
    """64 inputs: face crops moved and scaled about the face, noise, and constant pictures."""
    random = np.random.default_rng(7)
    spec = contract.input
    crops = [
        Box(
            FACE.x + random.uniform(-30, 30),
            FACE.y + random.uniform(-30, 30),
            side := FACE.width * random.uniform(0.7, 1.5),
            side,
        )
        for _ in range(48)
    ]
    faces = to_batch(data.astronaut(), crops, spec)
    noise = random.uniform(0, 255, (8, spec.height, spec.width, spec.channels))
    constant = np.broadcast_to(np.linspace(0, 255, 8)[:, None, None, None], noise.shape)
    return np.concatenate([faces, noise, constant]).astype(np.float32)


@pytest.fixture(scope="module")
def given(tmp_path_factory) -> Path:
    """A folder: MODEL.BACKEND.npz is what a model gives for `inputs` on a backend."""
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not installed: there is none for this Python")
    folder = tmp_path_factory.mktemp("given")
    paths = [STORE.find(name) for name in STORE.names()]
    for path in paths:
        contract = ModelContract.read(path.parent / "contract.json")
        np.save(folder / f"{path.parent.name}.npy", inputs(contract))
    for backend in ("openvino", "tensorflow"):
        done = subprocess.run(
            [sys.executable, "-c", PREDICT, str(folder), *map(str, paths)],
            env={**os.environ, "KERAS_BACKEND": backend},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
    return folder


def test_there_are_models():
    assert STORE.names()


@pytest.mark.parametrize("model", STORE.names())
def test_openvino_and_tensorflow_agree(model, given):
    openvino, tensorflow = (
        dict(np.load(given / f"{model}.{backend}.npz")) for backend in ("openvino", "tensorflow")
    )
    assert openvino["precision"] == "f32"
    assert openvino["together"].shape[0] == 64
    assert openvino["together"].std(axis=0).max() > 0.01  # the inputs do make a difference
    assert np.abs(openvino["together"].sum(axis=1) - 1).max() < 1e-5
    assert np.abs(openvino["together"] - tensorflow["together"]).max() < TOLERANCE
    for found in (openvino, tensorflow):
        assert np.abs(found["together"][:4] - found["alone"]).max() < TOLERANCE
