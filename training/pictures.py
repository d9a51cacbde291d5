"""Labelled pictures in memory: what every reader gives and everything else takes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .errors import DataError

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""FER2013's labels in the order of its numbers."""

SIZE = 48
"""Height and width of all pictures, in pixels."""

SPLITS = {"train": "Training", "validation": "PublicTest", "test": "PrivateTest"}
"""Our names of the splits -> FER2013's `Usage`."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Labelled pictures.

    Attributes:
        images: (n, 48, 48) uint8, grey.
        labels: (n,) int64, index into `names`.
        usage: (n,) str, one of `SPLITS`' values.
        rows: (n,) int64, each picture's row in the file they are of, from 0, the header not
            counted.
        names: the labels' names.
    """

    images: np.ndarray
    labels: np.ndarray
    usage: np.ndarray
    rows: np.ndarray
    names: tuple[str, ...] = LABELS

    def split(self, name: str) -> Pictures:
        """The pictures of one split.

        Raises:
            DataError: there is no picture of that split.
        """
        chosen = self.usage == SPLITS[name]
        if not chosen.any():
            raise DataError(
                f"the data has no row with Usage {SPLITS[name]}, which the {name} split is; "
                f"it has {', '.join(sorted(set(self.usage.tolist())))}"
            )
        return self.take(chosen)

    def take(self, index: np.ndarray) -> Pictures:
        """The pictures `index` (a mask or positions) chooses."""
        return replace(
            self,
            images=self.images[index],
            labels=self.labels[index],
            usage=self.usage[index],
            rows=self.rows[index],
        )

    def only(self, names: tuple[str, ...]) -> Pictures:
        """The pictures that have one of `names`, which become the labels in this order.

        Raises:
            DataError: one of `names` is no label of these pictures.
        """
        unknown = [name for name in names if name not in self.names]
        if unknown:
            raise DataError(
                f"the data has no label {', '.join(unknown)}; its labels are "
                f"{', '.join(self.names)}"
            )
        place = np.full(len(self.names), -1)
        for index, name in enumerate(names):
            place[self.names.index(name)] = index
        labels = place[self.labels]
        return replace(self, labels=labels, names=names).take(labels >= 0)

    def __len__(self) -> int:
        return len(self.labels)
