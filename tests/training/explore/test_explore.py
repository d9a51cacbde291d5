"""The commands that look at data: baselines and explore."""

import json
from html.parser import HTMLParser

import numpy as np
import pytest

from training.__main__ import main
from training.data.fer2013 import read_fer2013
from training.explore.statistics import duplicates, facts
from training.measure.baselines import Vectors, fit_pca, format_row, knn, softmax, svm

from ...support.training import write_fer


def test_the_methods_are_what_they_are_called():
    random = np.random.default_rng(0)
    # Two rings: nearest neighbours and the RBF kernel can tell them apart, a line cannot.
    angle = random.uniform(0, 2 * np.pi, 400)
    radius = np.where(np.arange(400) % 2, 1.0, 2.0)[:, None]
    points = (radius * np.stack([np.cos(angle), np.sin(angle)], 1)).astype(np.float32)
    labels = np.arange(400) % 2
    rings = Vectors(points[:300], labels[:300], points[300:], labels[300:])
    assert (knn(rings, 5) == rings.test_labels).mean() > 0.95
    assert (svm(rings, 0) == rings.test_labels).mean() > 0.95
    assert (softmax(rings) == rings.test_labels).mean() < 0.75
    sides = Vectors(points[:300], points[:300, 0] > 0, points[300:], points[300:, 0] > 0)
    assert (softmax(sides) == sides.test_labels).mean() > 0.95
    # More neighbours than there are: the most frequent label for all.
    few = Vectors(points[:9], labels[:9], points[300:], labels[300:])
    assert set(knn(few, 169)) == {0}


@pytest.mark.parametrize("count", [20, 60])
def test_components_are_the_same_by_both_ways(count):
    points = np.random.default_rng(1).normal(size=(count, 40)).astype(np.float32)
    shares = fit_pca(points, 5).explained_variance_ratio_
    centred = points - points.mean(axis=0)
    singular = np.linalg.svd(centred, compute_uv=False) ** 2
    assert shares == pytest.approx(singular[:5] / singular.sum(), rel=1e-3)


def test_baselines_prints_a_table(fer_csv, capsys):
    arguments = ["baselines", "--data", str(fer_csv), "--labels", "happy,neutral"]
    assert main([*arguments, "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    methods = [row for row in rows if "accuracy" in row]
    assert {(row["method"], row["on"].split(",")[0]) for row in methods} == {
        (method, on)
        for method in ("KNN, k = 169", "KNN, k = 1", "softmax regression", "SVM, RBF kernel")
        for on in ("pixels", "PCA")
    }
    for row in methods:
        assert row["n"] == 12
        assert row["pictures"] == 32
        assert row["interval"][0] <= row["accuracy"] <= row["interval"][1]
    curve = [row for row in rows if "components" in row]
    assert [row["components"] for row in curve] == [10, 25]
    assert 0 < curve[0]["explained"] < curve[1]["explained"] <= 1
    said = format_row(methods[1])
    assert said.startswith("KNN, k = 1 ")
    assert f"{methods[1]['accuracy']:.2%}" in said
    assert f"{curve[0]['explained']:.1%} of the variance" in format_row(curve[0])


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory):
    """The small file with a constant picture, two copies in train (one of another label) and one
    picture of train in validation."""
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


def test_explore_writes_a_page_that_stands_by_itself(spoiled, tmp_path, capsys):
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


def test_means_and_entropy_are_the_pictures(spoiled):
    data = read_fer2013(spoiled)
    found = facts(data)
    happy = data.images[data.labels == 3].astype(np.float64)
    assert found["mean_faces"]["happy"] == pytest.approx(happy.mean(axis=0), abs=1e-3)
    assert found["order"][0] == 175
    assert found["entropy"][175] == 0
    assert found["explained"][-1] == pytest.approx(1, abs=1e-4)
