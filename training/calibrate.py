"""Temperature scaling, and the score under which a face is shown as "unsure"."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from app.inference.classifier import apply_temperature
from app.inference.contract import Calibration

SURE_IS_RIGHT = 0.85
"""What is shown as sure shall be right at least this often on the data it is fitted on."""


def calibrate(probabilities: np.ndarray, labels: np.ndarray) -> Calibration:
    """Fit both values of the contract's calibration.

    Args:
        probabilities: (n, labels) the model's own, 0..1, on validation data.
        labels: (n,) the right ones.
    """
    temperature = fit_temperature(probabilities, labels)
    scaled = apply_temperature(probabilities, temperature)
    return Calibration(round(temperature, 4), round(fit_unsure_below(scaled, labels), 3))


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature with the lowest log loss (Guo et al. 2017), 0.2..5."""

    def log_loss(logarithm: float) -> float:
        scaled = apply_temperature(probabilities, float(np.exp(logarithm)))
        return float(-np.log(np.maximum(scaled[np.arange(len(labels)), labels], 1e-12)).mean())

    found = minimize_scalar(log_loss, bounds=(np.log(0.2), np.log(5)), method="bounded")
    return float(np.exp(found.x))


def fit_unsure_below(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The lowest score from which upwards at least `SURE_IS_RIGHT` of the best labels are right;
    the highest score there is, where none reaches that."""
    score = probabilities.max(axis=1)
    order = np.argsort(-score, kind="stable")
    right = (probabilities.argmax(axis=1) == labels)[order]
    accuracy = np.cumsum(right) / np.arange(1, len(right) + 1)
    # The first few of the sorted scores say little: a threshold must rest on 1 % of the pictures.
    fewest = max(1, len(right) // 100)
    enough = np.flatnonzero(accuracy[fewest - 1 :] >= SURE_IS_RIGHT)
    last = enough[-1] + fewest - 1 if len(enough) else 0
    return float(score[order[last]])
