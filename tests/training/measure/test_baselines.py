"""The baselines: KNN, SVM, softmax regression and PCA."""

import json

import numpy as np
import pytest

from training.__main__ import main
from training.measure.baselines import Vectors, fit_pca, format_row, knn, softmax, svm


def test_the_methods_predict_as_their_names_say():
    random = np.random.default_rng(0)
    # Two rings: nearest neighbours and the RBF kernel can separate them, a line cannot.
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
    # With more neighbours than vectors, all get the most frequent label.
    few = Vectors(points[:9], labels[:9], points[300:], labels[300:])
    assert set(knn(few, 169)) == {0}


@pytest.mark.parametrize("count", [20, 60])
def test_both_solvers_give_the_same_components(count):
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
