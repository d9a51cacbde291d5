"""Metrics of classifier predictions: accuracy, F1, log loss, calibration error, confusion."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support

ECE_BINS = 15


def measure(
    probabilities: np.ndarray, labels: np.ndarray, names: tuple[str, ...]
) -> dict[str, Any]:
    """Compute all metrics of a set of predictions.

    Args:
        probabilities: (n, len(names)), 0..1, rows sum to 1.
        labels: (n,) int, the true label indices.
        names: names of the labels.

    Returns:
        n, accuracy and its 95 % interval (Wilson 1927), macro_f1, log_loss (nats), ece
        (`expected_calibration_error`), reliability (`reliability`), per_label {name: {precision,
        recall, f1, n}}, confusion (rows: true label, columns: predicted label).
    """
    every = np.arange(len(names))
    predicted = probabilities.argmax(axis=1)
    right = int((predicted == labels).sum())
    precision, recall, f1, count = precision_recall_fscore_support(
        labels, predicted, labels=every, zero_division=0.0
    )
    # Float32 rows sum to 1 only to seven digits; scikit-learn warns about that.
    exact = probabilities.astype(np.float64)
    exact /= exact.sum(axis=1, keepdims=True)
    return {
        **accuracy_of(right, len(labels)),
        "macro_f1": float(f1.mean()),
        "log_loss": float(log_loss(labels, exact, labels=every)),
        "ece": expected_calibration_error(exact, labels),
        "reliability": reliability(exact, labels),
        "per_label": {
            name: {
                "precision": float(precision[i]),
                "recall": float(recall[i]),
                "f1": float(f1[i]),
                "n": int(count[i]),
            }
            for i, name in enumerate(names)
        },
        "confusion": confusion_matrix(labels, predicted, labels=every).tolist(),
    }


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Expected calibration error (ECE), 0..1 (Naeini et al. 2015).

    The mean difference between best score and accuracy in 15 equal bins of the score, weighted by
    the number of images in each bin.
    """
    rows = reliability(probabilities, labels)
    return sum(abs(row["score"] - row["accuracy"]) * row["n"] for row in rows) / len(labels)


def reliability(probabilities: np.ndarray, labels: np.ndarray) -> list[dict[str, float]]:
    """Accuracy by score, for a reliability diagram (Guo et al. 2017, figure 1).

    Returns:
        For each non-empty one of 15 equal bins of the best score, from the lowest: the mean
        "score" and the "accuracy", both 0..1, and the number of images "n".
    """
    score = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((score * ECE_BINS).astype(int), ECE_BINS - 1)
    chosen = [bins == index for index in np.unique(bins)]
    return [
        {
            "score": float(score[rows].mean()),
            "accuracy": float(right[rows].mean()),
            "n": int(rows.sum()),
        }
        for rows in chosen
    ]


def wilson_interval(share: float, n: int) -> list[float]:
    """The 95 % interval of a share of `n`, which may be a mean of shares (Wilson 1927)."""
    z = 1.959964
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return [float(max(0.0, middle - half)), float(min(1.0, middle + half))]


def accuracy_of(right: int, n: int) -> dict[str, Any]:
    """{n, accuracy, interval} of `right` in `n` predictions; Wilson's 95 % interval (1927)."""
    interval = binomtest(right, n).proportion_ci(0.95, method="wilson")
    return {
        "n": n,
        "accuracy": right / n,
        "interval": [float(interval.low), float(interval.high)],
    }
