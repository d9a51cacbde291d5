"""The bias for each label: it helps rare labels, at a bounded cost of accuracy."""

import numpy as np
import pytest

from training.measure.logit_adjustment import (
    COST,
    LabelledPredictions,
    accuracy_and_recall,
    fit_bias,
    label_shares,
)

SHARES = np.array([0.9, 0.1])


def drawn(seed, rare, count=4000):
    """Faces of two labels whose logits differ by 1.5 and vary by 1, scored by a model that learned
    the first label nine times as often; `rare` is the second one's share here."""
    random = np.random.default_rng(seed)
    labels = (random.random(count) < rare).astype(int)
    evidence = random.normal(np.where(labels == 1, 1.5, -1.5), 1.5)
    logit = evidence * 2 * 1.5 / 1.5**2 + np.log(SHARES[1] / SHARES[0])
    second = 1 / (1 + np.exp(-logit))
    return LabelledPredictions(np.stack([1 - second, second], axis=1), labels)


def test_shares_are_the_weighted_means_of_the_targets():
    targets = np.array([[1, 0], [0, 1], [0.5, 0.5]])
    assert label_shares(targets) == pytest.approx([0.5, 0.5])
    assert label_shares(targets, np.array([2, 0, 2])) == pytest.approx([0.75, 0.25])


def test_the_mean_recall_rises_and_accuracy_falls_by_no_more_than_it_may():
    faces = drawn(1, rare=0.1)
    bias = np.array(fit_bias([faces], SHARES, "recall"))
    accuracy, recall = accuracy_and_recall(faces, np.zeros(2))
    adjusted_accuracy, adjusted_recall = accuracy_and_recall(faces, bias)
    assert bias[1] > 0 > bias[0]
    assert bias.sum() == pytest.approx(0, abs=1e-3)
    assert adjusted_recall > recall + 0.05
    assert adjusted_accuracy >= accuracy - COST - 1e-9


def test_where_labels_are_equally_frequent_accuracy_rises_too():
    faces = drawn(2, rare=0.5)
    bias = np.array(fit_bias([faces], SHARES, "recall"))
    # The whole prior is taken off: half of log(0.9 / 0.1) either way.
    assert bias[1] == pytest.approx(np.log(9) / 2, abs=0.35)
    assert accuracy_and_recall(faces, bias)[0] > accuracy_and_recall(faces, np.zeros(2))[0]


def test_of_several_kinds_the_one_that_loses_most_sets_the_bound():
    even, uneven = drawn(3, rare=0.5, count=400), drawn(4, rare=0.1, count=4000)
    bias = np.array(fit_bias([even, uneven], SHARES, "recall"))
    before = accuracy_and_recall(uneven, np.zeros(2))[0]
    assert accuracy_and_recall(uneven, bias)[0] >= before - COST - 1e-9
    assert bias[1] < fit_bias([even], SHARES, "recall")[1]


def test_the_aim_of_accuracy_leaves_what_was_learned():
    assert fit_bias([drawn(5, rare=0.5)], SHARES, "accuracy") == pytest.approx((0, 0), abs=1e-6)


def test_labels_with_hardly_a_face_do_not_decide():
    probabilities = np.tile([[0.8, 0.15, 0.05]], (100, 1))
    labels = np.array([0] * 50 + [1] * 49 + [2])
    _, recall = accuracy_and_recall(LabelledPredictions(probabilities, labels), np.zeros(3))
    assert recall == pytest.approx(0.5)


def test_an_unknown_aim_is_refused():
    with pytest.raises(ValueError, match="aim is 'f1', expected accuracy or recall"):
        fit_bias([drawn(6, rare=0.5)], SHARES, "f1")
