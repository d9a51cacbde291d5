"""Generate shuffled, augmented training batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..augment import augment
from ..config import Settings
from ..data.dataset import Dataset
from .distributed import Hosts
from .prediction import to_model_input
from .targets import Target


def batches(
    data: Dataset,
    targets: list[Target],
    settings: Settings,
    shape: tuple,
    first_epoch: int,
    hosts: Hosts,
) -> Iterator[tuple[np.ndarray, tuple[np.ndarray, ...], tuple[np.ndarray, ...]]]:
    """Yield shuffled, augmented batches, epoch after epoch.

    The content of a batch depends only on seed, epoch and batch number, so that a resumed run gets
    the same batches as an uninterrupted one. (This is a generator, not a `PyDataset`: Keras asks a
    `PyDataset` for the next epoch's batches before it reports the end of the epoch.)

    Args:
        data: the training images.
        targets: what each head learns.
        settings: the run's settings.
        shape: the model's input, (height, width, channels).
        first_epoch: the epoch to begin with, from 0.
        hosts: the machines of the run; each gets its shard of every batch.

    Yields:
        Images (batch, height, width, channels) float32 in 0..255; for each target the target
        probabilities (batch, labels) float32; for each target the sample weights (batch,) float32.
    """
    for epoch in range(first_epoch, settings.epochs):
        order = np.random.default_rng((settings.seed, epoch)).permutation(len(data))
        for index in range(hosts.steps_per_epoch(len(data), settings.batch)):
            rows = order[index * settings.batch : (index + 1) * settings.batch]
            random = np.random.default_rng((settings.seed, epoch, index))
            images = data.images[rows]
            if settings.augmentation:
                images = augment(images, settings.augmentation, random)
            shard = hosts.shard(rows)
            rows = rows[shard]
            yield (
                to_model_input(images[shard], shape),
                tuple(target.probabilities[rows] for target in targets),
                tuple(target.weights[rows] for target in targets),
            )
