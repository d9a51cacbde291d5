"""Fit the bias for each label of a contract's calibration (logit adjustment, Menon et al. 2021).

A network that learned mostly neutral and happy faces prefers these labels. Subtracting part of the
logarithm of each label's share of the training data corrects that:

    bias = -strength * log(share), strength 0..1

Only the strength is fitted. A free bias for each label was tried and was no better on faces that it
was not fitted on (EXPERIMENTS.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

AIMS = ("accuracy", "recall")
"""Aims of a calibration: the highest accuracy, or the highest mean recall over labels."""

COST = 0.015
"""Largest loss of accuracy, 0..1, on each kind of faces that a larger mean recall may cause."""

STRENGTHS = np.linspace(0, 1, 41)

FEWEST = 10
"""Labels with fewer faces are left out of the mean recall, since their recall is too uncertain."""


@dataclass(frozen=True, slots=True)
class LabelledPredictions:
    """A model's predictions for a set of faces, with the true labels.

    Attributes:
        probabilities: (n, labels), 0..1, uncalibrated.
        labels: (n,) int, the true label indices.
    """

    probabilities: np.ndarray
    labels: np.ndarray


def label_shares(targets: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Fraction of each label in the targets that a model learned.

    Args:
        targets: (n, labels) target probabilities; each row sums to 1.
        weights: (n,) sample weights; None for equal weights.

    Returns:
        (labels,) float64 with sum 1.
    """
    shares = np.average(targets, axis=0, weights=weights)
    return np.asarray(shares / shares.sum(), np.float64)


def accuracy_and_recall(faces: LabelledPredictions, bias: np.ndarray) -> tuple[float, float]:
    """Accuracy and mean recall over labels, both 0..1, with a `bias` for each label."""
    logarithms = np.log(np.maximum(faces.probabilities, np.finfo(np.float32).tiny))
    right = (logarithms + bias).argmax(axis=1) == faces.labels
    counts = np.bincount(faces.labels, minlength=len(bias))
    recalls = [right[faces.labels == label].mean() for label in np.flatnonzero(counts >= FEWEST)]
    return float(right.mean()), float(np.mean(recalls)) if recalls else 0.0


def fit_bias(
    sets: Sequence[LabelledPredictions], shares: np.ndarray, aim: str
) -> tuple[float, ...]:
    """Fit the bias for each label.

    Args:
        sets: predictions for one kind of faces or several; each kind has the same weight.
        shares: (labels,) fractions in the training data, `label_shares`.
        aim: one of `AIMS`. "recall": the largest mean recall, averaged over `sets`, that costs at
            most `COST` of accuracy on each of them. "accuracy": no bias, as the model learned it.

    Returns:
        A number for each label, with mean 0, rounded to four decimal places.

    Raises:
        ValueError: `aim` is unknown.
    """
    if aim not in AIMS:
        raise ValueError(f"aim is {aim!r}, expected {' or '.join(AIMS)}")
    logarithms = np.log(np.maximum(shares, 1e-6))
    towards_rare = logarithms.mean() - logarithms
    best, highest = towards_rare * 0, -1.0
    least = [accuracy_and_recall(faces, best)[0] - COST for faces in sets]
    for strength in STRENGTHS if aim == "recall" else STRENGTHS[:1]:
        bias = strength * towards_rare
        found = [accuracy_and_recall(faces, bias) for faces in sets]
        recall = float(np.mean([each[1] for each in found]))
        allowed = all(each[0] >= low for each, low in zip(found, least, strict=True))
        if allowed and recall > highest:
            best, highest = bias, recall
    return tuple(round(float(one), 4) for one in best)
