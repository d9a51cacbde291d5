"""Pickles are detected and refused before anything loads them."""

import io
import os
import pickle
import zipfile

import numpy as np
import pytest

from app.inference.classifier import load_keras_model
from app.inference.errors import ModelFileError, UnknownModelError
from app.inference.model_store import ModelStore
from app.inference.pickle_check import pickle_in


class Evil:
    """Makes a folder when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("it ran",)


def npy(value):
    file = io.BytesIO()
    np.save(file, value, allow_pickle=True)
    return file.getvalue()


def torch_like():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps(Evil()))
    return file.getvalue()


FILES = [
    *((f"model.{ending}", pickle.dumps(Evil())) for ending in ("pkl", "h5", "keras", "bin")),
    *(("model.h5", pickle.dumps(Evil(), protocol)) for protocol in (2, 3, 4, 5)),
    # Protocols 0 and 1 have no mark, joblib may compress: there the ending tells.
    ("model.pickle", pickle.dumps(Evil(), 0)),
    ("model.joblib", b"\x78\x9c compressed"),
    ("model.npy", npy(np.array([Evil()], dtype=object))),
    ("model.h5", npy(np.array([Evil()], dtype=object))),
    ("model.pt", torch_like()),
    ("model.keras", torch_like()),
]


@pytest.mark.parametrize(
    ("name", "content"), FILES, ids=[f"{n}-{i}" for i, (n, _) in enumerate(FILES)]
)
def test_a_pickle_is_refused_with_the_reason(tmp_path, monkeypatch, name, content):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelFileError, match="which can run any program when it is loaded; "):
        load_keras_model(tmp_path / name)
    assert not (tmp_path / "it ran").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.h5", b"\x89HDF\r\n\x1a\n"),
        ("numbers.npy", npy(np.zeros(3))),
        ("notes.txt", b"none"),
        ("archive.keras", b"PK\x03\x04 cut off"),
    ],
)
def test_what_is_none_is_not_called_one(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert pickle_in(tmp_path / name) is None
    assert pickle_in(tmp_path / f"no {name}") is None


def test_a_model_that_is_a_pickle_is_not_available(tmp_path):
    (tmp_path / "some.model").mkdir()
    (tmp_path / "some.model" / "model.pkl").write_bytes(pickle.dumps(Evil()))
    store = ModelStore(tmp_path)
    assert store.names() == []
    with pytest.raises(
        UnknownModelError, match=r"\(model\.pkl in its folder is a pickle, which is never loaded"
    ):
        store.find("some.model")
