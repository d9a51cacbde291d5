"""What the comparing page says of each model, and what its scripts need to run it."""

from __future__ import annotations

from typing import Any

from .assets import asset
from .catalogue import catalogue

OURS = "Mien"
"""The source of a model whose card names none."""


def comparison() -> dict[str, Any]:
    """The models that have a bundle for the browser, in the order in which the page shows them.

    Returns:
        "models", each {"name", "default", "year", "source", "published", "labels", "url", "bytes",
        "parameters", "accuracy"}, where "published" is the card's own and "accuracy" what
        `accuracy_of` gives; year, parameters, published and accuracy may be None. "labels": every
        label that some model knows, the default model's first. "measured_on": on which pictures
        accuracy was measured, by their cards. "without_bundle": names of the models left out.
    """
    entries = catalogue()
    models = [_model(entry) for entry in entries if entry["bundle"]]
    return {
        "models": sorted(models, key=_place),
        "labels": list(dict.fromkeys(label for model in models for label in model["labels"])),
        "measured_on": sorted(
            {model["accuracy"]["on"] for model in models if model["accuracy"]} - {None}
        ),
        "without_bundle": [entry["name"] for entry in entries if not entry["bundle"]],
    }


def accuracy_of(card: dict[str, Any]) -> dict[str, Any] | None:
    """How often a model is right on the validation split, by the labels of its data, as its card
    has it; None where nothing was measured.

    Returns:
        {"share", "interval" or None, "n", "on" or None}, of all pictures: one whose expression the
        model does not know counts as wrong. "known" is the same of the pictures whose expression
        it knows, where those are fewer; else None. "people": by the majority of FER+'s ten people,
        for a model that learned from them; else None.
    """
    own = card.get("validation") or {}
    if "accuracy" not in own:
        return None
    everything = card.get("validation_all") or own
    return {
        **_measure(everything),
        "on": (card.get("data") or {}).get("measured_on"),
        "known": None if everything is own else _measure(own),
        "people": (
            _measure(card["ferplus_majority"])
            if card.get("target") == "ferplus" and card.get("ferplus_majority")
            else None
        ),
    }


def _measure(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "share": found["accuracy"],
        "interval": found.get("interval"),
        "n": found.get("n"),
    }


def _model(entry: dict[str, Any]) -> dict[str, Any]:
    card, bundle = entry["card"] or {}, entry["bundle"]
    published = card.get("published")
    year = (published or {}).get("year") or str(card.get("created", ""))[:4]
    return {
        "name": entry["name"],
        "default": entry["default"],
        "year": int(year) if year else None,
        "source": (published or {}).get("system") or OURS,
        "published": published,
        "labels": entry["contract"]["labels"],
        "url": asset(f"models/{entry['name']}/model.json"),
        "bytes": bundle["bytes"],
        "parameters": bundle.get("parameters") or card.get("parameters"),
        "accuracy": accuracy_of(card),
    }


def _place(model: dict[str, Any]) -> tuple[Any, ...]:
    """Newest first; of one year the default model, then the most accurate: FIRST_ORDER of
    static/js/compare-order.js."""
    accuracy = model["accuracy"]
    return (
        -(model["year"] or 0),
        not model["default"],
        -(accuracy["share"] if accuracy else 0),
        model["name"],
    )
