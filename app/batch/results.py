"""Make a file's final rows and its row in the table of files of what the workers gave.

The parts of a video are joined here: an id within a part becomes the number of a face.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ..inference.contract import ModelContract
from ..inference.detection.boxes import overlap
from ..inference.resting_face import RestingFace
from ..inference.types import Box
from .baseline import rested
from .schema import faces_schema
from .tasks import FaceRows, PictureResult, Source, VideoResult

BRIEF_S = 0.3
"""A face of a video that is tracked for less than this is left out, as on the live page: most are
false detections. In a video that is itself shorter, all are kept."""

GAP_S = 1.0
"""A sample counts until the next one, but for no more than this or one and a half sampling
periods: for a longer gap nothing is known."""

SAME_FACE = 0.5
"""Two boxes of one frame whose IoU is above this are one face."""


@dataclass(slots=True)
class FileResult:
    """A file's result.

    Attributes:
        record: its row in the table of files.
        table: its rows in the table of faces; None where it has none.
    """

    record: dict[str, Any]
    table: pa.Table | None = None


def failed(source: Source, message: str) -> FileResult:
    """The result of a file that cannot be read."""
    return FileResult({"file": source.name, "kind": source.kind, "bytes": source.size,
                       "error": message})  # fmt: skip


def picture_result(
    result: PictureResult, contract: ModelContract, baseline: str | RestingFace | None = None
) -> FileResult:
    """The result of a picture. Its faces are numbered from 1, the largest first."""
    if result.error is not None or result.rows is None:
        return failed(result.source, result.error or "The picture gave no result.")
    rows = result.rows
    size = result.width, result.height
    # One picture shows no rest of its own.
    given = baseline if isinstance(baseline, RestingFace) else None
    rows.scores, known = rested(rows.scores, rows.seconds, rows.face, given, contract.labels)
    table = _table(result.source, rows, rows.face + 1, known, size, contract)
    record = {
        "file": result.source.name,
        "kind": "picture",
        "bytes": result.source.size,
        "image_width": result.width,
        "image_height": result.height,
        "frames": 1,
        "samples": 1,
        "faces": len(rows),
        "rows": len(rows),
        "took": result.took,
        **_shares(rows.scores, np.ones(len(rows)), contract),
    }
    return FileResult(record, table)


def video_result(
    source: Source,
    parts: Sequence[VideoResult],
    every: float | None,
    contract: ModelContract,
    baseline: str | RestingFace | None = None,
) -> FileResult:
    """The result of a video, of its parts in order."""
    rows, spans = _joined(parts)
    samples = np.concatenate([part.samples for part in parts])
    frames = sum(part.frames for part in parts)
    last = max((part.last for part in parts if part.frames), default=0.0)
    first = float(samples[0]) if len(samples) else 0.0
    least = BRIEF_S if last - first >= BRIEF_S else 0.0
    kept = {face: span for face, span in spans.items() if span[1] - span[0] >= least}
    # In the order in which they came into view.
    order = {face: i for i, face in enumerate(sorted(kept, key=lambda f: (kept[f][0], f)), 1)}
    numbers = np.array([order.get(int(face), 0) for face in rows.face], np.int64)
    rows = FaceRows(*(values[numbers > 0] for values in
                      (rows.frame, rows.seconds, rows.face, rows.boxes, rows.scores)))  # fmt: skip
    numbers = numbers[numbers > 0]
    rows.scores, known = rested(rows.scores, rows.seconds, numbers, baseline, contract.labels)
    length = last + 1 / (parts[0].rate or 25.0)
    spent = _durations(samples, length, every, parts[0].rate)
    place = np.searchsorted(samples, rows.seconds)
    damaged = sum(part.damaged for part in parts)
    size = parts[-1].width, parts[-1].height
    in_view = np.zeros(len(samples), bool)
    in_view[place] = True
    shown = set(numbers.tolist())
    record = {
        "file": source.name,
        "kind": "video",
        "bytes": source.size,
        "image_width": size[0],
        "image_height": size[1],
        "rate": parts[0].rate,
        "duration": parts[0].duration or length,
        "frames": frames,
        "samples": len(samples),
        "faces": len(shown),
        "rows": len(rows),
        "seconds": float(spent[in_view].sum()),
        "warning": _damage(damaged),
        "took": sum(part.took for part in parts),
        **_shares(rows.scores, spent[place] if len(rows) else np.empty(0), contract),
    }
    table = _table(source, rows, numbers, known, size, contract)
    return FileResult(record, table)


def _damage(packets: int) -> str | None:
    if not packets:
        return None
    return f"{packets} damaged part{'s' * (packets > 1)} of the video could not be decoded."


def _joined(parts: Sequence[VideoResult]) -> tuple[FaceRows, dict[int, tuple[float, float]]]:
    """The rows of all parts with ids that hold for the whole video, and the time that each face
    was tracked: id -> first and last second."""
    columns: list[tuple[np.ndarray, ...]] = []
    spans: dict[int, tuple[float, float]] = {}
    known: dict[int, int] = {}
    following = 0
    frames = 0
    for number, part in enumerate(parts):
        ids = _same_faces(parts[number - 1].tails, part.heads, known) if number else {}
        for face in sorted(set(part.spans) | {int(f) for f in part.rows.face}):
            if face not in ids:
                ids[face] = following
                following += 1
        known = ids
        for face, (first, last) in part.spans.items():
            start, _ = spans.get(ids[face], (first, last))
            spans[ids[face]] = start, last
        rows = part.rows
        faces = np.array([ids[int(face)] for face in rows.face], np.int64)
        columns.append((rows.frame + frames, rows.seconds, faces, rows.boxes, rows.scores))
        frames += part.frames
    return FaceRows(*(np.concatenate(column) for column in zip(*columns, strict=True))), spans


def _same_faces(tails: np.ndarray, heads: np.ndarray, known: dict[int, int]) -> dict[int, int]:
    """Which faces of a part are those of the part before: id within the part -> id in the video.

    Args:
        tails: (n, 6) faces at the end of the part before: time, id, x, y, width, height.
        heads: (m, 6) faces at the end of the warm-up, at the same times.
        known: id within the part before -> id in the video.
    """
    before: dict[float, list[np.ndarray]] = {}
    for row in tails:
        before.setdefault(round(row[0], 6), []).append(row)
    votes: dict[tuple[int, int], int] = {}
    for row in heads:
        for other in before.get(round(row[0], 6), ()):
            if overlap(Box(*map(float, row[2:])), Box(*map(float, other[2:]))) > SAME_FACE:
                pair = int(row[1]), int(other[1])
                votes[pair] = votes.get(pair, 0) + 1
    joined: dict[int, int] = {}
    for (face, earlier), _ in sorted(votes.items(), key=lambda one: (-one[1], one[0])):
        if face not in joined and known[earlier] not in joined.values():
            joined[face] = known[earlier]
    return joined


def _durations(
    samples: np.ndarray, length: float, every: float | None, rate: float | None
) -> np.ndarray:
    """For how many seconds each sample counts."""
    if not len(samples):
        return np.empty(0)
    period = every or 1 / (rate or 25.0)
    return np.minimum(np.diff(samples, append=max(length, samples[-1])), max(GAP_S, 1.5 * period))


def _shares(
    scores: np.ndarray, weights: np.ndarray, contract: ModelContract
) -> dict[str, float | None]:
    """Share of the time of each label and of "unsure", which sum to 1, and mean of each score."""
    labels = contract.labels
    total = float(weights.sum())
    if not total:
        return {}
    best, _, unsure = _best(scores, contract)
    shares = {
        f"share_{label}": float(weights[(best == i) & ~unsure].sum()) / total
        for i, label in enumerate(labels)
    }
    means = (scores * weights[:, None]).sum(axis=0) / total
    return {
        **shares,
        "share_unsure": float(weights[unsure].sum()) / total,
        **{f"mean_{label}": float(mean) for label, mean in zip(labels, means, strict=True)},
    }


def _best(scores: np.ndarray, contract: ModelContract) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each row the best label's index, its score, and whether it is unsure."""
    best = scores.argmax(axis=1) if len(scores) else np.empty(0, np.int64)
    score = scores[np.arange(len(scores)), best]
    return best, score, score < contract.calibration.unsure_below


def _table(
    source: Source,
    rows: FaceRows,
    numbers: np.ndarray,
    known: np.ndarray,
    size: tuple[int, int],
    contract: ModelContract,
) -> pa.Table | None:
    count = len(rows)
    if not count:
        return None
    best, score, unsure = _best(rows.scores, contract)
    columns: dict[str, Any] = {
        "file": pa.array([source.name] * count).dictionary_encode(),
        "frame": rows.frame,
        "time": pa.nulls(count, pa.timestamp("ms", "UTC")),
        "seconds": rows.seconds,
        "face": numbers.astype(np.int32),
        "results": np.ones(count, np.int32),
        "image_width": np.full(count, size[0], np.int32),
        "image_height": np.full(count, size[1], np.int32),
        "model": pa.array([contract.model] * count).dictionary_encode(),
        "contract_version": np.full(count, contract.contract_version, np.int32),
        **{
            name: rows.boxes[:, i].astype(np.float32)
            for i, name in enumerate(("x", "y", "width", "height"))
        },
        "label": pa.DictionaryArray.from_arrays(
            pa.array(best.astype(np.int32)), pa.array(list(contract.labels))
        ),
        "score": score.astype(np.float32),
        "unsure": unsure,
        "resting_face": known,
    }
    for i, label in enumerate(contract.labels):
        columns[f"score_{label}"] = rows.scores[:, i].astype(np.float32)
    return pa.table(columns, schema=faces_schema(contract.labels))
