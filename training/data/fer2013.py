"""Read FER2013 and the FER+ votes in their original CSV formats.

FER2013: Goodfellow et al. 2013, "Challenges in Representation Learning". Columns `emotion` (0..6),
`pixels` (2,304 numbers 0..255, row by row) and `Usage`.
FER+: Barsoum et al. 2016, "Training Deep Networks for Facial Expression Recognition with
Crowd-Sourced Label Distribution". Ten columns of votes, one row for each row of FER2013.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import DataError, TrainingError
from .csv_table import read_table
from .dataset import LABELS, SIZE, SPLITS, Dataset
from .label_names import fer2013_label

FERPLUS_VOTES = {
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "sad": "sadness",
    "surprise": "surprise",
    "neutral": "neutral",
}
"""FER2013's labels -> FER+'s columns."""

FERPLUS_OTHERS = ("contempt", "unknown", "NF")
"""FER+'s other columns; NF means "not a face"."""


def read_fer2013(path: str | Path) -> Dataset:
    """Read a FER2013 CSV file, also packed (`read_table`), and check every row.

    Columns may be in any case; an emotion may be a number or a name (`fer2013_label`); Usage may be
    train, validation or test. Without Usage, a fifth of each label becomes the validation split.
    Pixels may be numbers 0..1 with a decimal point. Rows without emotion or pixels are left out,
    with a remark, as long as they are at most 1 %.

    Raises:
        DataError: the file cannot be read, a column is missing, or a row is wrong; the message
            names the file, the row and the expected value.
    """
    table = read_table(path)
    columns = _columns(path, table)
    if table.empty:
        raise DataError(f"{path}: the file has a header but no rows")
    kept = _complete_rows(path, table, columns)
    images = np.empty((len(kept), SIZE * SIZE), np.uint8)
    labels = np.empty(len(kept), np.int64)
    usage = []
    emotions, pixels = (
        table[columns[name]].fillna("").astype(str).tolist() for name in ("emotion", "pixels")
    )
    usages = table[columns["usage"]].tolist() if "usage" in columns else None
    for place, row in enumerate(kept):
        where = f"{path}: row {row} (line {row + 2})"
        label = _label_number(emotions[row])
        if label is None:
            raise DataError(
                f"{where}: emotion is {_shown(emotions[row])}, expected 0..6 or {', '.join(LABELS)}"
            )
        labels[place] = label
        usage.append(_usage(usages[row], where) if usages else "")
        images[place] = _pixels(pixels[row], where)
    splits = np.array(usage) if usages else _random_splits(labels)
    return Dataset(images.reshape(-1, SIZE, SIZE), labels, splits, kept)


COLUMNS = {
    "emotion": ("emotion", "label", "emotions", "class"),
    "pixels": ("pixels", "pixel"),
    "usage": ("usage", "split"),
}
"""A column -> the names that it has, in lower case."""
USAGES = {
    **dict.fromkeys(("training", "train"), SPLITS["train"]),
    **dict.fromkeys(("publictest", "validation", "val", "valid"), SPLITS["validation"]),
    **dict.fromkeys(("privatetest", "test", "testing"), SPLITS["test"]),
}
"""Usage in lower case -> FER2013's."""
MOST_INCOMPLETE = 0.01
"""Fraction of rows without emotion or pixels from which a file is refused."""
VALIDATION_SHARE = 0.2
"""Fraction of each label that becomes the validation split, in data without one."""


def _columns(path: str | Path, table: pd.DataFrame) -> dict[str, str]:
    """Which column of the table is which."""
    there = {str(name).lower(): str(name) for name in table.columns}
    found = {key: there[name] for key, names in COLUMNS.items() for name in names if name in there}
    missing = [name for name in ("emotion", "pixels") if name not in found]
    if missing:
        only_pixels = missing == ["emotion"]
        hint = "; a test file without labels cannot be used" if only_pixels else ""
        raise DataError(
            f"{path}: no column {', '.join(missing)}; expected emotion,pixels,Usage, "
            f"found {','.join(map(str, table.columns))[:200]}{hint}"
        )
    return found


def _complete_rows(path: str | Path, table: pd.DataFrame, columns: dict[str, str]) -> np.ndarray:
    """(n,) the rows that have an emotion and pixels."""
    empty = np.zeros(len(table), bool)
    for name in ("emotion", "pixels"):
        text = table[columns[name]].fillna("").str.strip().str.lower()
        empty |= text.isin(["", "nan", "null", "none"]).to_numpy()
    count = int(empty.sum())
    if count > MOST_INCOMPLETE * len(table):
        row = int(np.flatnonzero(empty)[0])
        raise DataError(
            f"{path}: {count:,} of {len(table):,} rows have no emotion or no pixels, the first is "
            f"row {row} (line {row + 2}); expected at most {MOST_INCOMPLETE:.0%}"
        )
    if count:
        print(f"{path}: {count:,} rows without emotion or pixels are left out", file=sys.stderr)
    return np.flatnonzero(~empty)


def _label_number(text: str) -> int | None:
    given = text.strip()
    if given.endswith(".0"):
        given = given[:-2]
    if given in _DIGITS:
        return int(given)
    label = fer2013_label(given)
    return LABELS.index(label) if label in LABELS else None


def _usage(text: object, where: str) -> str:
    found = USAGES.get(str(text).strip().lower())
    if found is None:
        raise DataError(f"{where}: Usage is {_shown(text)}, expected {', '.join(SPLITS.values())}")
    return found


def _random_splits(labels: np.ndarray) -> np.ndarray:
    usage = np.full(len(labels), SPLITS["train"], "U16")
    random = np.random.default_rng(0)
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        usage[rows[: round(VALIDATION_SHARE * len(rows))]] = SPLITS["validation"]
    return usage


def read_ferplus(path: str | Path) -> np.ndarray:
    """Read FER+'s votes, one row for each FER2013 row.

    Returns:
        (n, 10) int64 counts: first those of the seven labels in the order of `LABELS` (all may be
        zero), then those of `FERPLUS_OTHERS`.

    Raises:
        DataError: the file cannot be read, a column is missing, or a vote is not a whole number
            from 0 to 10.
    """
    table = read_table(path)
    names = [*FERPLUS_VOTES.values(), *FERPLUS_OTHERS]
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise DataError(f"{path}: no column {', '.join(missing)}; is this FER+'s fer2013new.csv?")
    chosen = table[names]
    votes = chosen.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    wrong = ~((votes >= 0) & (votes <= 10) & (votes % 1 == 0))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise DataError(
            f"{path}: row {row} (line {row + 2}): {chosen.columns[column]} is "
            f"{_shown(chosen.iat[row, column])}, expected a whole number of votes 0..10"
        )
    return votes.astype(np.int64)


def ferplus_majority(votes: np.ndarray) -> np.ndarray:
    """The label among FER2013's seven that has the most FER+ votes.

    Args:
        votes: (n, 10) counts, `read_ferplus`.

    Returns:
        (n,) int64: index into `LABELS`, or -1 for a tie or no votes.
    """
    ours = votes[:, : len(LABELS)]
    best = ours.max(axis=1)
    single = ((ours == best[:, None]).sum(axis=1) == 1) & (best > 0)
    return np.where(single, ours.argmax(axis=1), -1)


def ferplus_eight(votes: np.ndarray) -> np.ndarray:
    """The label by the "majority voting" protocol of FER+'s authors (Barsoum et al. 2016).

    It has eight labels and is used to compare with papers. Labels with a single vote are dropped;
    the label needs more than half of the remaining votes. Images without such a label, or whose
    label is "unknown" or "not a face", are left out.

    Args:
        votes: (n, 10) counts, `read_ferplus`.

    Returns:
        (n,) int64: index into `LABELS`, 7 for contempt, -1 for images that are left out.
    """
    counted = np.where(votes > 1, votes, 0)
    best = counted.argmax(axis=1)
    clear = counted.max(axis=1) > 0.5 * counted.sum(axis=1)
    return np.where(clear & (best <= len(LABELS)), best, -1)


def check_votes(votes: np.ndarray, *rows: np.ndarray) -> None:
    """Check that there are votes for all `rows` of the data.

    Raises:
        TrainingError: `votes` has too few rows.
    """
    last = max(int(part.max()) for part in rows)
    if len(votes) <= last:
        raise TrainingError(
            f"the FER+ file has {len(votes):,} rows, but the data has row {last:,}; "
            "the rows of both files must belong together"
        )


LEAST_AGREEMENT = 0.5
"""Fraction of pictures whose majority vote is FER2013's label, from which votes and data belong
together: 0.645 for the original files, about 0.2 for votes of other rows."""


def match_votes(votes: np.ndarray, data: Dataset) -> np.ndarray:
    """The votes of the rows of `data`.

    Args:
        votes: (n, 10) counts, `read_ferplus`.
        data: FER2013's rows, all or without those that FER+ calls not a face.

    Returns:
        (n, 10) counts; row i belongs to row i of the data's file.

    Raises:
        TrainingError: the votes are of other rows.
    """
    not_a_face = votes[:, -1] > votes.sum(axis=1) / 2
    agreements = []
    for candidate in (votes, votes[~not_a_face]):
        if len(candidate) <= int(data.rows.max()):
            continue
        majority = to_labels(ferplus_majority(candidate[data.rows]), data.names)
        agreed = majority >= 0
        share = float((majority == data.labels)[agreed].mean()) if agreed.any() else 1.0
        if share >= LEAST_AGREEMENT:
            return candidate
        agreements.append(share)
    if not agreements:
        check_votes(votes, data.rows)
    raise TrainingError(
        f"FER+'s votes are of other rows than the data: their majority is the data's label for "
        f"{max(agreements, default=0):.1%} of the pictures, expected about 64.5%; give the "
        "fer2013.csv that the votes were made for, with all of its rows in their order"
    )


def to_labels(labels: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """FER2013's label numbers -> index into `names`; -1 for those that are not among them."""
    place = np.array([names.index(name) if name in names else -1 for name in LABELS])
    return np.where(labels >= 0, place[np.maximum(labels, 0)], -1)


def require_votes(votes: np.ndarray | None, target: str) -> None:
    """Check that FER+'s votes are given for a model of the target ferplus.

    Raises:
        TrainingError: they are missing.
    """
    if votes is None and target == "ferplus":
        raise TrainingError(
            "a model of the target ferplus is evaluated by FER+'s votes: give --ferplus FILE"
        )


_DIGITS = frozenset("0123456")


def _pixels(text: str, where: str) -> np.ndarray:
    try:
        values = np.array(text.split(), np.int64)
    except (ValueError, OverflowError):
        values = _fractions(text, where)
    if len(values) != SIZE * SIZE:
        raise DataError(f"{where}: {len(values):,} pixels, expected 2,304 (48 x 48)")
    if values.min() < 0 or values.max() > 255:
        raise DataError(
            f"{where}: a pixel is {values.min() if values.min() < 0 else values.max()}, "
            "expected 0..255"
        )
    return values


def _fractions(text: str, where: str) -> np.ndarray:
    """Pixels with a decimal point: whole numbers, or fractions of 255."""
    try:
        numbers = np.array(text.split(), np.float64)
    except ValueError:
        numbers = np.array([np.nan])
    if numbers.size and numbers.min() >= 0 and numbers.max() <= 1:
        numbers = np.rint(numbers * 255)
    if not np.isfinite(numbers).all() or (numbers % 1 != 0).any():
        raise DataError(
            f"{where}: pixels contains something other than whole numbers 0..255 or fractions 0..1"
        )
    return numbers.astype(np.int64)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
