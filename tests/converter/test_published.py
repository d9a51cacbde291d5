"""The served bundles belong to the models in app/models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from converter import index
from converter.verify import PROBABILITY_LIMITS

from ..support import converter_worker

ROOT = Path(__file__).parents[2]
MODELS = sorted((ROOT / "app" / "models").glob("*/model.h5"))
BUNDLES = ROOT / "static" / "models"
MOST_BYTES = 60 * 10**6
"""Of all models together, as they are committed: files for the server and bundles."""


def entries() -> dict[str, dict]:
    data = json.loads((BUNDLES / "index.json").read_text(encoding="utf-8"))
    return {entry["model"]: entry for entry in data["models"]}


def test_there_are_models():
    assert MODELS


def test_all_models_together_are_small_enough():
    files = [
        path
        for folder in (ROOT / "app" / "models", BUNDLES)
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".gz", ".br")
    ]
    assert len(files) > 2 * len(MODELS)
    assert sum(path.stat().st_size for path in files) <= MOST_BYTES


def test_index_describes_the_bundles():
    folders = sorted(path.parent for path in BUNDLES.glob("*/model.json"))
    assert len(folders) == len(entries())
    for found, entry in zip(map(index.describe, folders), entries().values(), strict=True):
        # Versions of zlib compress slightly differently.
        assert found.pop("gzip_bytes") == pytest.approx(entry.pop("gzip_bytes"), rel=0.02)
        assert found == entry


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.parent.name)
def test_a_bundle_predicts_like_its_model(in_worker, model):
    contract = json.loads((model.parent / "contract.json").read_text(encoding="utf-8"))
    entry = entries()[contract["model"]]
    bundle = (BUNDLES / entry["path"]).parent
    assert entry["labels"] == contract["labels"]
    metadata = json.loads((bundle / "model.json").read_text())["userDefinedMetadata"]
    assert metadata["contract"] == contract
    preprocessing, probability = in_worker(
        converter_worker.measure, model, bundle, entry["quantization"]
    )
    assert preprocessing <= 1e-3
    assert probability <= PROBABILITY_LIMITS[entry["quantization"]]
