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
    entries = by_accuracy(catalogue())
    faces = _faces(entries)
    models = [_model(entry, faces) for entry in entries if entry["bundle"]]
    preset_first = sorted(models, key=lambda model: not model["default"])
    measured = [model["accuracy"]["on"] for model in models if model["accuracy"]]
    return {
        "models": models,
        "labels": list(dict.fromkeys(label for model in preset_first for label in model["labels"])),
        "measured_on": sorted({split for split in measured if split}),
        "without_bundle": [entry["name"] for entry in entries if not entry["bundle"]],
    }


def by_accuracy(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The catalogue's entries, the most accurate first; of equal ones the default model, then by
    name. The same order as the FIRST_ORDER of static/js/pages/compare/model-order.js."""
    faces = _faces(entries)

    def key(entry: dict[str, Any]) -> tuple[Any, ...]:
        accuracy = accuracy_of(entry["card"] or {}, faces)
        share = accuracy["share"] if accuracy else 0
        return accuracy is None, -share, not entry["default"], entry["name"]

    return sorted(entries, key=key)


def _faces(entries: list[dict[str, Any]]) -> int:
    """How many faces have a majority: as many as the model with the most labels was measured on."""
    majorities = [(entry["card"] or {}).get("ferplus_majority") or {} for entry in entries]
    return max((found.get("n", 0) for found in majorities), default=0)


def accuracy_of(card: dict[str, Any], faces: int = 0) -> dict[str, Any] | None:
    """How right a model is on the validation split, from its card; None where it was not measured.

    Judged by the label that most of FER+'s ten people gave, where the card has that measurement,
    otherwise by the labels of the model's data.

    Args:
        card: of the model.
        faces: how many faces have such a majority; 0 if that is not known.

    Returns:
        {"share", "interval", "n"} of all images, where an image with a label that the model does
        not have counts as wrong; "by_people": whether judged by FER+; "mean_recall" over the
        model's labels; "on": the split. "known": {"share", "interval", "n"} of the images whose
        label the model has, if those are fewer, else None. "own": the same by the labels of its
        data, where judged by FER+, else None. What the card does not have is None.
    """
    own_labels = card.get("validation") or {}
    if "accuracy" not in own_labels:
        return None
    own_all = card.get("validation_every_label") or own_labels
    people = card.get("ferplus_majority")
    judged = people or own_labels
    if people and people.get("n", 0) < faces:
        share = people["accuracy"] * people["n"] / faces
        everything = {"share": share, "interval": None, "n": faces}
    else:
        everything = _measure(people or own_all)
    return {
        **everything,
        "by_people": bool(people),
        "mean_recall": _mean_recall(judged),
        # "FER2013 PublicTest, 3,589 pictures": the number depends on the model's labels.
        "on": (card.get("data") or {}).get("measured_on", "").partition(",")[0] or None,
        "known": None if everything["n"] == judged.get("n") else _measure(judged),
        "own": _measure(own_all) if people else None,
    }


def _mean_recall(measured: dict[str, Any]) -> float | None:
    recalls = [one.get("recall") for one in measured.get("per_label", {}).values()]
    found = [recall for recall in recalls if recall is not None]
    return sum(found) / len(found) if found else None


def _measure(measured: dict[str, Any]) -> dict[str, Any]:
    return {
        "share": measured["accuracy"],
        "interval": measured.get("interval"),
        "n": measured.get("n"),
    }


def _model(entry: dict[str, Any], faces: int) -> dict[str, Any]:
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
        "accuracy": accuracy_of(card, faces),
    }


def _system(card: dict[str, Any]) -> str:
    published = card.get("published")
    if published:
        return str(published["system"])
    return IMPORTED_SYSTEM if card.get("imported") else OWN_SYSTEM
