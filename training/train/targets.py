"""Make the targets of a run: FER2013's labels, FER+'s votes, or both.

The two disagree on a third of the images. A network that learns both has one head for each on a
shared trunk, and each head becomes a model of its own (Caruana 1997, "Multitask Learning").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..data.dataset import LABELS, Dataset
from ..data.fer2013 import check_votes, ferplus_majority
from ..errors import TrainingError


@dataclass(frozen=True, slots=True)
class Target:
    """What one head learns and is evaluated against.

    Attributes:
        name: one of `config.TARGETS`.
        probabilities: (n, labels) float32, the target probabilities of each training image; rows
            sum to 1.
        weights: (n,) float32, at least 0, the sample weight of each training image.
        validation_labels: (m,) int64, the label index of each validation image; -1 for an image
            without a label, which is not evaluated.
        smoothing: label smoothing of the loss, 0..1 (Szegedy et al. 2016).
    """

    name: str
    probabilities: np.ndarray
    weights: np.ndarray
    validation_labels: np.ndarray
    smoothing: float

    def accuracy(self, probabilities: np.ndarray) -> float:
        """Accuracy on the labelled validation images, 0..1."""
        labelled = self.validation_labels >= 0
        return float((probabilities.argmax(1) == self.validation_labels)[labelled].mean())

    def log_loss(self, probabilities: np.ndarray) -> float:
        """Mean log loss on the labelled validation images, in nats."""
        labelled = np.flatnonzero(self.validation_labels >= 0)
        chosen = probabilities[labelled, self.validation_labels[labelled]]
        return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def make_targets(
    names: tuple[str, ...],
    training: Dataset,
    validation: Dataset,
    votes: np.ndarray | None,
    label_smoothing: float,
    balance: float = 0.0,
) -> list[Target]:
    """Make the targets of `names`, in their order.

    Args:
        names: names from `config.TARGETS`.
        training: the images to learn from.
        validation: the images to evaluate on.
        votes: FER+'s votes, `read_ferplus`, one row for each row of the data file.
        label_smoothing: label smoothing of FER2013's labels; FER+'s votes are soft labels already.
        balance: class balancing of FER2013's labels, `balancing_weights`.

    Raises:
        TrainingError: for the target ferplus, `votes` are missing, have too few rows, or have no
            majority label on any validation image; or the labels are not FER2013's seven.
    """
    targets = []
    for name in names:
        if name == "fer2013":
            one_hot = np.eye(len(training.names), dtype=np.float32)[training.labels]
            weights = balancing_weights(training.labels, balance)
            targets.append(Target(name, one_hot, weights, validation.labels, label_smoothing))
            continue
        if votes is None:
            raise TrainingError("the target ferplus needs FER+'s votes: give --ferplus FILE")
        if training.names != LABELS:
            raise TrainingError(
                f"the target ferplus has the labels {', '.join(LABELS)}; this run learns "
                f"{', '.join(training.names)}"
            )
        check_votes(votes, training.rows, validation.rows)
        majority = ferplus_majority(votes[validation.rows])
        if not (majority >= 0).any():
            raise TrainingError("FER+ has no majority label for any image of the validation split")
        targets.append(Target(name, *vote_distribution(votes[training.rows]), majority, 0.0))
    return targets


def balancing_weights(labels: np.ndarray, balance: float) -> np.ndarray:
    """Sample weights that give rare labels more weight.

    Args:
        labels: (n,) int, the label index of each image.
        balance: the weight of an image is 1 / (number of images of its label) to this power: with
            0 all images have the same weight, with 1 all labels have the same total weight.

    Returns:
        (n,) float32 weights with mean 1.
    """
    counts = np.bincount(labels)
    weights = counts[labels] ** -float(balance)
    return (weights / weights.mean()).astype(np.float32)


def vote_distribution(votes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Convert FER+'s votes to target probabilities and sample weights.

    A label that only one of the ten annotators chose is an outlier and is dropped (Barsoum et al.
    2016). The weight of an image is the fraction of the ten votes that is left for our labels.

    Args:
        votes: (n, 10) counts, `read_ferplus`.

    Returns:
        (n, labels) float32 probabilities whose rows sum to 1, and (n,) float32 weights, 0..1. The
        two are separate because TensorFlow's cross-entropy has a wrong gradient for rows that do
        not sum to 1.
    """
    ours = votes[:, : len(LABELS)]
    counts = np.where(ours > 1, ours, 0).astype(np.float32)
    total = counts.sum(axis=1, keepdims=True)
    rows = np.where(total > 0, counts / np.maximum(total, 1), np.float32(1 / len(LABELS)))
    return rows.astype(np.float32), total[:, 0] / 10
