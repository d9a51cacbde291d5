"""What larger networks say of the training pictures, kept as a file of numbers for a smaller one
to learn from (Hinton et al. 2015, "Distilling the Knowledge in a Neural Network").

The file (.npz, no pickles): `rows` (n,) int32, the pictures' rows in the data's file; for each
target that has teachers an array of its name, (n, labels) float16, rows sum to about 1; `labels`;
`data`, the SHA-256 of the data; `teachers`, each "TARGET NAME SHA256"; `temperature`; `shift`, in
pixels, 0 where there is none.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from app.inference.classifier import ExpressionClassifier, apply_temperature

from ..config import TARGETS
from ..data.dataset import Pictures
from ..errors import DataError, TrainingError
from ..measure.evaluate import predict_pictures
from ..run_folder import origin_of, replacing
from .targets import Target


@dataclass(frozen=True, slots=True)
class SoftLabels:
    """The contents of a file of soft labels; see the module's docstring."""

    rows: np.ndarray
    probabilities: dict[str, np.ndarray]
    labels: tuple[str, ...]
    data: str
    teachers: tuple[str, ...]
    temperature: float
    shift: int = 0


def ask_teachers(
    teachers: list[Path], data: Pictures, checksum: str, temperature: float, shift: int = 0
) -> SoftLabels:
    """What `teachers` say of the train split: the mean over those of a target, and over the
    `views` of each picture.

    Args:
        teachers: model files, contract.json and card.json or config.json beside each.
        data: the pictures, with a train split.
        checksum: SHA-256 of the data, `origin_of_data`.
        temperature: each teacher's probabilities p become p**(1/temperature), normalised: over 1
            they say more of the labels that are not the best.
        shift: of the views, in pixels.

    Raises:
        TrainingError: a teacher's labels are not the data's, or nothing says what it learned.
    """
    training = data.split("train")
    sums: dict[str, list[np.ndarray]] = {}
    said = []
    for path in teachers:
        classifier = ExpressionClassifier(path)
        if classifier.contract.labels != data.names:
            raise TrainingError(
                f"{path}: the teacher's labels are {', '.join(classifier.contract.labels)}, "
                f"those of the data {', '.join(data.names)}"
            )
        target = _learned(path)
        each = [
            apply_temperature(predict_pictures(classifier, images), temperature)
            for images in views(training.images, shift)
        ]
        sums.setdefault(target, []).append(np.mean(each, axis=0))
        said.append(f"{target} {classifier.contract.model} {origin_of(path)['sha256']}")
    return SoftLabels(
        rows=training.rows.astype(np.int32),
        probabilities={target: np.mean(found, axis=0) for target, found in sums.items()},
        labels=data.names,
        data=checksum,
        teachers=tuple(said),
        temperature=temperature,
        shift=shift,
    )


def views(images: np.ndarray, shift: int) -> Iterator[np.ndarray]:
    """What is shown of each picture, one view of all pictures after the other.

    A network is right more often by the mean over views than by one; a pupil that sees one learns
    from that mean. Six views and not all ten, for time.

    Args:
        images: (n, h, w) grey levels.
        shift: pixels, 0 for none.

    Yields:
        (n, h, w): the pictures and their mirror images; with a `shift` also both moved by that
        much, the pictures down and to the right, the mirror images up and to the left. What
        moves in repeats the edge.
    """
    mirrored = np.ascontiguousarray(images[:, :, ::-1])
    yield images
    yield mirrored
    if shift:
        height, width = images.shape[1:]
        around = ((0, 0), (shift, shift), (shift, shift))
        for shown, (y, x) in (
            (images, (0, shift)),
            (images, (shift, 0)),
            (mirrored, (2 * shift, shift)),
            (mirrored, (shift, 2 * shift)),
        ):
            wide = np.pad(shown, around, mode="edge")
            yield np.ascontiguousarray(wide[:, y : y + height, x : x + width])


def write_soft_labels(path: Path, soft: SoftLabels) -> None:
    """Write the file, whole or not at all; its folder is made."""
    arrays: dict[str, Any] = {
        "rows": soft.rows,
        "labels": np.array(soft.labels),
        "data": np.array(soft.data),
        "teachers": np.array(soft.teachers),
        "temperature": np.array(soft.temperature),
        "shift": np.array(soft.shift),
        **{name: array.astype(np.float16) for name, array in soft.probabilities.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    replacing(path, lambda temporary: np.savez_compressed(temporary, **arrays))


def read_soft_labels(path: Path) -> SoftLabels:
    """Read what `write_soft_labels` wrote.

    Raises:
        DataError: there is no such file, or it is none of soft labels.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
        rows = found["rows"]
        probabilities = {name: found[name].astype(np.float32) for name in TARGETS if name in found}
        if not probabilities or any(
            array.shape != (len(rows), len(found["labels"])) or not np.isfinite(array).all()
            for array in probabilities.values()
        ):
            raise ValueError("its arrays do not fit together")
        return SoftLabels(
            rows=rows,
            probabilities=probabilities,
            labels=tuple(found["labels"].tolist()),
            data=str(found["data"]),
            teachers=tuple(found["teachers"].tolist()),
            temperature=float(found["temperature"]),
            # Files of earlier versions know of no shift.
            shift=int(found.get("shift", 0)),
        )
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: not a file of soft labels: {error}") from None


def soften(
    targets: list[Target], soft: SoftLabels, training: Pictures, checksum: str, weight: float
) -> list[Target]:
    """The targets with `weight` (0..1) of what the teachers of each say, the rest its own.

    Raises:
        TrainingError: the soft labels are of other data or labels, or a target has no teacher.
    """
    if soft.data != checksum:
        raise TrainingError("the soft labels were made of other data (another SHA-256)")
    if soft.labels != training.names:
        raise TrainingError(
            f"the soft labels are of {', '.join(soft.labels)}; this run learns "
            f"{', '.join(training.names)}"
        )
    order = np.argsort(soft.rows, kind="stable")
    place = order[np.searchsorted(soft.rows[order], training.rows)]
    made = []
    for target in targets:
        if target.name not in soft.probabilities:
            raise TrainingError(
                f"no teacher of the target {target.name}; the teachers are "
                f"{', '.join(soft.teachers)}"
            )
        chosen = soft.probabilities[target.name][place]
        # Float16 sums to 1 within a thousandth; TensorFlow's loss wants it exact (targets.py).
        chosen = chosen / chosen.sum(axis=1, keepdims=True)
        mixed = (1 - weight) * target.train + weight * chosen
        made.append(replace(target, train=mixed.astype(np.float32)))
    return made


def _learned(path: Path) -> str:
    for name in ("card.json", "config.json"):
        file = path.with_name(name)
        if file.is_file():
            target = json.loads(file.read_text(encoding="utf-8")).get("target", TARGETS[0])
            return str(target)
    raise TrainingError(f"{path}: neither card.json nor config.json beside it says what it learned")
