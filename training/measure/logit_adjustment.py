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
"""What a calibration may aim at: the most faces right, or the largest mean recall over labels."""

COST = 0.015
"""The most accuracy, 0..1, that a larger mean recall may cost."""

STRENGTHS = np.linspace(0, 1, 41)

FEWEST = 10
"""A label with fewer faces has no recall that could be relied on: it does not count in the mean."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A set of faces to fit on.

    Attributes:
        probabilities: (n, labels) the model's own, 0..1.
        labels: (n,) int, the right label of each.
    """

    probabilities: np.ndarray
    labels: np.ndarray


def label_shares(targets: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Share of each label in what a model learned.

    Args:
        targets: (n, labels), each row sums to 1.
        weights: (n,), how much each row counts; None for all the same.

    Returns:
        (labels,) float64, sums to 1.
    """
    shares = np.average(targets, axis=0, weights=weights)
    return np.asarray(shares / shares.sum(), np.float64)


def accuracy_and_recall(faces: Judged, bias: np.ndarray) -> tuple[float, float]:
    """Share of faces whose best label is right, and the mean recall over labels, with `bias`."""
    logarithms = np.log(np.maximum(faces.probabilities, np.finfo(np.float32).tiny))
    right = (logarithms + bias).argmax(axis=1) == faces.labels
    counts = np.bincount(faces.labels, minlength=len(bias))
    recalls = [right[faces.labels == label].mean() for label in np.flatnonzero(counts >= FEWEST)]
    return float(right.mean()), float(np.mean(recalls)) if recalls else 0.0


def fit_bias(sets: Sequence[Judged], shares: np.ndarray, aim: str) -> tuple[float, ...]:
    """The bias for each label that serves `aim` best.

    Args:
        sets: faces to fit on, of one kind or several; each kind counts the same.
        shares: (labels,) of the training data, `label_shares`.
        aim: one of `AIMS`. "recall": the largest mean recall that costs at most `COST` of
            accuracy, both as means over `sets`. "accuracy": no bias, since the model learned so.

    Returns:
        A number for each label, their mean 0, rounded to four places.
    """
    if aim not in AIMS:
        raise ValueError(f"aim is {aim!r}, expected {' or '.join(AIMS)}")
    logarithms = np.log(np.maximum(shares, 1e-6))
    towards_rare = logarithms.mean() - logarithms
    best, highest = towards_rare * 0, -1.0
    least = np.mean([accuracy_and_recall(faces, best)[0] for faces in sets]) - COST
    for strength in STRENGTHS if aim == "recall" else STRENGTHS[:1]:
        bias = strength * towards_rare
        accuracy, recall = np.mean([accuracy_and_recall(faces, bias) for faces in sets], axis=0)
        if accuracy >= least and recall > highest:
            best, highest = bias, recall
    return tuple(round(float(one), 4) for one in best)
