"""Models in a folder are found by name."""

import json
import shutil
from pathlib import Path

import pytest

from app.inference.errors import ContractError, ModelFileError, UnknownModelError
from app.inference.model_store import ModelStore

REAL = Path(__file__).parents[2] / "app" / "models" / "mien_plain.fer2013"


@pytest.fixture
def folder(tmp_path):
    """Two models with the real contract, a folder without a model file, and a stray file."""
    models = tmp_path / "models"
    for name in ("made.up", "another_one.x"):
        (models / name).mkdir(parents=True)
        (models / name / "model.h5").write_bytes(b"")
        contract = json.loads((REAL / "contract.json").read_text())
        (models / name / "contract.json").write_text(json.dumps({**contract, "model": name}))
    (models / "empty.one").mkdir()
    (models / "readme.txt").write_text("no model")
    (models / "Upper.Case").mkdir()
    (models / "Upper.Case" / "model.h5").write_bytes(b"")
    (tmp_path / "out.side").mkdir()
    shutil.copy(models / "made.up" / "model.h5", tmp_path / "out.side" / "model.h5")
    return models


def test_names_are_those_with_a_model_file(folder):
    assert ModelStore(folder).names() == ["another_one.x", "made.up"]


def test_a_keras_file_is_a_model_too(folder):
    (folder / "empty.one" / "model.keras").write_bytes(b"")
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


def test_a_contract_of_another_model_is_refused(folder):
    shutil.copy(REAL / "contract.json", folder / "made.up" / "contract.json")
    with pytest.raises(ContractError, match=r"mien_plain\.fer2013"):
        ModelStore(folder).classifier("made.up")


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
