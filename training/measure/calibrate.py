"""Temperature scaling, and the score under which a face is shown as "unsure"."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from app.inference.classifier import apply_temperature
from app.inference.contract import Calibration

SURE_IS_RIGHT, SURELY = 0.85, 1.645
"""What is shown as sure shall be right at least this often, with 95 % confidence (so many standard
deviations, on one side)."""


def calibrate(probabilities: np.ndarray, labels: np.ndarray) -> Calibration:
    """Fit the temperature and the "unsure" score of the contract's calibration; no biases.

    Args:
        probabilities: (n, labels) the model's own, 0..1, on validation data.
        labels: (n,) the right ones.
    """
    temperature = fit_temperature(probabilities, labels)
    scaled = apply_temperature(probabilities, temperature)
    return Calibration(
        bias=(0.0,) * probabilities.shape[1],
        temperature=round(temperature, 4),
        unsure_below=round(fit_unsure_below(scaled, labels), 3),
    )


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature with the lowest log loss (Guo et al. 2017), 0.2..5."""

    def log_loss(logarithm: float) -> float:
        scaled = apply_temperature(probabilities, float(np.exp(logarithm)))
        return float(-np.log(np.maximum(scaled[np.arange(len(labels)), labels], 1e-12)).mean())

    found = minimize_scalar(log_loss, bounds=(np.log(0.2), np.log(5)), method="bounded")
    return float(np.exp(found.x))


def fit_unsure_below(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The lowest score from which upwards at least `SURE_IS_RIGHT` of the best labels are right;
    the highest score there is, where none reaches that.

    Meant is the share among all faces, of which these are a sample: what must reach it is the lower
    end of Wilson's interval. By the share of the sample itself, half of all models would stay below
    it on other faces, and one that is right on 85 % of all faces would never be unsure.
    """
    score = probabilities.max(axis=1)
    order = np.argsort(-score, kind="stable")
    right = (probabilities.argmax(axis=1) == labels)[order]
    count = np.arange(1, len(right) + 1)
    share, part = np.cumsum(right) / count, SURELY**2 / count
    spread = np.sqrt(part * (share * (1 - share) + part / 4))
    enough = np.flatnonzero((share + part / 2 - spread) / (1 + part) >= SURE_IS_RIGHT)
    return float(score[order[enough[-1] if len(enough) else 0]])
