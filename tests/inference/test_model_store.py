"""Models in a folder are found by name."""

import json
import re
import shutil
import zipfile
from pathlib import Path

import h5py
import pytest

from app.inference.errors import ModelFileError, UnknownModelError
from app.inference.model_store import ModelStore

REAL = Path(__file__).parents[2] / "app" / "models" / "mien_plain.fer2013"


def write_contract(folder):
    contract = json.loads((REAL / "contract.json").read_text())
    (folder / "contract.json").write_text(json.dumps({**contract, "model": folder.name}))


@pytest.fixture
def folder(tmp_path):
    """Two models with the real contract, a folder without a model file, and a stray file."""
    models = tmp_path / "models"
    for name in ("made.up", "another_one.x"):
        (models / name).mkdir(parents=True)
        shutil.copy(REAL / "model.h5", models / name / "model.h5")
        write_contract(models / name)
    (models / "empty.one").mkdir()
    (models / "readme.txt").write_text("no model")
    (models / "Upper.Case").mkdir()
    shutil.copy(REAL / "model.h5", models / "Upper.Case" / "model.h5")
    (tmp_path / "out.side").mkdir()
    shutil.copy(models / "made.up" / "model.h5", tmp_path / "out.side" / "model.h5")
    return models


def test_names_are_those_with_a_model_file(folder):
    assert ModelStore(folder).names() == ["another_one.x", "made.up"]


def test_a_keras_file_is_a_model_too(folder):
    write_contract(folder / "empty.one")
    with zipfile.ZipFile(folder / "empty.one" / "model.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    assert ModelStore(folder).find("empty.one") == folder / "empty.one" / "model.keras"


@pytest.mark.parametrize(
    "name",
    ["no.such", "empty.one", "", "..", "../out.side", "made.up/../made.up", "/etc/passwd",
     "made.up\0", "made.up\n", "Upper.Case", "readme.txt"],
)  # fmt: skip
def test_unknown_names_are_refused_with_the_known_ones(folder, name):
    with pytest.raises(UnknownModelError, match=r"another_one\.x, made\.up"):
        ModelStore(folder).find(name)


def test_an_empty_folder_says_none(tmp_path):
    with pytest.raises(UnknownModelError, match="known ones: none"):
        ModelStore(tmp_path).find("made.up")


def test_a_classifier_is_made_once(folder):
    store = ModelStore(folder)
    assert store.classifier("made.up") is store.classifier("made.up")
    assert store.classifier("made.up") is not store.classifier("another_one.x")
    assert store.classifier("made.up").contract.model == "made.up"


def weights_alone(path):
    with h5py.File(path, "w") as file:
        file["kernel"] = [1.0]


FAULTS = [
    (lambda f: (f / "contract.json").unlink(), r"^contract\.json: no such file; every model needs"),
    (lambda f: (f / "contract.json").write_text("{"), r"^contract\.json: cannot be read as JSON"),
    (
        lambda f: shutil.copy(REAL / "contract.json", f / "contract.json"),
        r"^its contract\.json belongs to mien_plain\.fer2013$",
    ),
    (lambda f: (f / "model.h5").write_bytes(b""), r"^model\.h5 is no HDF5 file$"),
    (lambda f: (f / "model.h5").write_bytes(b"<!DOCTYPE html>"), r"^model\.h5 is no HDF5 file$"),
    (
        lambda f: (f / "model.h5").write_bytes((REAL / "model.h5").read_bytes()[:9000]),
        r"^model\.h5 is damaged: .*truncated",
    ),
    (lambda f: weights_alone(f / "model.h5"), r"^model\.h5 holds no whole Keras model$"),
    (
        lambda f: (f / "model.h5").rename(f / "model.keras"),
        r"^model\.keras is no \.keras archive$",
    ),
    (lambda f: f.rename(f.with_name("a copy")), r"^the folder's name is not a model's name"),
]


@pytest.mark.parametrize(("change", "reason"), FAULTS, ids=[case[1][:30] for case in FAULTS])
def test_a_model_that_cannot_be_used_is_left_out_and_logged_once(folder, caplog, change, reason):
    store = ModelStore(folder)
    assert "made.up" in store.names()  # the change of a file is noticed
    caplog.clear()
    change(folder / "made.up")
    for _ in range(2):
        assert store.names() == ["another_one.x"]
        faults = store.left_out()
    name, fault = next((n, f) for n, f in faults.items() if n != "Upper.Case")
    assert re.search(reason, fault)
    assert str(folder) not in fault
    logged = [record.getMessage() for record in caplog.records]
    assert logged == [f"The model {name} is left out: {fault}."]
    with pytest.raises(UnknownModelError, match="There is no model"):
        store.classifier("made.up")


def test_a_model_that_keras_cannot_load_is_left_out_from_then_on(folder):
    path = folder / "made.up" / "model.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = '{"class_name": "Functional", "config": {}}'
    store = ModelStore(folder)
    assert store.names() == ["another_one.x", "made.up"]
    with pytest.raises(ModelFileError, match="Keras cannot load this file"):
        store.classifier("made.up").load()
    assert store.names() == ["another_one.x"]
    assert store.left_out()["made.up"].startswith("Keras cannot load this file: ")
    shutil.copy(REAL / "model.h5", path)
    assert store.names() == ["another_one.x", "made.up"]


def test_cards(folder):
    store = ModelStore(folder)
    assert store.card("made.up") is None
    (folder / "made.up" / "card.json").write_text('{"summary": "small"}')
    assert store.card("made.up") == {"summary": "small"}
    for broken in ("{", "[]"):
        (folder / "made.up" / "card.json").write_text(broken)
        with pytest.raises(ModelFileError, match=r"card\.json"):
            store.card("made.up")
    with pytest.raises(UnknownModelError):
        store.card("no.such")
