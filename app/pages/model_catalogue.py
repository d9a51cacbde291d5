"""The catalogue of models for the pages and the API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import current_app

from ..photos.service import photo_service


def catalogue() -> list[dict[str, Any]]:
    """Every model as {"name", "default", "contract", "card" or None, "bundle" or None}; the
    default model first, the others by name."""
    service = photo_service()
    bundles = _bundles()
    entries = [
        {
            "name": name,
            "default": name == service.default_model,
            "contract": service.models.classifier(name).contract.to_json(),
            "card": service.models.card(name),
            "bundle": bundles.get(name),
        }
        for name in service.models.names()
    ]
    return sorted(entries, key=lambda entry: not entry["default"])


def browser_models() -> list[str]:
    """Names of the models with a bundle for the browser: the default model first, the others by
    name."""
    service, bundles = photo_service(), _bundles()
    names = [name for name in service.models.names() if name in bundles]
    return sorted(names, key=lambda name: name != service.default_model)


def _bundles() -> dict[str, dict[str, Any]]:
    """The converter's index, by model; empty before the first conversion."""
    index = Path(current_app.static_folder or "") / "models" / "index.json"
    if not index.is_file():
        return {}
    entries = json.loads(index.read_text(encoding="utf-8"))["models"]
    return {entry["model"]: entry for entry in entries}
