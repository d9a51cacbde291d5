"""Measure a model on photos of people who are at rest and who smile, by group of people, with and
without their resting face.

The names of the groups come with the photos; nothing predicts them. Rest is never tested on the
copies that the resting face was taken from.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.inference.classifier import ExpressionClassifier
from app.inference.face_detector import FaceDetector
from app.inference.preprocess import crop_box, to_batch
from app.inference.resting_face import NEUTRAL, RestingFace

from ..errors import RunError
from .changed_copies import changed_copy
from .metrics import wilson_interval

COLUMNS = ("file", "person", "label", "age", "gender", "ethnicity")
SMILE = "happy"
COPIES = 15
"""Changed copies of a photo: as many for the resting face as for the test of rest."""
FRAMES = 3
"""So many copies are averaged, as the scores of a video's frames are."""
AGES = (30, 45)
"""Ages at which the next band begins."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person with both photos.

    Attributes:
        photos: label -> file.
        groups: kind of group -> the person's group, e.g. "gender" -> "female".
    """

    name: str
    photos: dict[str, Path]
    groups: dict[str, str]


def read_people(table: Path) -> list[Person]:
    """The people of a table with the columns `COLUMNS`, in order; photos are in photos/ beside it.

    Raises:
        RunError: the table cannot be read, lacks a column, or a person lacks one of both photos.
    """
    try:
        with table.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{table}: cannot be read ({error})") from None
    missing = [column for column in COLUMNS if not rows or column not in rows[0]]
    if missing:
        raise RunError(f"{table}: no column {', '.join(missing)}; expected {', '.join(COLUMNS)}")
    people: dict[str, Person] = {}
    for row in rows:
        person = people.setdefault(row["person"], Person(row["person"], {}, _groups(row)))
        person.photos[row["label"]] = table.parent / "photos" / row["file"]
    for person in people.values():
        lacking = {NEUTRAL, SMILE} - set(person.photos)
        if lacking:
            raise RunError(f"{table}: person {person.name} has no photo {', '.join(lacking)}")
    return [people[name] for name in sorted(people)]


def measure_groups(
    classifier: ExpressionClassifier, detector: FaceDetector, people: list[Person], seed: int = 0
) -> dict[str, Any]:
    """How often rest is called neutral and a smile happy, in all and by group.

    The figures with the resting face are of every second person alone: the constants of
    `app.inference.resting_face` were chosen on the others.

    Returns:
        "people", "found" (photos with a face, of "photos"), and "rows": for each group its "kind",
        "name", "n" (people), `NEUTRAL` and `SMILE`, and "with_rest" with the same of the second
        half. Each figure has "accuracy", "interval" (95 %, Wilson) and "n" people.

    Raises:
        RunError: the model lacks one of both labels, or a photo cannot be read.
    """
    labels = classifier.contract.labels
    for label in (NEUTRAL, SMILE):
        if label not in labels:
            raise RunError(f"{classifier.path}: the model has no label {label}")
    random = np.random.default_rng(seed)
    wanted = [labels.index(NEUTRAL), labels.index(SMILE)]
    found = 0
    measured: list[tuple[Person, bool, np.ndarray, np.ndarray | None]] = []
    for number, person in enumerate(people):
        scores = [
            _scores(classifier, detector, person.photos[one], random) for one in (NEUTRAL, SMILE)
        ]
        found += sum(one is not None for one in scores)
        rest, smile = scores
        if rest is None or smile is None:
            continue
        tested = [_mean_of_frames(rest[COPIES:]), _mean_of_frames(smile[COPIES:])]
        face = RestingFace.of(rest[:COPIES])
        plain = _right(tested, wanted)
        compared = _right([face.adjusted(one, labels) for one in tested], wanted)
        measured.append((person, number % 2 == 1, plain, compared))
    kinds = list(people[0].groups)
    rows = [_row("all", "all", measured)]
    for kind in kinds:
        for name in sorted({person.groups[kind] for person in people}):
            members = [one for one in measured if one[0].groups[kind] == name]
            if members:
                rows.append(_row(kind, name, members))
    return {"people": len(people), "photos": 2 * len(people), "found": found, "rows": rows}


def _groups(row: dict[str, str]) -> dict[str, str]:
    age = int(row["age"]) if row["age"].isdigit() else None
    first, second = AGES
    band = (
        "not said"
        if age is None
        else f"under {first}"
        if age < first
        else f"{first} to {second - 1}"
        if age < second
        else f"{second} and over"
    )
    return {"gender": row["gender"], "age": band, "ethnicity": row["ethnicity"]}


def _scores(
    classifier: ExpressionClassifier,
    detector: FaceDetector,
    photo: Path,
    random: np.random.Generator,
) -> np.ndarray | None:
    """Scores of 2 * `COPIES` changed copies of the largest face: (copies, labels); None without."""
    read = cv2.imread(str(photo))
    if read is None:
        raise RunError(f"{photo}: there is no such picture, or it cannot be read")
    image = np.ascontiguousarray(read[:, :, ::-1])
    faces = detector.detect(image)
    if not faces:
        return None
    contract = classifier.contract
    inputs = []
    for _ in range(2 * COPIES):
        copy, box = changed_copy(image, faces[0].box, random)
        inputs.append(to_batch(copy, [crop_box(box, contract.crop)], contract.input)[0])
    return classifier.predict(np.stack(inputs)).astype(np.float64)


def _mean_of_frames(scores: np.ndarray) -> np.ndarray:
    return scores.reshape(-1, FRAMES, scores.shape[-1]).mean(axis=1)


def _right(tested: list[np.ndarray], wanted: list[int]) -> np.ndarray:
    """The share of rest called neutral and of smiles called happy."""
    pairs = zip(tested, wanted, strict=True)
    return np.array([(scores.argmax(axis=1) == label).mean() for scores, label in pairs])


def _row(kind: str, name: str, measured: list[Any]) -> dict[str, Any]:
    plain = np.array([one[2] for one in measured])
    compared = np.array([one[3] for one in measured if one[1]]).reshape(-1, 2)
    return {
        "kind": kind,
        "name": name,
        "n": len(plain),
        **{label: _figure(plain[:, i]) for i, label in enumerate((NEUTRAL, SMILE))},
        "with_rest": {label: _figure(compared[:, i]) for i, label in enumerate((NEUTRAL, SMILE))},
    }


def _figure(shares: np.ndarray) -> dict[str, Any]:
    """The mean over people; its interval is that of as many people who are right or wrong."""
    if len(shares) == 0:
        return {"n": 0, "accuracy": None, "interval": None}
    share = float(shares.mean())
    return {"n": len(shares), "accuracy": share, "interval": wilson_interval(share, len(shares))}
