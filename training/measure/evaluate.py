"""Evaluate a model file on one split of the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from app.inference.classifier import ExpressionClassifier, apply_calibration
from app.inference.contract import InputSpec
from app.inference.preprocess import to_batch
from app.inference.types import Box

from ..data.dataset import LABELS, SIZE, Dataset, image_keys
from ..data.fer2013 import check_votes, ferplus_eight, ferplus_majority
from ..data.label_names import fer2013_label, same_labels
from ..errors import DataError, TrainingError
from .metrics import accuracy_of, measure


def predict_images(classifier: ExpressionClassifier, images: np.ndarray) -> np.ndarray:
    """Predict uncalibrated probabilities (n, labels) float32, 0..1.

    Args:
        classifier: the model.
        images: (n, 48, 48) uint8, grey; each is the whole crop of a face. They are resized if the
            model's input has another size.
    """
    size = classifier.contract.input
    if (size.height, size.width) == (SIZE, SIZE):
        batch = np.repeat(images[..., None], size.channels, axis=3).astype(np.float32)
    else:
        batch = _resized(images, size)
    parts = [classifier.predict_uncalibrated(batch[i : i + 256]) for i in range(0, len(batch), 256)]
    return np.concatenate(parts)


def predict_scores(classifier: ExpressionClassifier, images: np.ndarray) -> np.ndarray:
    """Predict calibrated scores (n, labels) float64, 0..1, whose best label is the answer.

    Arguments as of `predict_images`. The biases of the calibration can change the best label.
    """
    return apply_calibration(predict_images(classifier, images), classifier.contract.calibration)


def measure_model(
    path: Path, data: Dataset, split: str, votes: np.ndarray | None = None
) -> dict[str, Any]:
    """Evaluate a model file on one split.

    A model that knows only some of the data's labels is evaluated on the images with these labels.
    "every_label" is then its accuracy on all images, those of other labels counted as wrong. Other
    names of the same expression (Angry, anger) are the same label.

    Args:
        path: model.h5 or model.keras, beside its contract.json.
        data: all images; duplicates are searched for in its train split.
        split: "train", "validation" or "test".
        votes: FER+'s votes of the same rows, `read_ferplus`.

    Returns:
        "split"; "measured_on" (name of the split); "own": metrics (`measure`) by the data's own
        labels. If the model does not know all labels, also "labels_left_out" and "every_label"
        {n, accuracy, interval}. For validation and test also "without_duplicates": metrics without
        images that are also in the train split. With `votes` also "ferplus_majority": metrics by
        FER+'s majority label, and "ferplus_eight" {n, contempt, accuracy, interval} by the
        protocol of `ferplus_eight`; contempt and other unknown labels count as wrong.

    Raises:
        TrainingError: the data lacks a label of the model, or `votes` has too few rows.
        DataError: the split is missing, or none of its images has a label of the model.
    """
    classifier = ExpressionClassifier(path)
    names = classifier.contract.labels
    data = same_labels(data, names)
    chosen = data.split(split)
    if votes is not None:
        check_votes(votes, chosen.rows)
    unknown = [name for name in names if name not in data.names]
    if unknown:
        raise TrainingError(
            f"the model's labels are {', '.join(names)}; the data's are {', '.join(data.names)}"
        )
    known = chosen.only(names)
    if not len(known):
        raise DataError(f"no image of the {split} split has the label {' or '.join(names)}")
    probabilities = predict_scores(classifier, known.images)
    result: dict[str, Any] = {
        "split": split,
        "measured_on": data.title(split),
        "own": measure(probabilities, known.labels, names),
    }
    if len(known) < len(chosen):
        right = int((probabilities.argmax(axis=1) == known.labels).sum())
        result["labels_left_out"] = [name for name in data.names if name not in names]
        result["every_label"] = accuracy_of(right, len(chosen))
    if split != "train":
        fresh = ~np.isin(image_keys(known.images), image_keys(data.images[data.in_split("train")]))
        if fresh.any():
            result["without_duplicates"] = measure(probabilities[fresh], known.labels[fresh], names)
    if votes is not None:
        # Images with a label that the model does not know may have a majority label that it knows.
        every = predict_scores(classifier, chosen.images)
        majority = to_model_labels(ferplus_majority(votes[chosen.rows]), names)
        agreed = majority >= 0
        if agreed.any():
            result["ferplus_majority"] = measure(every[agreed], majority[agreed], names)
        result["ferplus_eight"] = _ferplus_accuracy(every, ferplus_eight(votes[chosen.rows]), names)
    return result


def _ferplus_accuracy(
    probabilities: np.ndarray, labels: np.ndarray, names: tuple[str, ...]
) -> dict[str, Any]:
    kept, contempt = labels >= 0, labels == len(LABELS)
    place = to_model_labels(np.where(contempt, -1, labels), names)
    right = int(((probabilities.argmax(axis=1) == place) & (place >= 0)).sum())
    return {"contempt": int(contempt.sum()), **accuracy_of(right, int(kept.sum()))}


def to_model_labels(
    labels: np.ndarray, names: tuple[str, ...], data_names: tuple[str, ...] = LABELS
) -> np.ndarray:
    """Convert label indices of the data to those of a model.

    Args:
        labels: (n,) int, index into `data_names`, -1 for no label.
        names: the model's labels.
        data_names: the data's labels.

    Returns:
        (n,) int, index into `names`, -1 for no label and for labels that the model lacks.
    """
    known = [fer2013_label(name) for name in names]
    place = np.array(
        [
            known.index(name) if name in known else -1
            for name in (fer2013_label(one) for one in data_names)
        ]
    )
    return np.where(labels >= 0, place[np.maximum(labels, 0)], -1)


def _resized(images: np.ndarray, size: InputSpec) -> np.ndarray:
    whole = [Box(0, 0, SIZE, SIZE)]
    rgb = np.repeat(images[..., None], 3, axis=3)
    return np.concatenate([to_batch(image, whole, size) for image in rgb])
