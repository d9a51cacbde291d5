"""Labelled pictures in memory: what every reader gives and everything else takes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import DataError

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
        source: what they are of: "FER2013", or "folders" for pictures in folders.
    """

    images: np.ndarray
    labels: np.ndarray
    usage: np.ndarray
    rows: np.ndarray
    names: tuple[str, ...] = LABELS
    source: str = "FER2013"

    def split(self, name: str) -> Pictures:
        """The pictures of one split.

        Raises:
            DataError: there is no picture of that split.
        """
        chosen = self.usage == SPLITS[name]
        if not chosen.any():
            there = [split for split, usage in SPLITS.items() if (self.usage == usage).any()]
            if self.source == "folders":
                raise DataError(
                    f"the data has no folder {name}/; it has "
                    f"{', '.join(split + '/' for split in there)}"
                )
            raise DataError(
                f"the data has no row with Usage {SPLITS[name]}, which the {name} split is; "
                f"it has {', '.join(SPLITS[split] for split in there)}"
            )
        return self.take(chosen)

    def title(self, split: str) -> str:
        """What the source calls a split, e.g. "FER2013 PublicTest"."""
        return title_of(self.source, split)

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


def title_of(source: str, split: str) -> str:
    """What a `source` of pictures calls one of our splits: "FER2013 Training", "folder train/"."""
    return f"FER2013 {SPLITS[split]}" if source == "FER2013" else f"folder {split}/"
