"""Add labelled faces of other kinds, such as news photos and films, to what a run learns from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..data.dataset import LABELS, Dataset
from ..data.faces_file import Faces
from ..errors import TrainingError
from .distillation import SoftLabels
from .targets import Target

SMOOTHING = 0.05
"""Label smoothing of the faces: each has the label of one annotator, who may be wrong."""

WEIGHT = 0.8
"""Sample weight of a face. That of an image with FER+'s votes is 0.87 on average."""


def add_faces(
    training: Dataset,
    targets: list[Target],
    faces: Faces,
    repeat: int,
    soft: SoftLabels | None = None,
    soft_weight: float = 0.0,
) -> tuple[Dataset, list[Target]]:
    """Append `faces`, each `repeat` times, to the training images and to their targets.

    The last target learns them. If there are two, that is ferplus: like FER+'s votes, the labels
    say what a person sees in a face. For the first, the faces have a sample weight of 0.

    Args:
        training: the images that the run learns from.
        targets: their targets, with the teachers' predictions if there are any.
        faces: faces of the train split.
        repeat: how many times each face is shown in an epoch, at least 1.
        soft: the teachers' predictions; None without teachers.
        soft_weight: the fraction, 0..1, of the predictions in the targets of the faces.

    Returns:
        The images, the appended ones with row -1, and the targets.

    Raises:
        TrainingError: the run learns other labels than FER2013's, or the teachers did not predict
            these faces.
    """
    if training.names != LABELS:
        raise TrainingError(
            f"the faces have the labels {', '.join(LABELS)}; this run learns "
            f"{', '.join(training.names)}"
        )
    times = np.tile(np.arange(len(faces.labels)), repeat)
    learned = np.eye(len(LABELS), dtype=np.float32)[faces.labels]
    learned = (1 - SMOOTHING) * learned + SMOOTHING / len(LABELS)
    *others, last = targets
    if soft is not None:
        predicted = soft.faces.get(last.name)
        if predicted is None or len(predicted) != len(learned):
            raise TrainingError(
                "the soft labels have no predictions of these faces; make them again with --faces"
            )
        predicted = predicted / predicted.sum(axis=1, keepdims=True)
        learned = (1 - soft_weight) * learned + soft_weight * predicted
    together = replace(
        training,
        images=np.concatenate([training.images, faces.images[times]]),
        labels=np.concatenate([training.labels, faces.labels[times]]),
        usage=np.concatenate([training.usage, np.repeat(training.usage[:1], len(times))]),
        rows=np.concatenate([training.rows, np.full(len(times), -1)]),
    )
    return together, [
        *(_extended(target, learned[times], 0.0) for target in others),
        _extended(last, learned[times], WEIGHT),
    ]


def _extended(target: Target, probabilities: np.ndarray, weight: float) -> Target:
    weights = np.full(len(probabilities), weight, np.float32)
    return replace(
        target,
        probabilities=np.concatenate([target.probabilities, probabilities]).astype(np.float32),
        weights=np.concatenate([target.weights, weights]),
    )
