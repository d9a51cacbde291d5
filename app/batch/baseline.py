"""Resting faces in a batch: `--baseline auto` finds them, `--baseline FILE` takes a given one.

A file that was recognised knows the whole video, so the resting face that is found in the end holds
for all of it, also for what came before. The rule of how it is found is that of the live page
(static/js/inference/baselines.js).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..inference.resting_face import LEAST_SPREAD, NEUTRAL, THRESHOLD, RestingFace, log_odds
from .errors import BatchError

AUTO = "auto"

WINDOW_S = 3.0
"""Length of the windows from which a resting face is taken, in seconds."""

LEAST_RESULTS = 5
"""Fewest samples in a window."""

STEADY = 4.0
"""A face counts as held still where the middle four fifths of each label's log-odds lie this close
together."""

AT_LAST = 40
"""After this many windows in which one label is the best, it is the rest of a face that never looks
neutral."""

MOST_WINDOWS = 20
"""A resting face is the mean of at most this many windows."""


def read_baseline(text: str | None, labels: tuple[str, ...]) -> str | RestingFace | None:
    """What --baseline says: None, `AUTO`, or the resting face in a file.

    The file is JSON: {"labels": [...], "rest": [...], "spread": [...]}, a number for each label.

    Raises:
        BatchError: the file is not such a file, or the model has no label neutral.
    """
    if text is None:
        return None
    if NEUTRAL not in labels:
        raise BatchError(
            f"--baseline needs a model with the label {NEUTRAL}; this one has {', '.join(labels)}."
        )
    if text == AUTO:
        return AUTO
    try:
        found: Any = json.loads(Path(text).read_text("utf-8"))
        places = [found["labels"].index(label) for label in labels]
        rest, spread = (np.array(found[name], float)[places] for name in ("rest", "spread"))
        if not (np.isfinite(rest).all() and np.isfinite(spread).all()):
            raise ValueError("a number is not finite")
    except OSError as error:
        raise BatchError(f"--baseline {text}: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise BatchError(
            f'--baseline {text}: expected JSON with "labels" ({", ".join(labels)}), "rest" and '
            f'"spread", a number for each label ({type(error).__name__}).'
        ) from None
    return RestingFace(rest, np.maximum(spread, LEAST_SPREAD))


def rested(
    scores: np.ndarray,
    seconds: np.ndarray,
    faces: np.ndarray,
    baseline: str | RestingFace | None,
    labels: tuple[str, ...],
) -> tuple[np.ndarray, np.ndarray]:
    """The scores compared with each person's resting face, where it is known.

    Args:
        scores: (n, labels) calibrated probabilities.
        seconds: (n,) times of the rows, rising for each face.
        faces: (n,) numbers of the faces.
        baseline: as of `read_baseline`.
        labels: of the model.

    Returns:
        (n, labels) scores, and (n,) whether they are compared with a resting face.
    """
    known = np.zeros(len(scores), bool)
    if baseline is None:
        return scores, known
    adjusted = np.array(scores)
    for face in np.unique(faces):
        own = faces == face
        rest = (
            baseline
            if isinstance(baseline, RestingFace)
            else find_resting_face(scores[own], seconds[own], labels.index(NEUTRAL))
        )
        if rest is not None:
            adjusted[own] = rest.adjusted(scores[own], labels)
            known[own] = True
    return adjusted, known


def find_resting_face(scores: np.ndarray, seconds: np.ndarray, neutral: int) -> RestingFace | None:
    """A person's resting face, from the windows in which the face is held still; None: none found.

    An expression that is held is no rest, however long: such a window shows more of a label than
    the rest so far. A window that shows less of one label and more of none is a better rest.

    Args:
        scores: (n, labels) calibrated probabilities of one face.
        seconds: (n,) their times, rising.
        neutral: the index of the label neutral.
    """
    face: RestingFace | None = None
    windows = 0
    best = np.zeros(scores.shape[1], int)
    others = np.arange(scores.shape[1]) != neutral
    for rows in _windows(scores, seconds):
        if len(rows) < LEAST_RESULTS or not _is_steady(log_odds(rows)):
            continue
        found = RestingFace.of(rows)
        if face is None:
            label = int(found.rest.argmax())
            best[label] += 1
            if label == neutral or best[label] >= AT_LAST:
                face, windows = found, 1
            continue
        change = ((found.rest - face.rest) / face.spread)[others]
        if change.max() >= THRESHOLD:
            continue
        if change.min() <= -THRESHOLD:
            face, windows = found, 1
            continue
        windows = min(windows + 1, MOST_WINDOWS)
        face = RestingFace(
            face.rest + (found.rest - face.rest) / windows,
            face.spread + (found.spread - face.spread) / windows,
        )
    return face


def _windows(scores: np.ndarray, seconds: np.ndarray) -> Iterator[np.ndarray]:
    """The rows of each whole window: from a row to the first one `WINDOW_S` later."""
    start = 0
    while start < len(seconds):
        end = int(np.searchsorted(seconds, seconds[start] + WINDOW_S - 1e-6)) + 1
        if end > len(seconds):
            return
        yield scores[start:end]
        start = end


def _is_steady(odds: np.ndarray) -> bool:
    order = np.sort(odds, axis=0)
    tail = len(order) // 10
    return bool((order[len(order) - 1 - tail] - order[tail]).max() <= STEADY)
