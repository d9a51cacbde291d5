"""What the comparing page says of each model, and what its scripts need to run it."""

from __future__ import annotations

from typing import Any

from ..web.static_assets import asset
from .model_catalogue import catalogue

OURS = "Mien"
"""The source of a model that re-makes no published system."""


def comparison() -> dict[str, Any]:
    """The models that have a bundle for the browser, in the order in which the page shows them.

    Returns:
        "models", each {"name", "default", "year", "source", "published", "labels", "url", "bytes",
        "parameters", "accuracy"}, where "published" is the card's own and "accuracy" what
        `accuracy_of` gives; year, parameters, published and accuracy may be None. "labels": every
        label that some model knows, the default model's first. "measured_on": the splits on which
        accuracy was measured. "without_bundle": names of the models left out.
    """
    entries = catalogue()
    models = [_model(entry) for entry in entries if entry["bundle"]]
    measured = [model["accuracy"]["on"] for model in models if model["accuracy"]]
    return {
        "models": sorted(models, key=_place),
        "labels": list(dict.fromkeys(label for model in models for label in model["labels"])),
        "measured_on": sorted({split for split in measured if split}),
        "without_bundle": [entry["name"] for entry in entries if not entry["bundle"]],
    }


def accuracy_of(card: dict[str, Any]) -> dict[str, Any] | None:
    """How often a model is right on the validation split, by the labels of its data, as its card
    has it; None where nothing was measured.

    Returns:
        {"share", "interval", "n"} of all pictures, where one whose label the model does not know
        counts as wrong; "on": the split. "known": {"share", "interval", "n"} of the pictures whose
        label it knows, where those are fewer, else None. "people": the same by the majority of
        FER+'s ten people, for a model that learned from them, else None. An interval, n or split
        that the card does not have is None.
    """
    own = card.get("validation") or {}
    if "accuracy" not in own:
        return None
    everything = card.get("validation_every_label") or own
    return {
        **_measure(everything),
        # "FER2013 PublicTest, 3,589 pictures": how many they are differs with a model's labels.
        "on": (card.get("data") or {}).get("measured_on", "").partition(",")[0] or None,
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
    # Of an earlier system the year it was published in; that of our training says nothing of it.
    year = published.get("year") if published else card.get("created", "")[:4]
    return {
        "name": entry["name"],
        "default": entry["default"],
        "year": int(year) if year else None,
        "source": published["system"] if published else OURS,
        "published": published,
        "labels": entry["contract"]["labels"],
        "url": asset(f"models/{entry['name']}/model.json"),
        "bytes": bundle["bytes"],
        "parameters": bundle.get("parameters") or card.get("parameters"),
        "accuracy": accuracy_of(card),
    }


def _place(model: dict[str, Any]) -> tuple[Any, ...]:
    """Newest first; of one year the default model, then the most accurate: FIRST_ORDER of
    static/js/pages/compare/model-order.js."""
    accuracy = model["accuracy"]
    return (
        -(model["year"] or 0),
        not model["default"],
        -(accuracy["share"] if accuracy else 0),
        model["name"],
    )
