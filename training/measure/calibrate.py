"""Fit the temperature, and the score below which a face is "unsure", to given predictions."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from app.inference.classifier import apply_temperature
from app.inference.contract import Calibration

SURE_ACCURACY = 0.85
"""Minimum accuracy of the faces that are not "unsure"."""

CONFIDENCE_Z = 1.645
"""Standard score of a one-sided confidence of 95 %."""


def calibrate(probabilities: np.ndarray, labels: np.ndarray) -> Calibration:
    """Fit the temperature and the "unsure" score of the contract's calibration; no biases.

    Args:
        probabilities: (n, labels), 0..1, the model's uncalibrated predictions of validation images.
        labels: (n,) int, the true label indices.
    """
    temperature = fit_temperature(probabilities, labels)
    scaled = apply_temperature(probabilities, temperature)
    return Calibration(
        bias=(0.0,) * probabilities.shape[1],
        temperature=round(temperature, 4),
        unsure_below=round(fit_unsure_below(scaled, labels), 3),
    )


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature with the lowest log loss (Guo et al. 2017), from 0.2 to 5."""

    def log_loss(logarithm: float) -> float:
        scaled = apply_temperature(probabilities, float(np.exp(logarithm)))
        return float(-np.log(np.maximum(scaled[np.arange(len(labels)), labels], 1e-12)).mean())

    found = minimize_scalar(log_loss, bounds=(np.log(0.2), np.log(5)), method="bounded")
    return float(np.exp(found.x))


def fit_unsure_below(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The lowest score such that faces with this score or more reach `SURE_ACCURACY`.

    The accuracy has to hold for all faces, of which the given ones are a sample. Therefore the
    lower end of Wilson's one-sided 95 % interval must reach it. With the accuracy of the sample,
    half of all models would stay below it on other faces.

    Returns:
        The score, 0..1; the highest score of the sample if no score is high enough.
    """
    score = probabilities.max(axis=1)
    order = np.argsort(-score, kind="stable")
    right = (probabilities.argmax(axis=1) == labels)[order]
    count = np.arange(1, len(right) + 1)
    share, part = np.cumsum(right) / count, CONFIDENCE_Z**2 / count
    spread = np.sqrt(part * (share * (1 - share) + part / 4))
    enough = np.flatnonzero((share + part / 2 - spread) / (1 + part) >= SURE_ACCURACY)
    return float(score[order[enough[-1] if len(enough) else 0]])
