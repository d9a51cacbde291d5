"""Follow the steps of CONTRIBUTING.md that add a model."""

import json
import re
import sys

import numpy as np
import pytest

from app.inference.model_store import ModelStore
from tests.support.documents import ROOT, blocks, section, shell_commands
from tests.support.training import write_fer
from training import architectures
from training.__main__ import main
from training.architectures import _registry

TEXT = section((ROOT / "CONTRIBUTING.md").read_text(), "Add a model")


@pytest.fixture
def network(tmp_path, monkeypatch):
    """The architecture file of the text, in a folder where architectures are searched."""
    name = re.search(r"`training/architectures/(\w+)\.py`:", TEXT)[1]
    (code,) = blocks(TEXT, "python")
    (tmp_path / f"{name}.py").write_text(code)
    monkeypatch.setattr(architectures, "__path__", [*architectures.__path__, str(tmp_path)])
    yield name
    del _registry._ARCHITECTURES[name]
    del sys.modules[f"{architectures.__name__}.{name}"]


def test_a_model_is_added_as_the_text_says(network, tmp_path, monkeypatch, convert):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("training.cli.MODELS", tmp_path / "app" / "models")
    write_fer(tmp_path / "fer2013.csv")
    architectures.discover()
    assert network in architectures.names()
    commands = shell_commands(TEXT)
    assert len(commands) == 3
    for python, option, module, *arguments in commands:
        assert (python, option) == ("python", "-m")
        if module == "training":
            assert main(arguments) == 0
        else:
            done = convert(*(tmp_path / argument for argument in arguments))
            assert (module, done.code, done.err) == ("converter", 0, "")
    store = ModelStore(tmp_path / "app" / "models")
    (name,) = store.names()
    card = store.card(name)
    assert card["validation"]["n"] == 42
    # Better than chance (1 in 7), so it has learned something.
    assert card["validation"]["accuracy"] > 0.3
    assert f"{card['parameters']:,} parameters" in card["summary"]
    index = json.loads((tmp_path / "static" / "models" / "index.json").read_text())
    assert [entry["model"] for entry in index["models"]] == [name]
    faces = np.full((2, 48, 48, 1), 128, np.float32)
    assert store.classifier(name).predict(faces).shape == (2, 7)
