"""Knowledge distillation: predict the training images with teacher models and mix the predictions
into the targets (Hinton et al. 2015, "Distilling the Knowledge in a Neural Network").

The predictions are stored in a file of soft labels (.npz without pickles):

  rows         (n,) int32, the images' rows in the data file
  fer2013, ferplus   for each target with teachers (n, labels) float16; rows sum to about 1
  labels       names of the labels
  data         SHA-256 of the data
  teachers     one "TARGET NAME SHA256" for each teacher
  temperature  temperature of the teachers
  shift        shift of the test-time views in pixels, 0 for none
  faces_fer2013, faces_ferplus   the same predictions of other faces (--faces), (k, labels)
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from app.inference.classifier import ExpressionClassifier, apply_temperature

from ..config import TARGETS
from ..data.dataset import Dataset
from ..errors import DataError, TrainingError
from ..measure.evaluate import predict_images
from ..run_folder import fingerprint, write_atomically
from .targets import Target


@dataclass(frozen=True, slots=True)
class SoftLabels:
    """The content of a file of soft labels; see the module's docstring for the fields."""

    rows: np.ndarray
    probabilities: dict[str, np.ndarray]
    labels: tuple[str, ...]
    data: str
    teachers: tuple[str, ...]
    temperature: float
    shift: int = 0
    faces: dict[str, np.ndarray] = field(default_factory=dict)


def predict_with_teachers(
    teachers: list[Path],
    data: Dataset,
    checksum: str,
    temperature: float,
    shift: int = 0,
    faces: np.ndarray | None = None,
) -> SoftLabels:
    """Predict the train split with `teachers`.

    The predictions are averaged over the teachers of a target and over the views of each image.

    Args:
        teachers: model files, each beside its contract.json and its card.json or config.json.
        data: images with a train split.
        checksum: SHA-256 of the data, `data_fingerprint`.
        temperature: each teacher's probabilities p become p**(1/temperature), normalised. Above 1,
            labels other than the best get a larger part.
        shift: shift of the views, in pixels.
        faces: (k, h, w) grey levels, faces of other kinds to predict as well; None for none.

    Raises:
        TrainingError: a teacher's labels differ from the data's, or its target is unknown.
    """
    training = data.split("train")
    predictions: dict[str, list[np.ndarray]] = {}
    of_faces: dict[str, list[np.ndarray]] = {}
    names = []
    for path in teachers:
        classifier = ExpressionClassifier(path)
        if classifier.contract.labels != data.names:
            raise TrainingError(
                f"{path}: the teacher's labels are {', '.join(classifier.contract.labels)}; "
                f"the data's labels are {', '.join(data.names)}"
            )
        target = _target_of(path)
        for images, found in ((training.images, predictions), (faces, of_faces)):
            if images is not None:
                views = [
                    apply_temperature(predict_images(classifier, view), temperature)
                    for view in shifted_views(images, shift)
                ]
                found.setdefault(target, []).append(np.mean(views, axis=0))
        names.append(f"{target} {classifier.contract.model} {fingerprint(path)['sha256']}")
    return SoftLabels(
        rows=training.rows.astype(np.int32),
        probabilities={target: np.mean(each, axis=0) for target, each in predictions.items()},
        labels=data.names,
        data=checksum,
        teachers=tuple(names),
        temperature=temperature,
        shift=shift,
        faces={target: np.mean(each, axis=0) for target, each in of_faces.items()},
    )


def shifted_views(images: np.ndarray, shift: int) -> Iterator[np.ndarray]:
    """Yield the test-time views of all images, one view after the other.

    The mean over several views is right more often than one view, so it is a better target for a
    student network, which sees one view. There are six views, not ten, to save time.

    Args:
        images: (n, h, w) grey levels.
        shift: shift in pixels, 0 for none.

    Yields:
        (n, h, w): the images and their mirror images. With a `shift`, also the images shifted down
        and to the right and the mirror images shifted up and to the left; the edge is replicated.
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
    """Write the file atomically; create its folder if needed."""
    arrays: dict[str, Any] = {
        "rows": soft.rows,
        "labels": np.array(soft.labels),
        "data": np.array(soft.data),
        "teachers": np.array(soft.teachers),
        "temperature": np.array(soft.temperature),
        "shift": np.array(soft.shift),
        **{name: array.astype(np.float16) for name, array in soft.probabilities.items()},
        **{f"faces_{name}": array.astype(np.float16) for name, array in soft.faces.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, lambda temporary: np.savez_compressed(temporary, **arrays))


def read_soft_labels(path: Path) -> SoftLabels:
    """Read a file that `write_soft_labels` wrote.

    Raises:
        DataError: the file does not exist or is not a file of soft labels.
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
            # Files of earlier versions have no shift.
            shift=int(found.get("shift", 0)),
            faces={
                name: found[f"faces_{name}"].astype(np.float32)
                for name in TARGETS
                if f"faces_{name}" in found
            },
        )
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: not a file of soft labels: {error}") from None


def mix_soft_labels(
    targets: list[Target], soft: SoftLabels, training: Dataset, checksum: str, weight: float
) -> list[Target]:
    """Replace the fraction `weight` (0..1) of each target's probabilities by its teachers'.

    Args:
        targets: the targets of the run.
        soft: the teachers' predictions.
        training: the images that the run learns from.
        checksum: SHA-256 of the data of `training`.
        weight: fraction of the teachers' predictions, 0..1.

    Raises:
        TrainingError: the soft labels belong to other data or labels, or a target has no teacher.
    """
    if soft.data != checksum:
        raise TrainingError("the soft labels belong to other data (the SHA-256 differs)")
    if soft.labels != training.names:
        raise TrainingError(
            f"the soft labels are for {', '.join(soft.labels)}; this run learns "
            f"{', '.join(training.names)}"
        )
    order = np.argsort(soft.rows, kind="stable")
    place = order[np.searchsorted(soft.rows[order], training.rows)]
    mixed = []
    for target in targets:
        if target.name not in soft.probabilities:
            raise TrainingError(
                f"no teacher for the target {target.name}; the teachers are "
                f"{', '.join(soft.teachers)}"
            )
        chosen = soft.probabilities[target.name][place]
        # Float16 rows sum to 1 within a thousandth; the loss needs exact sums (targets.py).
        chosen = chosen / chosen.sum(axis=1, keepdims=True)
        new = (1 - weight) * target.probabilities + weight * chosen
        mixed.append(replace(target, probabilities=new.astype(np.float32)))
    return mixed


def _target_of(path: Path) -> str:
    """The target that a teacher learned, from the card or config.json beside it."""
    for name in ("card.json", "config.json"):
        file = path.with_name(name)
        if file.is_file():
            target = json.loads(file.read_text(encoding="utf-8")).get("target", TARGETS[0])
            return str(target)
    raise TrainingError(
        f"{path}: no card.json or config.json beside it, so the teacher's target is unknown"
    )
