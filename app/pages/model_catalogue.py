"""What there is to say of every model: for the pages and the API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import current_app

from ..photos.service import recognizers


def catalogue() -> list[dict[str, Any]]:
    """Every model as {"name", "default", "contract", "card" or None, "bundle" or None}; the
    default one first, the others by name."""
    own = recognizers()
    bundles = _bundles()
    entries = [
        {
            "name": name,
            "default": name == own.default,
            "contract": own.models.classifier(name).contract.to_json(),
            "card": own.models.card(name),
            "bundle": bundles.get(name),
        }
        for name in own.models.names()
    ]
    return sorted(entries, key=lambda entry: not entry["default"])


def in_browser() -> list[str]:
    """Names of the models that have a bundle for the browser: the default one first, the others by
    name."""
    own, bundles = recognizers(), _bundles()
    names = [name for name in own.models.names() if name in bundles]
    return sorted(names, key=lambda name: name != own.default)


def _bundles() -> dict[str, dict[str, Any]]:
    """The converter's index, by model; empty before anything was converted."""
    index = Path(current_app.static_folder or "") / "models" / "index.json"
    if not index.is_file():
        return {}
    entries = json.loads(index.read_text(encoding="utf-8"))["models"]
    return {entry["model"]: entry for entry in entries}
