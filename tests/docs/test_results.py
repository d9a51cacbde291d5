"""Figures in README.md and docs/results.md are those of the models' cards."""

from __future__ import annotations

import json
import re

import pytest

from ..support.documents import ROOT, code_spans, section

RESULTS = (ROOT / "docs" / "results.md").read_text()
OURS = section(RESULTS, "Our models")
EARLIER = section(RESULTS, "Five earlier systems")
MODELS = code_spans(next(line for line in OURS.splitlines() if line.startswith("| |")))
MEASURES = {
    "right by FER+'s majority label": "ferplus_majority",
    "right by the protocol of FER+'s authors": "ferplus_eight",
    "right by FER2013's own labels": "validation",
    "the same without pictures that are also": "validation_without_duplicates",
}
"""Beginning of a row's name -> the card's field."""
DISTURBANCES = {
    "by the labels it learned, faces tilted": [("tilt", 30), ("size", 24), ("blur", 1.5)],
    "in noise of 20 grey levels": [("noise", 20), ("gamma", 4)],
    "crop 20 % of its side": [("offset_x", 20), ("offset_y", 20), ("offset_y", -20)],
}


def card_of(model: str) -> dict:
    return json.loads((ROOT / "app" / "models" / model / "card.json").read_text())


def row(text: str, name: str) -> list[str]:
    """Cells of the row whose first cell begins with `name`: that cell and the others."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {name}")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def percent(share: float) -> str:
    return f"{share * 100:.1f}"


def measure(found: dict) -> str:
    """An accuracy as the tables write it."""
    low, high = map(percent, found["interval"])
    return f"{percent(found['accuracy'])} % ({low} to {high})"


@pytest.mark.parametrize(("name", "field"), MEASURES.items())
def test_accuracy_of_our_models(name, field):
    first, *cells = row(OURS, name)
    found = [card_of(model)[field] for model in MODELS]
    assert [cell.replace("*", "") for cell in cells] == [measure(one) for one in found]
    assert {f"n = {one['n']:,}" for one in found} == set(re.findall(r"n = [\d,]+", first))


def test_calibration_of_our_models():
    calibrations = [card_of(model)["calibration"] for model in MODELS]
    assert row(OURS, "calibration error")[1:] == [f"{one['ece_after']:.3f}" for one in calibrations]
    assert row(OURS, "shown as sure")[1:] == [
        f"{one['share_sure'] * 100:.0f} %, {one['sure_is_right'] * 100:.0f} %"
        for one in calibrations
    ]


@pytest.mark.parametrize(("name", "wanted"), DISTURBANCES.items())
def test_disturbed_faces(name, wanted):
    for model, cell in zip(MODELS, row(OURS, name)[1:], strict=True):
        factors = card_of(model)["robustness"]["factors"]
        found = []
        for factor, value in wanted:
            values, accuracy = factors[factor]["values"], factors[factor]["accuracy"]
            sides = {value, -value} if factor == "tilt" else {value}
            shares = [accuracy[values.index(side)] for side in sides]
            found.append(f"{sum(shares) / len(shares) * 100:.0f} %")
        assert cell == ", ".join(found), model


def test_size_of_our_models():
    index = json.loads((ROOT / "static" / "models" / "index.json").read_text())["models"]
    gzipped = {entry["model"]: entry["gzip_bytes"] for entry in index}
    cards = [card_of(model) for model in MODELS]
    assert row(OURS, "parameters")[1:] == [
        f"{card['parameters'] / 1e6:.2f} M, {card['multiply_accumulates'] / 1e6:.0f} M"
        for card in cards
    ]
    assert row(OURS, "size in the browser")[1:] == [
        f"{gzipped[model] / 1e6:.1f} MB" for model in MODELS
    ]


def test_recall_of_the_default_model():
    (sentence,) = re.findall(r"By FER\+'s majority the site's model finds [^.]*\.", OURS)
    labels = card_of("mien_small.ferplus")["ferplus_majority"]["per_label"]
    words = {"surprised": "surprise", "fearful": "fear", "disgusted": "disgust"}
    stated = re.findall(r"(\d+) % of (\w+)", sentence.replace("\n", " "))
    found = {words.get(word, word): int(share) for share, word in stated}
    assert found == {label: round(one["recall"] * 100) for label, one in labels.items()}


def test_earlier_systems():
    cards = [card_of(path.parent.name) for path in (ROOT / "app" / "models").glob("*/card.json")]
    earlier = [card for card in cards if card.get("published")]
    assert len(earlier) == EARLIER.count("\n| `")
    for card in earlier:
        cells = row(EARLIER, f"`{card['architecture']}`")
        own = card["validation"]
        low, high = map(percent, own["interval"])
        assert f"**{percent(own['accuracy'])} %** ({low} to {high}" in cells[2]
        if "validation_every_label" in card:
            assert f"n = {own['n']:,}" in cells[2]
            assert f"{percent(card['validation_every_label']['accuracy'])} % of all" in cells[2]
        without = card["validation_without_duplicates"]
        assert f"{percent(without['accuracy'])} %" in EARLIER.partition("\n\n- ")[2]


def test_the_readme_has_the_default_models_accuracy():
    found = measure(card_of("mien_small.ferplus")["ferplus_majority"])
    text = (ROOT / "README.md").read_text().replace("\n", " ").replace("*", "")
    share, _, interval = found.partition(" (")
    assert share in text and f"({interval.rstrip(')')}, n = 3,440)" in text


@pytest.mark.parametrize(
    ("name", "group"),
    {"all": ("all", "all"), "women": ("gender", "female"), "men": ("gender", "male")}.items(),
)
def test_groups_with_and_without_the_resting_face(name, group):
    people = card_of("mien_small.ferplus")["people"]["rows"]
    (found,) = [one for one in people if (one["kind"], one["name"]) == group]
    figures = [
        part[label] for part in (found, found["with_rest"]) for label in ("neutral", "happy")
    ]
    expected = [f"{measure(one)}, n = {one['n']}" for one in figures]
    assert row(section(RESULTS, "With the resting face"), name)[1:] == expected
