"""Measures a model on a split of the data: what the card, the evaluate command and tests say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support

from app.inference.classifier import ExpressionClassifier, apply_calibration
from app.inference.contract import InputSpec
from app.inference.preprocess import to_batch
from app.inference.types import Box

from ..data.dataset import LABELS, SIZE, SPLITS, Pictures
from ..data.fer2013 import ferplus_eight, ferplus_majority
from ..errors import DataError, TrainingError

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
    precision, recall, f1, count = precision_recall_fscore_support(
        labels, predicted, labels=every, zero_division=0.0
    )
    # Float32 rows sum to 1 only to seven digits, which scikit-learn warns of.
    exact = probabilities.astype(np.float64)
    exact /= exact.sum(axis=1, keepdims=True)
    return {
        **share(right, len(labels)),
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

    A model that knows a part of the data's labels is measured on the pictures that have one of
    its labels, and "every_label" says what share of all pictures it is right on, where it cannot
    be on those of the other labels.

    Args:
        path: model.h5 or model.keras, contract.json beside it.
        data: all pictures that are known; duplicates are looked for in its train split.
        split: train, validation or test.
        votes: FER+'s votes of the same rows, `read_ferplus`.

    Returns:
        {"split", "measured_on", "own": measure(...)}, where the model knows a part of the labels
        also "labels_left_out" and "every_label" {n, accuracy, interval}, for validation and test
        also "without_duplicates" (without pictures that stand in the train split too), with
        `votes` also "ferplus_majority" (of the model's labels) and "ferplus_eight" {n, contempt,
        accuracy, interval}: by the protocol of `ferplus_eight`, where a picture of contempt or
        another label the model does not know counts as wrong.

    Raises:
        TrainingError: the model has a label that is none of the data's, or `votes` has other rows.
        DataError: the split is not in the data, or none of its pictures has one of the labels.
    """
    classifier = ExpressionClassifier(path)
    names = classifier.contract.labels
    chosen = data.split(split)
    if votes is not None and len(votes) <= int(chosen.rows.max()):
        raise TrainingError(
            f"the FER+ file has {len(votes):,} rows, the data {int(data.rows.max()) + 1:,}; "
            "both must be of the same original files, row by row"
        )
    unknown = [name for name in names if name not in data.names]
    if unknown:
        raise TrainingError(
            f"the model's labels are {', '.join(names)}; the data's are {', '.join(data.names)}"
        )
    known = chosen.only(names)
    if not len(known):
        raise DataError(f"no picture of the {split} split is labelled {' or '.join(names)}")
    calibration = classifier.contract.calibration
    probabilities = apply_calibration(predict_pictures(classifier, known.images), calibration)
    found: dict[str, Any] = {
        "split": split,
        "measured_on": data.title(split),
        "own": measure(probabilities, known.labels, names),
    }
    if len(known) < len(chosen):
        right = int((probabilities.argmax(axis=1) == known.labels).sum())
        found["labels_left_out"] = [name for name in data.names if name not in names]
        found["every_label"] = share(right, len(chosen))
    if split != "train":
        fresh = ~np.isin(_keys(known.images), _keys(data.images[data.usage == SPLITS["train"]]))
        if fresh.any():
            found["without_duplicates"] = measure(probabilities[fresh], known.labels[fresh], names)
    if votes is not None:
        # Those whom FER2013 labels otherwise may have a majority label that the model knows.
        every = apply_calibration(predict_pictures(classifier, chosen.images), calibration)
        majority = renumbered(ferplus_majority(votes[chosen.rows]), names)
        agreed = majority >= 0
        if agreed.any():
            found["ferplus_majority"] = measure(every[agreed], majority[agreed], names)
        found["ferplus_eight"] = _eight(every, ferplus_eight(votes[chosen.rows]), names)
    return found


def share(right: int, n: int) -> dict[str, Any]:
    """{n, accuracy, interval}: `right` of `n`, with the 95 % interval of Wilson 1927."""
    interval = binomtest(right, n).proportion_ci(0.95, method="wilson")
    return {
        "n": n,
        "accuracy": right / n,
        "interval": [float(interval.low), float(interval.high)],
    }


def _eight(probabilities: np.ndarray, labels: np.ndarray, names: tuple[str, ...]) -> dict[str, Any]:
    kept, contempt = labels >= 0, labels == len(LABELS)
    place = renumbered(np.where(contempt, -1, labels), names)
    right = int(((probabilities.argmax(axis=1) == place) & (place >= 0)).sum())
    return {"contempt": int(contempt.sum()), **share(right, int(kept.sum()))}


def as_text(found: dict[str, Any]) -> str:
    """What `measure_model` found, for people."""
    titles = {
        "own": "the data's own labels",
        "without_duplicates": "without pictures that stand in the train split too",
        "ferplus_majority": "FER+'s majority label, where there is one",
    }
    parts = []
    for key, title in titles.items():
        if key in found:
            parts += ["", f"{found['measured_on']}, {title}", *_table(found[key], key == "own")]
    if "every_label" in found:
        m = found["every_label"]
        low, high = m["interval"]
        parts += [
            "",
            f"The model does not know {', '.join(found['labels_left_out'])}. Of all "
            f"{m['n']:,} pictures, those of that label counted as wrong:",
            f"accuracy  {m['accuracy']:.2%}  (95 % interval {low:.2%} to {high:.2%})",
        ]
    if "ferplus_eight" in found:
        m = found["ferplus_eight"]
        low, high = m["interval"]
        parts += [
            "",
            f"{found['measured_on']}, FER+ by its authors' protocol (8 labels; n = {m['n']:,}, of "
            f"which {m['contempt']} contempt, always wrong here)",
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


def renumbered(labels: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """FER2013's label numbers as those of a model's `names`, -1 for what it does not know."""
    place = np.array([names.index(name) if name in names else -1 for name in LABELS])
    return np.where(labels >= 0, place[np.maximum(labels, 0)], -1)


def _keys(images: np.ndarray) -> np.ndarray:
    flat = np.ascontiguousarray(images.reshape(len(images), -1))
    return flat.view(np.dtype((np.void, flat.shape[1]))).ravel()


def _resized(images: np.ndarray, size: InputSpec) -> np.ndarray:
    whole = [Box(0, 0, SIZE, SIZE)]
    rgb = np.repeat(images[..., None], 3, axis=3)
    return np.concatenate([to_batch(image, whole, size) for image in rgb])
