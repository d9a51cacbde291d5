"""What is odd among the models is left out, and the pages and the API answer."""

from __future__ import annotations

import json
import shutil
from html import unescape
from pathlib import Path

import pytest

from app import create_app

from ...support.requests import assert_page

ROOT = Path(__file__).parents[3]
MODELS = ROOT / "app" / "models"
GOOD = "softmax_regression.fer2013"


@pytest.fixture
def odd(tmp_path):
    """The client of a site with one sound model and five odd ones, and its models' folder."""
    models = tmp_path / "models"
    for name in (GOOD, "no.contract", "a.copy", "no.model", "wrong.card", "Not a Name"):
        shutil.copytree(MODELS / GOOD, models / name)
    for name in ("no.model", "wrong.card"):
        contract = models / name / "contract.json"
        contract.write_text(contract.read_text().replace(GOOD, name))
    (models / "no.contract" / "contract.json").unlink()
    (models / "no.model" / "model.h5").write_text("version https://git-lfs.github.com/spec/v1\n")
    (models / "wrong.card" / "card.json").write_text("[")
    settings = {"TESTING": True, "MIEN_MODELS": str(models), "MIEN_MODEL": GOOD}
    return create_app(settings).test_client()


def test_odd_folders_are_left_out_with_a_note(odd):
    for path in ("/", "/photo", "/compare", "/models", f"/models/{GOOD}", "/api"):
        assert_page(odd.get(path), 200)
    known = [entry["name"] for entry in odd.get("/api/v1/models").get_json()["models"]]
    assert known == [GOOD, "wrong.card"]
    assert odd.get("/api/v1/openapi.json").status_code == 200
    page = unescape(odd.get("/models").get_data(as_text=True))
    _, _, note = page.partition('id="left-out"')
    for sentence in (
        "no.contract: contract.json: no such file",
        f"a.copy: its contract.json belongs to {GOOD}.",
        "no.model: model.h5 is no HDF5 file.",
        "Not a Name: the folder's name is not a model's name",
        "wrong.card: card.json: not JSON",
    ):
        assert sentence in note
    assert odd.get("/models/a.copy").status_code == 404


def test_a_site_without_odd_folders_has_no_note(client):
    assert 'id="left-out"' not in client.get("/models").get_data(as_text=True)


def entry(model, path):
    sizes = {"bytes": 1, "gzip_bytes": 1, "quantization": "none", "labels": [], "parameters": 1}
    return {"model": model, "path": path, **sizes}


@pytest.fixture
def with_index(app, monkeypatch, tmp_path):
    """Give the site an index.json with this text."""

    def give(text):
        (tmp_path / "models").mkdir(exist_ok=True)
        (tmp_path / "models" / "index.json").write_text(text)
        monkeypatch.setattr(app, "static_folder", str(tmp_path))

    return give


def test_a_bundle_in_a_folder_of_another_name_is_left_out(app, with_index):
    from app.pages.model_catalogue import browser_models, catalogue, left_out

    with_index(
        json.dumps(
            {
                "models": [
                    entry(GOOD, f"{GOOD}/model.json"),
                    entry(GOOD, "a.copy/model.json") | {"bytes": 2},
                ]
            }
        )
    )
    with app.test_request_context():
        assert browser_models() == [GOOD]
        (bundle,) = [one["bundle"] for one in catalogue() if one["bundle"]]
        assert bundle["path"] == f"{GOOD}/model.json"
        (sentence,) = left_out()
    assert sentence.startswith(f"static/models/a.copy: its contract belongs to {GOOD}")


@pytest.mark.parametrize("text", ["{", "[]", '{"models": [{}]}', '{"models": 3}'])
def test_a_damaged_index_takes_no_page_down(app, with_index, text):
    from app.pages.model_catalogue import browser_models, left_out

    with_index(text)
    with app.test_request_context():
        assert browser_models() == []
        assert left_out() == ["static/models/index.json: the list of bundles cannot be read"]


IMPORTED = {
    "model": "some.imported",
    "summary": "Imported from net.hdf5: 16,135 parameters.",
    "created": "2026-12-01",
    "imported": {
        "file": "net.hdf5",
        "sha256": "0" * 64,
        "keras_version": "2.2.4",
        "scale": "0..1",
        "notes": ["read by tf_keras (Keras 2.2.4)"],
    },
    "measured": "not measured",
    "parameters": 16135,
    "bytes": 99999,
    "sha256": "0" * 64,
}
"""A card as `python -m converter import` writes it."""


@pytest.mark.parametrize("measured", [False, True])
def test_the_page_of_an_imported_model(tmp_path, measured):
    name = "some.imported"
    for model in (GOOD, name):
        shutil.copytree(MODELS / GOOD, tmp_path / model)
    contract = tmp_path / name / "contract.json"
    contract.write_text(contract.read_text().replace(GOOD, name))
    card = dict(IMPORTED)
    if measured:
        known = json.loads((MODELS / GOOD / "card.json").read_text())
        card |= {"source": "folders", "validation": known["validation"]}
        card |= {"data": {"measured_on": "folder validation/, 12 pictures"}}
    (tmp_path / name / "card.json").write_text(json.dumps(card))
    settings = {"TESTING": True, "MIEN_MODELS": str(tmp_path), "MIEN_MODEL": GOOD}
    client = create_app(settings).test_client()
    for path in ("/models", "/compare"):
        assert_page(client.get(path), 200)
    page = unescape(client.get(f"/models/{name}").get_data(as_text=True))
    assert "Imported on 2026-12-01 from net.hdf5 (Keras 2.2.4)" in page
    assert "Trained 2026" not in page
    assert ("Its accuracy is not measured" in page) == (not measured)
    assert ("Measured on folder validation/, 12 pictures" in page) == measured
    assert "in FER2013" not in page
