"""The catalogue of models for the pages and the API."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from flask import current_app

from ..inference.errors import ModelFileError
from ..photos.service import photo_service

log = logging.getLogger(__name__)


def catalogue() -> list[dict[str, Any]]:
    """Every model as {"name", "default", "contract", "card" or None, "bundle" or None}; the
    default model first, the others by name."""
    service = photo_service()
    bundles = _bundles()[0]
    entries = [
        {
            "name": name,
            "default": name == service.default_model,
            "contract": service.models.classifier(name).contract.to_json(),
            "card": _card(name)[0],
            "bundle": bundles.get(name),
        }
        for name in service.models.names()
    ]
    return sorted(entries, key=lambda entry: not entry["default"])


def browser_models() -> list[str]:
    """Names of the models with a bundle for the browser: the default model first, the others by
    name."""
    service, bundles = photo_service(), _bundles()[0]
    names = [name for name in service.models.names() if name in bundles]
    return sorted(names, key=lambda name: name != service.default_model)


def left_out() -> list[str]:
    """A sentence, without its full stop, for each model, card and bundle that is left out."""
    models = photo_service().models
    cards = {name: _card(name)[1] for name in models.names()}
    return [
        *(f"{name}: {fault}" for name, fault in models.left_out().items()),
        *(f"{name}: {fault}" for name, fault in cards.items() if fault),
        *_bundles()[1],
    ]


def _card(name: str) -> tuple[dict[str, Any] | None, str]:
    """A model's card, and what is wrong with it."""
    models = photo_service().models
    try:
        return models.card(name), ""
    except ModelFileError as error:
        fault = str(error).removeprefix(f"{models.folder / name}/")
        log.warning("The card of %s is left out: %s.", name, fault)
        return None, fault


def _bundles() -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The converter's index, by model, and sentences about what in it cannot be used; empty before
    the first conversion.

    A bundle's folder has the name of its model: the pages load it from there, and two bundles of
    one name would show each other's measurements.
    """
    index = Path(current_app.static_folder or "") / "models" / "index.json"
    if not index.is_file():
        return {}, []
    try:
        entries = json.loads(index.read_text(encoding="utf-8"))["models"]
        folders = {entry["path"].rpartition("/")[0]: entry["model"] for entry in entries}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("The list of bundles cannot be read: %r.", error)
        return {}, ["static/models/index.json: the list of bundles cannot be read"]
    faults = [
        f"static/models/{folder}: its contract belongs to {model}; a bundle's folder has the name "
        "of its model"
        for folder, model in folders.items()
        if folder != model
    ]
    return {e["model"]: e for e in entries if e["path"] == f"{e['model']}/model.json"}, faults
