"""Metrics, calibration and augmentation on inputs with known results."""

import numpy as np
import pytest

from app.inference.classifier import apply_temperature
from training.augment import Augmentation, augment
from training.measure.calibrate import SURE_ACCURACY, fit_temperature, fit_unsure_below
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
    assert found["per_label"]["c"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "n": 1}
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0.8 + 0) / 3)
    expected = -np.log([0.8, 0.6, 0.2, 0.8, 0.5, 0.25]).mean()
    assert found["log_loss"] == pytest.approx(expected)
    text = format_evaluation({"measured_on": "FER2013 PublicTest", "own": found})
    assert "66.67%" in text
    assert "n = 6" in text


def test_ece_of_known_predictions():
    # Ten pictures at score 0.9, six of them right: the gap is 0.3.
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
    assert [row["accuracy"] for row in rows] == [0.0, 1.0, 0.5]


def drawn(temperature, spread=1.5, count=20_000):
    """Predictions whose scores are right by construction, then made too sure by `temperature`."""
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


def test_what_is_above_the_unsure_score_is_right_often_enough():
    probabilities, labels = drawn(1.0, spread=2.5)
    threshold = fit_unsure_below(probabilities, labels)
    sure = probabilities.max(axis=1) >= threshold
    right = probabilities.argmax(axis=1) == labels
    assert 0.3 < sure.mean() < 0.9
    assert 0 <= right[sure].mean() - SURE_ACCURACY < 0.01


def test_what_is_sure_is_right_often_enough_on_other_faces_too():
    probabilities, labels = drawn(1.0, spread=2.5)
    best, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    random = np.random.default_rng(1)
    held = []
    for _ in range(200):
        own = random.choice(len(labels), 500, replace=False)
        sure = best >= fit_unsure_below(probabilities[own], labels[own])
        held.append(right[sure].mean() >= SURE_ACCURACY)
    assert 0.9 < np.mean(held) < 1


def test_a_few_faces_make_nothing_sure():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]])
    assert fit_unsure_below(probabilities, np.array([0, 0, 0])) == pytest.approx(0.9)


def test_the_unsure_score_where_nothing_is_right_is_the_highest():
    probabilities = np.array([[0.7, 0.3], [0.6, 0.4]])
    assert fit_unsure_below(probabilities, np.array([1, 1])) == pytest.approx(0.7)


def test_augmentation_is_reproducible_and_bounded():
    images = np.random.default_rng(0).integers(0, 256, (16, 48, 48), dtype=np.uint8)
    first = augment(images, Augmentation(), np.random.default_rng(5))
    again = augment(images, Augmentation(), np.random.default_rng(5))
    other = augment(images, Augmentation(), np.random.default_rng(6))
    assert first.shape == (16, 48, 48)
    assert first.dtype == np.float32
    assert first.min() >= 0 and first.max() <= 255
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_augmentation_of_nothing_only_mirrors():
    images = np.random.default_rng(0).integers(0, 256, (64, 48, 48), dtype=np.uint8)
    still = Augmentation(rotation=0, shift=0, scale=0, contrast=0, brightness=0, erase=0)
    changed = augment(images, still, np.random.default_rng(5))
    same = np.array([np.abs(c - i).max() < 1e-2 for c, i in zip(changed, images, strict=True)])
    mirrored = np.array(
        [np.abs(c - i[:, ::-1]).max() < 1e-2 for c, i in zip(changed, images, strict=True)]
    )
    assert (same | mirrored).all()
    assert 16 < mirrored.sum() < 48


@pytest.mark.parametrize("kind", ["webcam", "film"])
def test_degradations_take_detail_away_and_stay_in_range(kind):
    # Stripes two pixels wide, from black to white: all detail.
    images = np.tile(np.repeat(np.array([0, 255], np.uint8), 2), (64, 48, 12))
    still = dict.fromkeys(("rotation", "shift", "scale", "contrast", "brightness", "erase"), 0.0)
    how = Augmentation(**still, **{kind: 0.5})
    changed = augment(images, how, np.random.default_rng(5))
    assert changed.shape == images.shape
    assert changed.min() >= 0 and changed.max() <= 255
    detail = np.abs(np.diff(changed, axis=2)).mean(axis=(1, 2))
    whole = np.abs(np.diff(images.astype(float), axis=2)).mean(axis=(1, 2))
    weaker = detail < 0.9 * whole
    assert 0.2 < weaker.mean() < 1
    assert np.array_equal(changed, augment(images, how, np.random.default_rng(5)))
