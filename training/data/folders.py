"""Reads labelled pictures from folders, and writes FER2013 out as such folders.

    DIR/train/LABEL/*.png             or, without splits:    DIR/LABEL/*.png
    DIR/validation/LABEL/*.png
    DIR/test/LABEL/*.png

Only `train` is needed of the three. Where there is no `validation`, a fifth of the training
pictures, of each label, is split off for it. A folder's name is the label.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from app.inference.contract import InputSpec
from app.inference.errors import ImageError
from app.inference.images import ImageLimits, decode
from app.inference.preprocess import to_input
from app.inference.types import Box

from ..errors import DataError
from .dataset import LABELS, SIZE, SPLITS, Pictures

VALIDATION_SHARE = 0.2
"""Of each label's training pictures, where there is no folder of validation pictures."""

LIMITS = ImageLimits(max_bytes=64 * 2**20, max_pixels=100_000_000)


def read_folders(root: Path, seed: int = 0) -> Pictures:
    """Read pictures from folders of labels; see the module's docstring for the forms.

    Each picture is made grey and reduced to 48x48 by the mean of what every pixel covers, as the
    site does with a face; of one that is not square the middle is taken. Files and folders whose
    name begins with a dot are passed over.

    Args:
        root: the folder.
        seed: of the draw where validation pictures are split off.

    Returns:
        Labels in FER2013's order where all are FER2013's, else by alphabet; rows count the files
        in the order of their paths.

    Raises:
        DataError: `root` is no folder or holds no labels, a label has no pictures or stands in
            one split only, or a file is no picture that can be read; names it.
    """
    if not root.is_dir():
        raise DataError(f"{root}: not a folder" if root.exists() else f"{root}: no such folder")
    splits = {name: root / name for name in SPLITS if (root / name).is_dir()}
    if splits:
        others = [path.name for path in _folders(root) if path.name not in SPLITS]
        if others:
            raise DataError(
                f"{root}: {others[0]}/ stands beside {next(iter(splits))}/; expected either "
                f"folders of labels, or {', '.join(SPLITS)} with folders of labels in them"
            )
        if "train" not in splits:
            raise DataError(f"{root}: no folder train/ beside {', '.join(splits)}/")
    else:
        splits = {"train": root}
    names = _labels(splits["train"])
    for folder in splits.values():
        unknown = sorted(set(_labels(folder)) - set(names))
        if unknown:
            raise DataError(
                f"{folder}: unknown label {unknown[0]}; the labels of "
                f"{splits['train']} are {', '.join(names)}"
            )
    images, labels, usage = [], [], []
    for split, folder in splits.items():
        for index, name in enumerate(names):
            if not (folder / name).is_dir():
                raise DataError(f"{folder}: no folder of the label {name}")
            for path in _files(folder / name):
                images.append(_read(path))
                labels.append(index)
                usage.append(SPLITS[split])
    found = Pictures(
        np.stack(images),
        np.array(labels, np.int64),
        np.array(usage),
        np.arange(len(labels)),
        names,
        "folders",
    )
    return found if "validation" in splits else _with_validation(found, root, seed)


def export_folders(data: Pictures, out: Path) -> Iterator[str]:
    """Write pictures as PNG into folders that `read_folders` reads: `out`/SPLIT/LABEL/ROW.png.

    Yields:
        A line for each split: how many pictures it has.

    Raises:
        DataError: `out` holds something already, or stands in the repository.
    """
    check_place(out)
    digits = len(str(int(data.rows.max())))
    for split, usage in SPLITS.items():
        chosen = data.take(data.usage == usage)
        if not len(chosen):
            continue
        for name in data.names:
            (out / split / name).mkdir(parents=True, exist_ok=True)
        for image, label, row in zip(chosen.images, chosen.labels, chosen.rows, strict=True):
            path = out / split / data.names[label] / f"{row:0{digits}d}.png"
            done, encoded = cv2.imencode(".png", image)
            if not done:
                raise DataError(f"{path}: OpenCV cannot write this picture")
            path.write_bytes(encoded.tobytes())
        yield f"{out / split}: {len(chosen):,} pictures"


def check_place(out: Path) -> None:
    """Refuse to write pictures of a data set where something stands or they could be committed.

    Raises:
        DataError: `out` holds something already, or is in the repository and not in its folder
            runs/, which git ignores.
    """
    repository = Path(__file__).resolve().parents[2]
    place = out.resolve()
    if place.is_relative_to(repository) and not place.is_relative_to(repository / "runs"):
        raise DataError(
            f"{out} is in the repository, where pictures of a data set must not be committed; "
            "give a folder outside it, or one in runs/"
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out} exists already and is not empty; give a new folder")


def _labels(folder: Path) -> tuple[str, ...]:
    stray = [path for path in sorted(folder.iterdir()) if path.is_file() and not _hidden(path)]
    if stray:
        raise DataError(f"{stray[0]}: a file where folders of labels are expected")
    names = [path.name for path in _folders(folder)]
    if len(names) < 2:
        raise DataError(
            f"{folder}: {len(names)} folders of labels, expected 2 or more with pictures in them"
        )
    if set(names) <= set(LABELS):
        return tuple(name for name in LABELS if name in names)
    return tuple(names)


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not _hidden(path))


def _files(folder: Path) -> list[Path]:
    files = [path for path in sorted(folder.iterdir()) if not _hidden(path)]
    if not files:
        raise DataError(f"{folder}: the label {folder.name} has no pictures")
    return files


def _hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _read(path: Path) -> np.ndarray:
    if path.is_dir():
        raise DataError(f"{path}: a folder where pictures are expected")
    try:
        image = decode(path.read_bytes(), LIMITS, side=None).pixels
    except ImageError as error:
        raise DataError(f"{path}: cannot be read as a picture. {error}") from None
    height, width = image.shape[:2]
    side = min(height, width)
    middle = Box((width - side) / 2, (height - side) / 2, side, side)
    grey = to_input(image, middle, InputSpec(SIZE, SIZE, 1))[..., 0]
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


def _with_validation(data: Pictures, root: Path, seed: int) -> Pictures:
    usage = data.usage.astype("U16")
    random = np.random.default_rng(seed)
    for index, name in enumerate(data.names):
        rows = np.flatnonzero((data.labels == index) & (data.usage == SPLITS["train"]))
        if len(rows) < 2:
            raise DataError(
                f"{root}: the label {name} has 1 picture; 2 or more are needed where validation "
                "pictures are split off"
            )
        count = max(1, round(VALIDATION_SHARE * len(rows)))
        usage[random.permutation(rows)[:count]] = SPLITS["validation"]
    return Pictures(data.images, data.labels, usage, data.rows, data.names, data.source)
