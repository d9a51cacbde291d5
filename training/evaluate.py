"""Measures a model on a split of FER2013: what the card, the evaluate command and tests say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support

from app.inference.classifier import ExpressionClassifier, apply_temperature
from app.inference.contract import InputSpec
from app.inference.preprocess import to_batch
from app.inference.types import Box

from .errors import TrainingError
from .fer2013 import ferplus_eight, ferplus_majority
from .pictures import LABELS, SIZE, Pictures

ECE_BINS = 15


def measure(
    probabilities: np.ndarray, labels: np.ndarray, names: tuple[str, ...]
) -> dict[str, Any]:
    """Everything that is said of predictions.

    Args:
        probabilities: (n, len(names)), 0..1, rows sum to 1.
        labels: (n,) int, the right ones.
        names: the labels' names.

    Returns:
        n, accuracy and its 95 % interval (Wilson 1927), macro_f1, log_loss (nats), ece (see
        `expected_calibration_error`), reliability (`reliability`), per_label {precision, recall,
        f1, n}, confusion (rows are the right label, columns the predicted one).
    """
    every = np.arange(len(names))
    predicted = probabilities.argmax(axis=1)
    right = int((predicted == labels).sum())
    interval = binomtest(right, len(labels)).proportion_ci(0.95, method="wilson")
    precision, recall, f1, count = precision_recall_fscore_support(
        labels, predicted, labels=every, zero_division=0.0
    )
    # Float32 rows sum to 1 only to seven digits, which scikit-learn warns of.
    exact = probabilities.astype(np.float64)
    exact /= exact.sum(axis=1, keepdims=True)
    return {
        "n": len(labels),
        "accuracy": right / len(labels),
        "interval": [float(interval.low), float(interval.high)],
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
    """Mean gap between best score and accuracy over 15 equal bins of the score, weighted by how
    many pictures each holds (Naeini et al. 2015); 0..1."""
    rows = reliability(probabilities, labels)
    return sum(abs(row["score"] - row["accuracy"]) * row["n"] for row in rows) / len(labels)


def reliability(probabilities: np.ndarray, labels: np.ndarray) -> list[dict[str, float]]:
    """How often predictions of about the same score are right (Guo et al. 2017, figure 1).

    Returns:
        For each of 15 equal bins of the best score that holds a picture, from the lowest: its
        mean "score", "accuracy", both 0..1, and "n".
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


def predict_pictures(classifier: ExpressionClassifier, images: np.ndarray) -> np.ndarray:
    """Uncalibrated probabilities for (n, 48, 48) uint8 grey pictures, each the whole crop.

    Returns:
        (n, labels) float32.

    Raises:
        TrainingError: the model's input is not the size of the pictures.
    """
    size = classifier.contract.input
    if (size.height, size.width) == (SIZE, SIZE):
        batch = np.repeat(images[..., None], size.channels, axis=3).astype(np.float32)
    else:
        batch = _resized(images, size)
    parts = [classifier.predict_uncalibrated(batch[i : i + 256]) for i in range(0, len(batch), 256)]
    return np.concatenate(parts)


def measure_model(
    path: Path, data: Pictures, split: str, votes: np.ndarray | None = None
) -> dict[str, Any]:
    """Measure a model file on one split.

    Args:
        path: model.h5 or model.keras, contract.json beside it.
        data: all rows that are known; duplicates are looked for in its train split.
        split: train, validation or test.
        votes: FER+'s votes of the same rows, `read_ferplus`.

    Returns:
        {"split", "own": measure(...)}, for validation and test also "without_duplicates" (without
        pictures that stand in the train split too), with `votes` also "ferplus_majority" and
        "ferplus_eight" {n, contempt, accuracy, interval}: by the protocol of `ferplus_eight`,
        where a picture of contempt, which our models do not know, counts as wrong.

    Raises:
        TrainingError: the model's labels are not FER2013's, or `votes` has other rows.
        DataError: the split is not in the data.
    """
    classifier = ExpressionClassifier(path)
    names = classifier.contract.labels
    chosen = data.split(split)
    if votes is not None and len(votes) <= int(chosen.rows.max()):
        raise TrainingError(
            f"the FER+ file has {len(votes):,} rows, the data {int(data.rows.max()) + 1:,}; "
            "both must be of the same original files, row by row"
        )
    own = predict_pictures(classifier, chosen.images)
    probabilities = apply_temperature(own, classifier.contract.calibration.temperature)
    labels = _in_order_of(names, chosen.labels)
    found: dict[str, Any] = {"split": split, "own": measure(probabilities, labels, names)}
    if split != "train":
        fresh = ~np.isin(_keys(chosen.images), _keys(data.images[data.usage == "Training"]))
        found["without_duplicates"] = measure(probabilities[fresh], labels[fresh], names)
    if votes is not None:
        majority = ferplus_majority(votes[chosen.rows])
        agreed = majority >= 0
        found["ferplus_majority"] = measure(
            probabilities[agreed], _in_order_of(names, majority[agreed]), names
        )
        found["ferplus_eight"] = _eight(probabilities, ferplus_eight(votes[chosen.rows]), names)
    return found


def _eight(probabilities: np.ndarray, labels: np.ndarray, names: tuple[str, ...]) -> dict[str, Any]:
    kept, contempt = labels >= 0, labels == len(LABELS)
    ours = kept & ~contempt
    right = int((probabilities[ours].argmax(1) == _in_order_of(names, labels[ours])).sum())
    n = int(kept.sum())
    interval = binomtest(right, n).proportion_ci(0.95, method="wilson")
    return {
        "n": n,
        "contempt": int(contempt.sum()),
        "accuracy": right / n,
        "interval": [float(interval.low), float(interval.high)],
    }


def as_text(found: dict[str, Any]) -> str:
    """What `measure_model` found, for people."""
    titles = {
        "own": "FER2013's own labels",
        "without_duplicates": "without pictures that stand in the train split too",
        "ferplus_majority": "FER+'s majority label, where there is one",
    }
    parts = []
    for key, title in titles.items():
        if key in found:
            parts += ["", f"{found['split']}, {title}", *_table(found[key], key == "own")]
    if "ferplus_eight" in found:
        m = found["ferplus_eight"]
        low, high = m["interval"]
        parts += [
            "",
            f"{found['split']}, FER+ by its authors' protocol (8 labels; n = {m['n']:,}, of which "
            f"{m['contempt']} contempt, always wrong here)",
            f"accuracy  {m['accuracy']:.2%}  (95 % interval {low:.2%} to {high:.2%})",
        ]
    return "\n".join(parts[1:])


def _table(m: dict[str, Any], with_confusion: bool) -> list[str]:
    low, high = m["interval"]
    lines = [
        f"accuracy  {m['accuracy']:.2%}  (95 % interval {low:.2%} to {high:.2%}, n = {m['n']:,})",
        f"macro F1  {m['macro_f1']:.4f}   log loss  {m['log_loss']:.4f}   ECE  {m['ece']:.4f}",
        f"{'':10}{'precision':>10}{'recall':>8}{'F1':>8}{'n':>7}",
    ]
    for name, row in m["per_label"].items():
        lines.append(
            f"{name:10}{row['precision']:10.3f}{row['recall']:8.3f}{row['f1']:8.3f}{row['n']:7,}"
        )
    if with_confusion:
        names = list(m["per_label"])
        lines.append("confusion (rows: the right label, columns: the predicted one)")
        lines.append(" " * 10 + "".join(f"{name:>10}" for name in names))
        for name, row in zip(names, m["confusion"], strict=True):
            lines.append(f"{name:10}" + "".join(f"{value:10,}" for value in row))
    return lines


def _in_order_of(names: tuple[str, ...], labels: np.ndarray) -> np.ndarray:
    missing = [name for name in LABELS if name not in names]
    if missing or len(names) != len(LABELS):
        raise TrainingError(
            f"the model's labels are {', '.join(names)}; FER2013's {', '.join(LABELS)} are expected"
        )
    order = np.array([names.index(name) for name in LABELS])
    return order[labels]


def _keys(images: np.ndarray) -> np.ndarray:
    flat = np.ascontiguousarray(images.reshape(len(images), -1))
    return flat.view(np.dtype((np.void, flat.shape[1]))).ravel()


def _resized(images: np.ndarray, size: InputSpec) -> np.ndarray:
    whole = [Box(0, 0, SIZE, SIZE)]
    rgb = np.repeat(images[..., None], 3, axis=3)
    return np.concatenate([to_batch(image, whole, size) for image in rgb])
