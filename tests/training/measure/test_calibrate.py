"""Fitting the temperature and the "unsure" score."""

import numpy as np
import pytest

from app.inference.classifier import apply_temperature
from training.measure.calibrate import SURE_ACCURACY, fit_temperature, fit_unsure_below
from training.measure.metrics import expected_calibration_error


def drawn(temperature, spread=1.5, count=20_000):
    """(predictions, labels), calibrated by construction and then changed by `temperature`."""
    random = np.random.default_rng(3)
    logits = random.normal(0, spread, (count, 4))
    honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (honest.cumsum(axis=1) > random.random((count, 1))).argmax(axis=1)
    return apply_temperature(honest, 1 / temperature), labels


@pytest.mark.parametrize("temperature", [0.6, 1.0, 2.5])
def test_the_temperature_is_found_again(temperature):
    probabilities, labels = drawn(temperature)
    assert fit_temperature(probabilities, labels) == pytest.approx(temperature, rel=0.05)
    scaled = apply_temperature(probabilities, temperature)
    assert expected_calibration_error(scaled, labels) < 0.02


def test_faces_above_the_unsure_score_reach_the_accuracy():
    probabilities, labels = drawn(1.0, spread=2.5)
    threshold = fit_unsure_below(probabilities, labels)
    sure = probabilities.max(axis=1) >= threshold
    right = probabilities.argmax(axis=1) == labels
    assert 0.3 < sure.mean() < 0.9
    assert 0 <= right[sure].mean() - SURE_ACCURACY < 0.01


def test_the_unsure_score_holds_for_other_faces():
    probabilities, labels = drawn(1.0, spread=2.5)
    best, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    random = np.random.default_rng(1)
    held = []
    for _ in range(200):
        own = random.choice(len(labels), 500, replace=False)
        sure = best >= fit_unsure_below(probabilities[own], labels[own])
        held.append(right[sure].mean() >= SURE_ACCURACY)
    assert 0.9 < np.mean(held) < 1


def test_a_few_faces_are_not_enough_for_a_lower_score():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]])
    assert fit_unsure_below(probabilities, np.array([0, 0, 0])) == pytest.approx(0.9)


def test_without_right_labels_the_unsure_score_is_the_highest():
    probabilities = np.array([[0.7, 0.3], [0.6, 0.4]])
    assert fit_unsure_below(probabilities, np.array([1, 1])) == pytest.approx(0.7)
