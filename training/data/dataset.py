"""The data set in memory: grey images with labels and splits."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import DataError

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""FER2013's labels in the order of their numbers."""

SIZE = 48
"""Height and width of all images, in pixels."""

SPLITS = {"train": "Training", "validation": "PublicTest", "test": "PrivateTest"}
"""Name of a split -> its `Usage` in FER2013."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Images with labels and splits.

    Attributes:
        images: (n, 48, 48) uint8, grey.
        labels: (n,) int64, index into `names`.
        usage: (n,) str, a value of `SPLITS`.
        rows: (n,) int64, the row of each image in its file, from 0, without the header.
        names: names of the labels.
        source: "FER2013", or "folders" for images that were read from folders.
    """

    images: np.ndarray
    labels: np.ndarray
    usage: np.ndarray
    rows: np.ndarray
    names: tuple[str, ...] = LABELS
    source: str = "FER2013"

    def in_split(self, name: str) -> np.ndarray:
        """(n,) bool: which images belong to the split `name`."""
        return self.usage == SPLITS[name]

    def splits(self) -> list[str]:
        """Names of the splits that have images."""
        return [name for name in SPLITS if self.in_split(name).any()]

    def counts(self) -> dict[str, dict[str, int]]:
        """Number of images, {split: {label: n}}, for the splits that have images."""
        return {
            split: {
                name: int((self.in_split(split) & (self.labels == index)).sum())
                for index, name in enumerate(self.names)
            }
            for split in self.splits()
        }

    def split(self, name: str) -> Dataset:
        """The images of one split.

        Raises:
            DataError: the split has no images.
        """
        chosen = self.in_split(name)
        if not chosen.any():
            there = self.splits()
            if self.source == "folders":
                raise DataError(
                    f"the data has no folder {name}/; it has "
                    f"{', '.join(split + '/' for split in there)}"
                )
            raise DataError(
                f"the data has no row with Usage {SPLITS[name]}, the {name} split; "
                f"it has {', '.join(SPLITS[split] for split in there)}"
            )
        return self.take(chosen)

    def constant(self) -> np.ndarray:
        """(n,) bool: which images have a single grey level."""
        return self.images.min(axis=(1, 2)) == self.images.max(axis=(1, 2))

    def title(self, split: str) -> str:
        """The source's name for a split, e.g. "FER2013 PublicTest"."""
        return split_title(self.source, split)

    def take(self, index: np.ndarray) -> Dataset:
        """The images that `index` (a mask or positions) selects."""
        return replace(
            self,
            images=self.images[index],
            labels=self.labels[index],
            usage=self.usage[index],
            rows=self.rows[index],
        )

    def only(self, names: tuple[str, ...]) -> Dataset:
        """The images with one of the labels `names`, which become the labels in this order.

        Raises:
            DataError: the data has no such label.
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


def split_title(source: str, split: str) -> str:
    """The name of a split in its source: "FER2013 Training", "folder train/"."""
    return f"FER2013 {SPLITS[split]}" if source == "FER2013" else f"folder {split}/"


def image_keys(images: np.ndarray) -> np.ndarray:
    """(n,) keys of images (n, h, w) uint8; two keys are equal if all pixels are."""
    flat = np.ascontiguousarray(images.reshape(len(images), -1))
    return flat.view(np.dtype((np.void, flat.shape[1]))).ravel()
