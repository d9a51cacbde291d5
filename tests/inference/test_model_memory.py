"""Models that are not used any more are freed; Keras imports nothing that it does not need."""

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest

from app.inference import classifier
from app.inference.classifier import ExpressionClassifier
from app.inference.model_store import KEPT, ModelStore
from app.inference.optional_packages import OPTIONAL, hidden_optional_packages

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "app" / "models"


def test_the_models_used_last_are_kept_and_the_others_freed():
    freed = []
    names = ModelStore(MODELS).names()
    store = ModelStore(MODELS, names[0], lambda: freed.append(1))
    for name in names:
        assert store.classifier(name) is store.classifier(name)
    default, last = store.classifier(names[0]), store.classifier(names[-1])
    assert len(freed) == len(names) - KEPT
    kept = [store.classifier(name) for name in (names[0], names[-1])]
    assert kept == [default, last]
    gone = weakref.ref(last)
    del last, kept
    store.classifier(names[1])
    assert gone() is None
    assert store.classifier(names[0]) is default


def test_a_loaded_model_is_freed():
    one = ExpressionClassifier(MODELS / "softmax_regression.fer2013" / "model.h5")
    one.load()
    gone = weakref.ref(one._model)
    del one
    gc.collect()
    assert gone() is None


def test_many_faces_are_predicted_in_small_batches(monkeypatch):
    one = ExpressionClassifier(MODELS / "softmax_regression.fer2013" / "model.h5")
    size = one.contract.input
    faces = np.random.default_rng(1).uniform(
        0, 255, (4 * classifier.BATCH + 1, size.height, size.width, size.channels)
    )
    faces = faces.astype(np.float32)
    expected = np.concatenate([one.predict(face[None]) for face in faces])
    sizes, model = [], one._model

    class Watched:
        @staticmethod
        def predict_on_batch(batch):
            sizes.append(len(batch))
            return model.predict_on_batch(batch)

    monkeypatch.setattr(one, "_model", Watched)
    assert np.abs(one.predict(faces) - expected).max() < 1e-5
    assert sizes == [classifier.BATCH] * 4 + [1]


CODE = """
import sys
from pathlib import Path
import numpy as np
from app.inference.classifier import ExpressionClassifier
one = ExpressionClassifier(Path("app/models/mien_small.ferplus/model.h5"))
size = one.contract.input
one.predict(np.zeros((9, size.height, size.width, size.channels), np.float32))
print(*sys.modules)
"""


def test_keras_imports_no_package_that_it_does_not_need():
    """Where they are installed, as in a development environment, it would import all of them."""
    own = {**os.environ, "KERAS_BACKEND": "openvino"}
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, env=own, capture_output=True, text=True, check=True
    )
    assert not OPTIONAL & set(done.stdout.split())


def test_packages_are_hidden_only_for_a_while(tmp_path, monkeypatch):
    (tmp_path / "onnx.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "onnx", raising=False)
    with hidden_optional_packages(), pytest.raises(ModuleNotFoundError, match="'onnx'"):
        __import__("onnx")
    __import__("onnx")
    monkeypatch.delitem(sys.modules, "onnx")
