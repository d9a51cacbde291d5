"""Metrics on predictions with known results."""

import numpy as np
import pytest

from training.measure.evaluation_text import format_evaluation
from training.measure.metrics import expected_calibration_error, measure, reliability

NAMES = ("a", "b", "c")


def test_measure_of_known_predictions():
    labels = np.array([0, 0, 0, 1, 1, 2])
    probabilities = np.array(
        [
            [0.8, 0.1, 0.1],
            [0.6, 0.3, 0.1],
            [0.2, 0.7, 0.1],
            [0.1, 0.8, 0.1],
            [0.3, 0.5, 0.2],
            [0.5, 0.25, 0.25],
        ]
    )
    found = measure(probabilities, labels, NAMES)
    assert found["n"] == 6
    assert found["accuracy"] == pytest.approx(4 / 6)
    # Wilson's interval of 4 in 6, from its formula.
    assert found["interval"] == pytest.approx([0.29999, 0.90323], abs=1e-4)
    assert found["confusion"] == [[2, 1, 0], [0, 2, 0], [1, 0, 0]]
    assert found["per_label"]["a"] == pytest.approx(
        {"precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3, "n": 3}
    )
    assert found["per_label"]["c"] == pytest.approx({"precision": 0, "recall": 0, "f1": 0, "n": 1})
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0.8 + 0) / 3)
    expected = -np.log([0.8, 0.6, 0.2, 0.8, 0.5, 0.25]).mean()
    assert found["log_loss"] == pytest.approx(expected)
    text = format_evaluation({"measured_on": "FER2013 PublicTest", "own": found})
    assert "66.67%" in text
    assert "n = 6" in text


def test_ece_of_known_predictions():
    # Ten images at score 0.9, six of them right: the gap is 0.3.
    probabilities = np.tile([0.9, 0.1], (10, 1))
    labels = np.array([0] * 6 + [1] * 4)
    assert expected_calibration_error(probabilities, labels) == pytest.approx(0.3)
    labels = np.array([0] * 9 + [1])
    assert expected_calibration_error(probabilities, labels) == pytest.approx(0.0, abs=1e-12)


def test_reliability_of_known_predictions():
    probabilities = np.array([[0.9, 0.1], [0.93, 0.07], [0.4, 0.6], [0.55, 0.45]])
    rows = reliability(probabilities, np.array([0, 1, 1, 1]))
    assert [row["n"] for row in rows] == [1, 1, 2]
    assert [row["score"] for row in rows] == pytest.approx([0.55, 0.6, 0.915])
    assert [row["accuracy"] for row in rows] == pytest.approx([0, 1, 0.5])
