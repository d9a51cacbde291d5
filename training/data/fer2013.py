"""Read FER2013 and the FER+ votes in their original CSV formats.

FER2013: Goodfellow et al. 2013, "Challenges in Representation Learning". Columns `emotion` (0..6),
`pixels` (2,304 numbers 0..255, row by row) and `Usage`.
FER+: Barsoum et al. 2016, "Training Deep Networks for Facial Expression Recognition with
Crowd-Sourced Label Distribution". Ten columns of votes, one row for each row of FER2013.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import DataError, TrainingError
from .dataset import LABELS, SIZE, SPLITS, Dataset

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
    """Read a FER2013 CSV file, also compressed (.gz, .zip, .xz, .bz2), and check every row.

    Raises:
        DataError: the file cannot be read, a column is missing, or a row is wrong; the message
            names the file, the row and the expected value.
    """
    table = _read_csv(path)
    missing = [name for name in ("emotion", "pixels", "Usage") if name not in table.columns]
    if missing:
        raise DataError(
            f"{path}: no column {', '.join(missing)}; expected emotion,pixels,Usage, "
            f"found {','.join(map(str, table.columns))}"
        )
    if table.empty:
        raise DataError(f"{path}: the file has a header but no rows")
    known = set(SPLITS.values())
    images = np.empty((len(table), SIZE * SIZE), np.uint8)
    labels = np.empty(len(table), np.int64)
    columns = zip(table["emotion"], table["pixels"], table["Usage"], strict=True)
    for row, (emotion, pixels, usage) in enumerate(columns):
        where = f"{path}: row {row} (line {row + 2})"
        if emotion not in _DIGITS:
            raise DataError(f"{where}: emotion is {_shown(emotion)}, expected 0..6")
        if usage not in known:
            raise DataError(
                f"{where}: Usage is {_shown(usage)}, expected {', '.join(SPLITS.values())}"
            )
        labels[row] = int(emotion)
        images[row] = _pixels(pixels, where)
    usage_column = table["Usage"].to_numpy(dtype=str)
    return Dataset(images.reshape(-1, SIZE, SIZE), labels, usage_column, np.arange(len(table)))


def read_ferplus(path: str | Path) -> np.ndarray:
    """Read FER+'s votes, one row for each FER2013 row.

    Returns:
        (n, 10) int64 counts: first those of the seven labels in the order of `LABELS` (all may be
        zero), then those of `FERPLUS_OTHERS`.

    Raises:
        DataError: the file cannot be read, a column is missing, or a vote is not a whole number
            from 0 to 10.
    """
    table = _read_csv(path)
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


def _read_csv(path: str | Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (OSError, ValueError, EOFError, pd.errors.ParserError) as error:
        raise DataError(f"{path}: cannot be read as CSV: {error}") from None


def _pixels(text: str, where: str) -> np.ndarray:
    try:
        values = np.array(text.split(), np.int64)
    except (ValueError, OverflowError):
        raise DataError(f"{where}: pixels contains something other than whole numbers") from None
    if len(values) != SIZE * SIZE:
        raise DataError(f"{where}: {len(values):,} pixels, expected 2,304 (48 x 48)")
    if values.min() < 0 or values.max() > 255:
        raise DataError(
            f"{where}: a pixel is {values.min() if values.min() < 0 else values.max()}, "
            "expected 0..255"
        )
    return values


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
