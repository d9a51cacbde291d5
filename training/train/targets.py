"""What a network learns and is judged by: FER2013's own labels, FER+'s votes, or both at once.

The two disagree on a third of the pictures, so a network has a head for each: one trunk learns
what both need, and each head becomes a model of its own (Caruana 1997, "Multitask Learning").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..data.dataset import LABELS, Pictures
from ..data.fer2013 import ferplus_majority
from ..errors import TrainingError


@dataclass(frozen=True, slots=True)
class Target:
    """What one head learns and is judged by.

    Attributes:
        name: one of settings' `TARGETS`.
        train: (n, labels) float32: what each training picture should give; rows sum to 1.
        weights: (n,) float32, 0 or more: how much each training picture counts.
        judge: (m,) int64: index of each validation picture's label, -1 where it is not judged.
        smoothing: label smoothing, 0..1, for the loss (Szegedy et al. 2016).
    """

    name: str
    train: np.ndarray
    weights: np.ndarray
    judge: np.ndarray
    smoothing: float

    def accuracy(self, probabilities: np.ndarray) -> float:
        """Share of the judged validation pictures whose best label is right, 0..1."""
        known = self.judge >= 0
        return float((probabilities.argmax(1) == self.judge)[known].mean())

    def log_loss(self, probabilities: np.ndarray) -> float:
        """Mean log loss of the judged validation pictures, in nats."""
        known = np.flatnonzero(self.judge >= 0)
        chosen = probabilities[known, self.judge[known]]
        return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def make_targets(
    names: tuple[str, ...],
    training: Pictures,
    validation: Pictures,
    votes: np.ndarray | None,
    label_smoothing: float,
    balance: float = 0.0,
) -> list[Target]:
    """The targets of `names`, in their order.

    Args:
        names: of settings' `TARGETS`.
        training, validation: the two splits.
        votes: FER+'s votes, `read_ferplus`, a row for each row of the file the splits are of.
        label_smoothing: for FER2013's labels; FER+'s votes are soft by themselves.
        balance: of FER2013's labels alone, as of `balanced`.

    Raises:
        TrainingError: FER+ is wanted and `votes` are not given, have too few rows, or have no
            majority on any validation picture, or the pictures' labels are not FER2013's seven.
    """
    found = []
    for name in names:
        if name == "fer2013":
            one_hot = np.eye(len(training.names), dtype=np.float32)[training.labels]
            weights = balanced(training.labels, balance)
            found.append(Target(name, one_hot, weights, validation.labels, label_smoothing))
            continue
        if votes is None:
            raise TrainingError("the target ferplus needs FER+'s votes: give --ferplus FILE")
        if training.names != LABELS:
            raise TrainingError(
                f"the target ferplus has the labels {', '.join(LABELS)}; this run learns "
                f"{', '.join(training.names)}"
            )
        last = int(max(training.rows.max(), validation.rows.max()))
        if len(votes) <= last:
            raise TrainingError(
                f"the FER+ file has {len(votes):,} rows, the data {last + 1:,}; "
                "both must be of the same original files, row by row"
            )
        judge = ferplus_majority(votes[validation.rows])
        if not (judge >= 0).any():
            raise TrainingError("FER+ has no majority label on any picture of the validation split")
        found.append(Target(name, *soft_labels(votes[training.rows]), judge, 0.0))
    return found


def balanced(labels: np.ndarray, balance: float) -> np.ndarray:
    """Weights that make rare labels count for more.

    Args:
        labels: (n,) int, the index of each picture's label.
        balance: 0: all pictures count the same; 1: all labels do; between, a picture's weight is
            that of 1 to this power.

    Returns:
        (n,) float32, their mean 1.
    """
    counts = np.bincount(labels)
    weights = counts[labels] ** -float(balance)
    return (weights / weights.mean()).astype(np.float32)


def soft_labels(votes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """FER+'s votes as targets.

    A label that only one of the ten people chose is an outlier and is dropped (Barsoum et al.
    2016). A picture that few could place among our labels weighs less, one that nobody could
    weighs nothing.

    Args:
        votes: (n, 10) counts, `read_ferplus`.

    Returns:
        (n, labels) float32, rows sum to 1, and (n,) float32 weights: the share of the ten votes
        that is left. Rows and weights apart, since TensorFlow's cross-entropy has a wrong
        gradient where a row does not sum to 1.
    """
    ours = votes[:, : len(LABELS)]
    counts = np.where(ours > 1, ours, 0).astype(np.float32)
    total = counts.sum(axis=1, keepdims=True)
    rows = np.where(total > 0, counts / np.maximum(total, 1), np.float32(1 / len(LABELS)))
    return rows.astype(np.float32), total[:, 0] / 10
