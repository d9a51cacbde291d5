"""The command explore."""

import json
from html.parser import HTMLParser

import numpy as np
import pytest

from training.__main__ import main
from training.data.fer2013 import read_fer2013
from training.explore.statistics import duplicates, facts

from ...support.training import write_fer


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory):
    """The small file with a constant image, two copies in train (one with another label) and one
    train image in validation."""
    path = write_fer(tmp_path_factory.mktemp("spoiled") / "fer2013.csv")
    header, *lines = path.read_text().splitlines()
    flat = " ".join(["7"] * 2304)
    _label, pixels, _usage = lines[0].split(",")
    lines += [f"2,{flat},Training", f"0,{pixels},Training", f"5,{pixels},Training"]
    lines.append(f"0,{pixels},PublicTest")
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def test_duplicates_are_counted(spoiled):
    found = duplicates(read_fer2013(spoiled))
    assert found["distinct"] == 176
    assert found["within"] == {"train": 2, "validation": 0, "test": 0}
    assert found["across"] == {
        "train and validation": 1,
        "train and test": 0,
        "validation and test": 0,
    }
    assert found["contradicting"] == 1
    assert found["groups"] == [[0, 176, 177, 178]]


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.outside, self.pictures, self.media = [], 0, []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("src", "srcset", "href") and not value.startswith("data:image/png;base64,"):
                self.outside.append(value)
            if name == "media":
                self.media.append(value)
        self.pictures += tag == "picture"


def test_explore_writes_a_self_contained_page(spoiled, tmp_path, capsys):
    out = tmp_path / "page"
    assert main(["explore", "--data", str(spoiled), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"open {out / 'index.html'}\n"
    text = (out / "index.html").read_text()
    page = Page()
    page.feed(text)
    assert page.outside == []
    assert page.pictures == 8
    assert set(page.media) == {"(prefers-color-scheme: dark)"}
    names = ("labels", "proportions", "pictures", "means", "entropy", "lowest", "duplicates", "pca")
    assert {path.name for path in out.glob("*.png")} == {
        f"{name}{theme}.png" for name in names for theme in ("", "-dark")
    }
    for path in out.glob("*.png"):
        assert path.read_bytes()[:4] == b"\x89PNG"
    assert "1 pictures have a single grey level: rows 175." in text
    assert "train and validation: 1 pictures of the second split are also in the first." in text
    found = json.loads((out / "facts.json").read_text())
    assert found["pictures"] == 179
    assert found["splits"]["train"]["happy"] == 16
    assert found["cut"]["pictures"] == 1
    assert found["constant"] == [175]


def test_means_and_entropy_of_the_images(spoiled):
    data = read_fer2013(spoiled)
    found = facts(data)
    happy = data.images[data.labels == 3].astype(np.float64)
    assert found["mean_faces"]["happy"] == pytest.approx(happy.mean(axis=0), abs=1e-3)
    assert found["order"][0] == 175
    assert found["entropy"][175] == 0
    assert found["explained"][-1] == pytest.approx(1, abs=1e-4)
