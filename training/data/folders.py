"""Read labelled images from folders, and export FER2013 into such folders.

    DIR/train/LABEL/*.png             or, without splits:    DIR/LABEL/*.png
    DIR/validation/LABEL/*.png
    DIR/test/LABEL/*.png

The splits may have other names (SPLIT_NAMES), in any case, and may be in a folder `images`. Without
`validation`, a fifth of the training images of each label becomes the validation split. The name of
a folder is the label.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from app.inference.contract import InputSpec
from app.inference.errors import ImageError
from app.inference.images import ImageLimits, decode
from app.inference.preprocess import to_input
from app.inference.types import Box

from ..errors import DataError
from .dataset import SIZE, SPLITS, Dataset
from .fer2013 import VALIDATION_SHARE
from .label_names import in_fer2013_order

SPLIT_NAMES = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "publictest"), "validation"),
    **dict.fromkeys(("test", "testing", "privatetest"), "test"),
}
"""Name of a folder in lower case -> the split."""
WRAPPERS = ("images", "data", "dataset")
"""Folders that only hold the splits."""
SAID_FILES = 5
"""How many of the files that are left out are named."""

LIMITS = ImageLimits(max_bytes=64 * 2**20, max_pixels=100_000_000)


def read_folders(root: Path, seed: int = 0) -> Dataset:
    """Read images from folders of labels; see the module's docstring for the layout.

    Each image is converted to grey and resampled to 48x48 by area averaging, as the site does with
    a face; an image that is not square is cropped to the central square. Files and folders whose
    name begins with a dot are ignored. Files beside the folders, and files that are no readable
    images, are left out; one line on stderr names the first of them.

    Args:
        root: the folder.
        seed: seed of the random choice of validation images, if there is no such folder.

    Returns:
        The data; labels are in FER2013's order if all are FER2013's, else in alphabetical order;
        rows number the files in the order of their paths.

    Raises:
        DataError: `root` is not a folder or has no labels, a label has no images or is missing in
            a split, or none of its files is an image; the message names it.
    """
    if not root.is_dir():
        raise DataError(f"{root}: not a folder" if root.exists() else f"{root}: no such folder")
    root = _unwrapped(root)
    splits = _splits(root)
    left_out: list[str] = []
    if splits:
        others = [path.name for path in _folders(root) if path not in splits.values()]
        if others:
            raise DataError(
                f"{root}: {others[0]}/ is beside {min(splits.values()).name}/; expected either "
                f"folders of labels, or {', '.join(SPLITS)} with folders of labels in them"
            )
    else:
        splits = {"train": root}
    first = next(iter(splits.values()))
    names = _labels(first, left_out)
    for folder in splits.values():
        unknown = sorted(set(_labels(folder, left_out)) - set(names))
        if unknown:
            raise DataError(
                f"{folder}: unknown label {unknown[0]}; the labels of "
                f"{first} are {', '.join(names)}"
            )
    images: list[np.ndarray] = []
    labels, usage = [], []
    for split, folder in splits.items():
        for index, name in enumerate(names):
            if not (folder / name).is_dir():
                raise DataError(f"{folder}: no folder of the label {name}")
            before = len(images)
            for path in _files(folder / name):
                try:
                    images.append(_read(path))
                except DataError as error:
                    left_out.append(str(error))
                    continue
                labels.append(index)
                usage.append(SPLITS[split])
            if len(images) == before:
                raise DataError(f"{folder / name}: no file is an image; {left_out[-1]}")
    _say_left_out(root, left_out)
    data = Dataset(
        np.stack(images),
        np.array(labels, np.int64),
        np.array(usage),
        np.arange(len(labels)),
        names,
        "folders",
    )
    alone = "train" not in splits or "validation" in splits
    return data if alone else _with_validation(data, root, seed)


def _unwrapped(root: Path) -> Path:
    """The folder with the splits, if `root` holds only a folder that holds them."""
    inside = _folders(root)
    if len(inside) == 1 and inside[0].name.lower() in WRAPPERS and _splits(inside[0]):
        return inside[0]
    return root


def _splits(root: Path) -> dict[str, Path]:
    """The folders of the splits, by split, in the order of SPLITS."""
    found: dict[str, Path] = {}
    for path in _folders(root):
        split = SPLIT_NAMES.get(path.name.lower())
        if split in found:
            raise DataError(f"{root}: {found[split].name}/ and {path.name}/ are both {split}")
        if split:
            found[split] = path
    return {split: found[split] for split in SPLITS if split in found}


def _say_left_out(root: Path, left_out: list[str]) -> None:
    if left_out:
        shown = "; ".join(left_out[:SAID_FILES])
        more = len(left_out) - SAID_FILES
        rest = f"; and {more:,} more" if more > 0 else ""
        print(f"{root}: {len(left_out):,} files are left out: {shown}{rest}", file=sys.stderr)


def export_folders(data: Dataset, out: Path) -> Iterator[str]:
    """Write images as PNG files `out`/SPLIT/LABEL/ROW.png, which `read_folders` reads.

    Yields:
        A line for each split with its number of images.

    Raises:
        DataError: `out` is not empty or is in the repository, or OpenCV cannot write an image.
    """
    check_output_folder(out)
    digits = len(str(int(data.rows.max())))
    for split in data.splits():
        chosen = data.split(split)
        for name in data.names:
            (out / split / name).mkdir(parents=True, exist_ok=True)
        for image, label, row in zip(chosen.images, chosen.labels, chosen.rows, strict=True):
            path = out / split / data.names[label] / f"{row:0{digits}d}.png"
            done, encoded = cv2.imencode(".png", image)
            if not done:
                raise DataError(f"{path}: OpenCV cannot write this image")
            path.write_bytes(encoded.tobytes())
        yield f"{out / split}: {len(chosen):,} images"


def check_output_folder(out: Path) -> None:
    """Check that images of a data set may be written into `out`.

    Raises:
        DataError: `out` is not empty, or it is in the repository outside the folder runs/, which
            git ignores.
    """
    repository = Path(__file__).resolve().parents[2]
    place = out.resolve()
    if place.is_relative_to(repository) and not place.is_relative_to(repository / "runs"):
        raise DataError(
            f"{out} is in the repository, where images of a data set must not be committed; "
            "give a folder outside it, or one in runs/"
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out} exists already and is not empty; give a new folder")


def _labels(folder: Path, left_out: list[str]) -> tuple[str, ...]:
    left_out += [
        f"{path}: this is a file, expected folders of labels"
        for path in sorted(folder.iterdir())
        if path.is_file()
        and not _hidden(path)
        and f"{path}: this is a file, expected folders of labels" not in left_out
    ]
    names = [path.name for path in _folders(folder)]
    if len(names) < 2:
        raise DataError(f"{folder}: {len(names)} folders of labels, expected at least 2")
    return in_fer2013_order(names)


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not _hidden(path))


def _files(folder: Path) -> list[Path]:
    files = [path for path in sorted(folder.iterdir()) if not _hidden(path)]
    inner = [path for path in files if path.is_dir()]
    if inner:
        raise DataError(f"{inner[0]}: this is a folder, expected images")
    if not files:
        raise DataError(f"{folder}: the label {folder.name} has no images")
    return files


def _hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _read(path: Path) -> np.ndarray:
    try:
        image = decode(path.read_bytes(), LIMITS, side=None).pixels
    except ImageError as error:
        raise DataError(f"{path}: cannot be read as an image. {error}") from None
    height, width = image.shape[:2]
    side = min(height, width)
    middle = Box((width - side) / 2, (height - side) / 2, side, side)
    grey = to_input(image, middle, InputSpec(SIZE, SIZE, 1))[..., 0]
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


def _with_validation(data: Dataset, root: Path, seed: int) -> Dataset:
    usage = data.usage.astype("U16")
    random = np.random.default_rng(seed)
    for index, name in enumerate(data.names):
        rows = np.flatnonzero((data.labels == index) & data.in_split("train"))
        if len(rows) < 2:
            raise DataError(
                f"{root}: the label {name} has 1 image; at least 2 are needed to split off "
                "validation images"
            )
        count = max(1, round(VALIDATION_SHARE * len(rows)))
        usage[random.permutation(rows)[:count]] = SPLITS["validation"]
    return replace(data, usage=usage)
