"""The models on the compare page: what it shows of each, and what its scripts need to run it."""

from __future__ import annotations

from typing import Any

from ..web.static_assets import asset
from .model_catalogue import catalogue

OWN_SYSTEM = "Mien"
"""The system of a model that does not reproduce a published one."""
IMPORTED_SYSTEM = "imported"
"""The system of a model that was trained elsewhere."""


def comparison() -> dict[str, Any]:
    """The models with a bundle for the browser, in the order of the page.

    Returns:
        "models": each {"name", "default", "year", "system", "published", "labels", "url", "bytes",
        "parameters", "accuracy"}, where "published" is that of the card and "accuracy" the
        result of `accuracy_of`; year, parameters, published and accuracy may be None. "labels": all
        labels of all models, the default model's first. "measured_on": the splits on which accuracy
        was measured. "without_bundle": the names of the other models.
    """
    entries = catalogue()
    models = [_model(entry) for entry in entries if entry["bundle"]]
    measured = [model["accuracy"]["on"] for model in models if model["accuracy"]]
    return {
        "models": sorted(models, key=_sort_key),
        "labels": list(dict.fromkeys(label for model in models for label in model["labels"])),
        "measured_on": sorted({split for split in measured if split}),
        "without_bundle": [entry["name"] for entry in entries if not entry["bundle"]],
    }


def accuracy_of(card: dict[str, Any]) -> dict[str, Any] | None:
    """A model's accuracy on the validation split, by the labels of its data, from its card; None
    where it was not measured.

    Returns:
        {"share", "interval", "n"} of all images, where an image with a label that the model does
        not have counts as wrong; "on": the split. "known": {"share", "interval", "n"} of the images
        whose label the model has, if those are fewer, else None. "people": the same by the majority
        of FER+'s ten people, for a model that was trained on them, else None. An interval, n or
        split that the card does not have is None.
    """
    own_labels = card.get("validation") or {}
    if "accuracy" not in own_labels:
        return None
    all_labels = card.get("validation_every_label") or own_labels
    return {
        **_measure(all_labels),
        # "FER2013 PublicTest, 3,589 pictures": the number depends on the model's labels.
        "on": (card.get("data") or {}).get("measured_on", "").partition(",")[0] or None,
        "known": None if all_labels is own_labels else _measure(own_labels),
        "people": (
            _measure(card["ferplus_majority"])
            if card.get("target") == "ferplus" and card.get("ferplus_majority")
            else None
        ),
    }


def _measure(measured: dict[str, Any]) -> dict[str, Any]:
    return {
        "share": measured["accuracy"],
        "interval": measured.get("interval"),
        "n": measured.get("n"),
    }


def _model(entry: dict[str, Any]) -> dict[str, Any]:
    card, bundle = entry["card"] or {}, entry["bundle"]
    published = card.get("published")
    # The year of a reproduced system is that of its publication, not of our training; that of an
    # imported one is not known.
    created = "" if card.get("imported") else card.get("created", "")
    year = published.get("year") if published else created[:4]
    return {
        "name": entry["name"],
        "default": entry["default"],
        "year": int(year) if year else None,
        "system": _system(card),
        "published": published,
        "labels": entry["contract"]["labels"],
        "url": asset(f"models/{entry['name']}/model.json"),
        "bytes": bundle["bytes"],
        "parameters": bundle.get("parameters") or card.get("parameters"),
        "accuracy": accuracy_of(card),
    }


def _system(card: dict[str, Any]) -> str:
    published = card.get("published")
    if published:
        return str(published["system"])
    return IMPORTED_SYSTEM if card.get("imported") else OWN_SYSTEM


def _sort_key(model: dict[str, Any]) -> tuple[Any, ...]:
    """Newest first; within a year the default model, then the most accurate one. The same as the
    FIRST_ORDER of static/js/pages/compare/model-order.js."""
    accuracy = model["accuracy"]
    return (
        -(model["year"] or 0),
        not model["default"],
        -(accuracy["share"] if accuracy else 0),
        model["name"],
    )
