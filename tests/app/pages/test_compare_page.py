"""The compare page: what it shows of each model; and the choice of a model on all pages."""

import html
import json
import re

import pytest

from app.pages import compare_page as module
from app.pages.compare_page import accuracy_of

from ...support.requests import DEFAULT_MODEL, assert_page, upload

SEVEN = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
OWN = {"n": 3589, "accuracy": 0.6, "interval": [0.58, 0.62]}
EARLIER = {
    "created": "2026-11-21",
    "data": {"measured_on": "FER2013 PublicTest, 1,502 pictures; 2,087 are left out"},
    "parameters": 4610,
    "validation": {"n": 1502, "accuracy": 0.85, "interval": [0.83, 0.87]},
    "validation_every_label": {"n": 3589, "accuracy": 0.3557, "interval": [0.34, 0.37]},
    "published": {
        "system": "a tutorial <on smiles>",
        "figure": "near 90 %",
        "split": "its own pictures",
        "note": "Its rate is not known.",
    },
}


def entry(name, card, labels=SEVEN, default=False, size=1000, **bundle):
    """One model, as the catalogue has it."""
    return {
        "name": name,
        "default": default,
        "contract": {"labels": list(labels)},
        "card": card,
        "bundle": {"bytes": size, **bundle},
    }


@pytest.fixture
def installed(monkeypatch):
    """Makes the page believe that these models are installed."""
    return lambda *entries: monkeypatch.setattr(module, "catalogue", lambda: list(entries))


def data_of(page):
    """The JSON within the page."""
    found = re.search(
        r'<script type="application/json" id="compare-models">(.*?)</script>', page, re.S
    )
    assert found, "the page has no data"
    return json.loads(found[1])


def rows_of(page):
    """The text of each model's row, by its name."""
    rows = re.findall(r'<tr role="row" data-model="([^"]+)"(.*?)</tr>', page, re.S)
    return {
        name: " ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split()) for name, row in rows
    }


def test_the_page_has_every_model_that_runs_in_the_browser(client):
    models = client.get("/api/v1/models").get_json()["models"]
    page = client.get("/compare").text
    data = {one["name"]: one for one in data_of(page)}
    assert sorted(data) == sorted(one["name"] for one in models if one["bundle"])
    assert [one["name"] for one in data.values() if one["default"]] == [DEFAULT_MODEL]
    rows = rows_of(page)
    assert list(rows) == list(data)
    assert next(iter(rows)) == DEFAULT_MODEL, "it agrees most with people"
    for model in models:
        name, card = model["name"], model["card"]
        assert data[name]["labels"] == model["contract"]["labels"]
        assert data[name]["bytes"] == model["bundle"]["bytes"]
        assert client.get(data[name]["url"]).get_json()["format"] == "graph-model"
        measured = card["ferplus_majority"]
        # The faces with a majority; those whose label a model does not know count as wrong.
        share = measured["accuracy"] * measured["n"] / 3440
        assert data[name]["accuracy"]["share"] == pytest.approx(share, abs=1e-9)
        assert f"{share * 100:.1f}%" in rows[name]
        if measured["n"] == 3440:
            low, high = (f"{bound * 100:.1f}" for bound in measured["interval"])
            assert f"{share * 100:.1f}% {low} to {high} n = 3,440" in rows[name]
        else:
            known = f"{measured['accuracy'] * 100:.1f}% of the {measured['n']:,} with its labels"
            assert known in rows[name]
        assert "mean recall 0." in rows[name]
        own = card.get("validation_every_label") or card["validation"]
        assert f"{own['accuracy'] * 100:.1f}% by its data's labels" in rows[name]
        assert (card.get("published") or {}).get("system", "Mien") in rows[name]
        assert ("this site's default" in rows[name]) == (name == DEFAULT_MODEL)
    assert "FER2013 PublicTest, the validation split" in " ".join(page.split())


def test_an_earlier_system_is_named_and_what_it_does_not_know(client, installed):
    installed(
        entry("small.a", {"created": "2026-01-02", "validation": OWN}, default=True),
        entry("regression.b", EARLIER, ["happy", "neutral"], parameters=4610),
    )
    page = client.get("/compare").text
    rows = rows_of(page)
    assert "a tutorial <on smiles> card" in rows["regression.b"]
    assert "near 90 % (its own pictures). Its rate is not known." in rows["regression.b"]
    # Right on 85 % of what it has labels for is right on 36 % of all.
    assert "35.6% 34.0 to 37.0 n = 3,589 85.0% of the 1,502 with its labels" in rows["regression.b"]
    assert rows["regression.b"].count("no label") == 5
    assert "no label" not in rows["small.a"]
    assert "Mien card of small.a" in rows["small.a"]
    data = {one["name"]: one for one in data_of(page)}
    assert data["small.a"]["year"] == 2026
    assert data["regression.b"]["year"] is None, "when it was trained is not when it was published"
    assert data["regression.b"]["accuracy"]["share"] == 0.3557
    assert "<on smiles>" not in page


def test_the_most_accurate_first_then_the_default_one(client, installed):
    def model(name, share, **more):
        return entry(name, {"validation": {**OWN, "accuracy": share}}, **more)

    installed(
        model("worse.a", 0.5),
        entry("bare.a", None),
        model("equal.a", 0.6),
        model("equal.b", 0.6, default=True),
        model("better.a", 0.7),
    )
    names = [one["name"] for one in data_of(client.get("/compare").text)]
    assert names == ["better.a", "equal.b", "equal.a", "worse.a", "bare.a"]


def test_a_model_that_nothing_is_known_of(client, installed):
    installed(
        entry("small.a", {"created": "2026-01-02", "validation": OWN}, default=True),
        entry("bare.c", None, ["yes", "no"]),
        {**entry("server.only", None), "bundle": None},
    )
    page = client.get("/compare").text
    row = rows_of(page)["bare.c"]
    assert "not measured" in row and row.count("no label") == 7
    assert "Not converted for the browser: server.only." in page
    data = {one["name"]: one for one in data_of(page)}
    assert set(data) == {"small.a", "bare.c"}
    assert data["bare.c"]["accuracy"] is data["bare.c"]["year"] is None


def test_without_any_model_for_the_browser_the_page_says_so(client, installed):
    installed()
    assert_page(client.get("/compare"), 200, "No model is converted for the browser")


def test_accuracy_of_a_card():
    assert accuracy_of({}) is None
    assert accuracy_of({"validation": {"accuracy": 0.5}}) == {
        "share": 0.5, "interval": None, "n": None, "by_people": False, "mean_recall": None,
        "on": None, "known": None, "own": None,
    }  # fmt: skip
    split = accuracy_of(EARLIER)
    assert (split["on"], split["n"], split["known"]["n"]) == ("FER2013 PublicTest", 3589, 1502)


def test_people_judge_where_they_were_asked():
    recalls = {"happy": {"recall": 0.9}, "fear": {"recall": 0.5}, "sad": {"n": 0}}
    majority = {"accuracy": 0.8, "interval": [0.7, 0.9], "n": 100, "per_label": recalls}
    found = accuracy_of({"validation": OWN, "ferplus_majority": majority}, 100)
    assert (found["share"], found["interval"], found["known"]) == (0.8, [0.7, 0.9], None)
    assert found["by_people"] and found["own"]["share"] == OWN["accuracy"]
    assert found["mean_recall"] == pytest.approx(0.7)
    # A model without all labels: the faces that it cannot be right on count as wrong.
    fewer = accuracy_of({"validation": OWN, "ferplus_majority": majority}, 200)
    assert (fewer["share"], fewer["n"]) == (pytest.approx(0.4), 200)
    assert fewer["known"] == {"share": 0.8, "interval": [0.7, 0.9], "n": 100}


def test_the_data_cannot_end_its_script(client, installed):
    installed(
        entry(
            "small.a", {**EARLIER, "published": {**EARLIER["published"], "system": "</script><b>"}}
        )
    )
    page = client.get("/compare").text
    assert data_of(page)[0]["system"] == "</script><b>"
    assert "<b>" not in page


def test_pages_without_scripts_have_the_figures(client):
    page = client.get("/compare").text
    assert "<noscript>" in page and "needs JavaScript" in page


def options(page):
    """The models a page's select offers, and those that are chosen."""
    found = re.findall(r'<option(?: value="([^"]+)" data-url="[^"]+")?( selected)?>([^<]+)', page)
    return [text for _, _, text in found], [text for _, chosen, text in found if chosen]


def test_the_same_choice_on_the_live_and_the_photo_page(app, client):
    names = app.extensions["mien"].models.names()
    for path in ("/", "/photo"):
        offered, chosen = options(client.get(path).text)
        assert sorted(offered) == names
        assert chosen == [DEFAULT_MODEL]


def test_the_photo_page_takes_the_model_from_its_address_and_keeps_it(app, client, photo):
    other = next(name for name in app.extensions["mien"].models.names() if name != DEFAULT_MODEL)
    assert options(client.get(f"/photo?model={other}").text)[1] == [other]
    answer = client.post("/photo", data=upload(photo, model=other))
    assert_page(answer, 200, other)
    assert options(answer.text)[1] == [other]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_model_is_answered_with_the_known_ones(app, client, method):
    known = ", ".join(app.extensions["mien"].models.names())
    response = client.open("/photo?model=none.such", method=method)
    assert_page(response, 400, f"the known ones: {known}.", "none.such")
    assert options(response.text)[1] == [DEFAULT_MODEL]
