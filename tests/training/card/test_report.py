"""The commands card and report."""

import html.parser
import json
import re
import shutil
from pathlib import Path

import pytest

from training.__main__ import main


@pytest.fixture(scope="module")
def models(tmp_path_factory, promoted_model):
    """A folder of models with a copy of the promoted one."""
    folder = tmp_path_factory.mktemp("report")
    shutil.copytree(promoted_model, folder / promoted_model.name)
    return folder


@pytest.fixture
def again(models, fer_csv, ferplus_csv):
    def run(name, *more, votes=True):
        arguments = ["card", name, "--data", str(fer_csv), "--models", str(models)]
        return main([*arguments, *(["--ferplus", str(ferplus_csv)] if votes else []), *more])

    return run


def test_a_card_measured_again_is_the_same(again, models, promoted_model):
    assert again(promoted_model.name) == 0
    fresh = json.loads((models / promoted_model.name / "card.json").read_text())
    assert fresh == json.loads((promoted_model / "card.json").read_text())
    factors = fresh["robustness"]["factors"]
    for factor in factors.values():
        at = factor["values"].index(factor["unchanged"])
        assert factor["accuracy"][at] == fresh["validation"]["accuracy"]
    assert fresh["data_facts"]["splits"]["validation"]["pictures"] == 42
    assert (models / promoted_model.name / "history.csv").is_file()


def test_a_card_without_votes_keeps_what_was_measured_with_them(again, models, promoted_model):
    before = json.loads((promoted_model / "card.json").read_text())
    assert again(promoted_model.name, votes=False) == 0
    after = json.loads((models / promoted_model.name / "card.json").read_text())
    assert after["ferplus_majority"] == before["ferplus_majority"]


def test_a_card_without_a_target_is_of_fer2013(again, models, promoted_model):
    path = models / promoted_model.name / "card.json"
    card = json.loads(path.read_text())
    del card["target"]
    path.write_text(json.dumps(card))
    assert again(promoted_model.name) == 0
    assert json.loads(path.read_text())["target"] == "fer2013"


def test_refusals_of_card(again, models, promoted_model, tmp_path, capsys):
    assert again("mien_grand.fer2013") == 1
    assert "There is no model 'mien_grand.fer2013'" in capsys.readouterr().err
    other = models / "tiny.other"
    shutil.copytree(promoted_model, other)
    contract = json.loads((other / "contract.json").read_text()) | {"model": other.name}
    (other / "contract.json").write_text(json.dumps(contract))
    with (other / "model.h5").open("ab") as file:
        file.write(b"more")
    assert again(other.name) == 1
    assert "belongs to another file than" in capsys.readouterr().err
    (other / "card.json").unlink()
    assert again(other.name) == 1
    assert "promote a run to write a card" in capsys.readouterr().err
    shutil.rmtree(other)


class Page(html.parser.HTMLParser):
    """The references, ids and tags of a page."""

    def __init__(self, text):
        super().__init__()
        self.refers, self.ids, self.tags = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        for name, value in attributes:
            if name in ("src", "srcset", "xlink:href") or (name == "href" and tag != "a"):
                self.refers.append(value)
            if name == "id":
                self.ids.append(value)


def test_the_report_is_self_contained(models, promoted_model, tmp_path):
    out = tmp_path / "new" / "report.html"
    name = promoted_model.name
    assert main(["report", "--model", name, "--models", str(models), "--out", str(out)]) == 0
    text = out.read_text()
    page = Page(text)
    assert page.refers
    # Only to ids within its own plots, each of which occurs once.
    assert {one[0] for one in page.refers} == {"#"}
    assert {one[1:] for one in page.refers} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert "script" not in page.tags
    card = json.loads((models / name / "card.json").read_text())
    # The learning curves, the reliability diagram, and a plot for each factor.
    assert page.tags.count("svg") == 2 + len(card["robustness"]["factors"])
    assert f"{card['validation']['accuracy'] * 100:.1f} %" in text
    for line in (*card["intended_use"]["out_of_scope"], *card["caveats"]):
        assert line.replace("'", "&#39;") in text
    for row in card["validation"]["confusion"]:
        for n in row:
            assert re.search(rf'<td[^>]*style="--share: \d+%">{n}</td>', text)
    first = text
    assert main(["report", "--model", name, "--models", str(models), "--out", str(out)]) == 0
    assert out.read_text() == first


def test_the_report_of_a_model_whose_history_was_not_kept(models, promoted_model, tmp_path):
    (models / promoted_model.name / "history.csv").unlink()
    out = tmp_path / "report.html"
    arguments = ["report", "--model", promoted_model.name, "--models", str(models)]
    assert main([*arguments, "--out", str(out)]) == 0
    assert "history of the run was not kept" in out.read_text()


def test_refusals_of_report(models, promoted_model, tmp_path, capsys):
    arguments = ["--models", str(models), "--out", str(tmp_path / "report.html")]
    assert main(["report", "--model", "mien_grand.fer2013", *arguments]) == 1
    assert "There is no model" in capsys.readouterr().err
    path = models / promoted_model.name / "card.json"
    card = json.loads(path.read_text())
    del card["robustness"]
    path.write_text(json.dumps(card))
    assert main(["report", "--model", promoted_model.name, *arguments]) == 1
    assert f"python -m training card {promoted_model.name}" in capsys.readouterr().err
    assert not (tmp_path / "report.html").exists()


SHIPPED = sorted(
    path.parent.name for path in (Path(__file__).parents[3] / "app" / "models").glob("*/card.json")
)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_model_has_a_report(name, tmp_path, capsys):
    assert main(["report", "--model", name, "--out", str(tmp_path / "report.html")]) == 0
    assert capsys.readouterr().err == ""
    assert f"<h1>{name}</h1>" in (tmp_path / "report.html").read_text()


def test_the_report_of_a_model_of_folders_does_not_speak_of_fer2013(
    models, promoted_model, tmp_path
):
    folder = shutil.copytree(promoted_model, tmp_path / promoted_model.name)
    card = json.loads((folder / "card.json").read_text())
    for key in ("ferplus_majority", "ferplus_eight"):
        card.pop(key, None)
    card["source"] = "folders"
    del card["calibration"]["ece_judged_by"]
    card["robustness"]["judged_by"] = "the folders' labels"
    (folder / "card.json").write_text(json.dumps(card))
    out = tmp_path / "report.html"
    arguments = ["report", "--model", folder.name, "--models", str(tmp_path), "--out", str(out)]
    assert main(arguments) == 0
    page = out.read_text()
    assert "the folders&#39; labels" in page
    assert "FER2013&#39;s own labels" not in page
