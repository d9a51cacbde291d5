"""`python -m app.batch report FOLDER`: one HTML page of a batch's results.

It shows what failed, and for each file its shares of labels and, for a video, a timeline. The page
needs nothing from elsewhere.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from .errors import BatchError
from .output import FORMATS, is_full, part_name, write_whole

COLUMNS = 240
"""Into how many columns a timeline is divided at most."""

MOST_TIMELINES = 200
"""Videos that get a timeline; a page with more would be slow to show."""

MOST_FILES = 2000
"""Files that are listed one by one."""

COLORS = ("#c4382b", "#7a8b2f", "#7d5ba6", "#d99a00", "#3b72b0", "#c25f97", "#8a9096", "#2f8f83")
"""Of the labels, in their order; the page names each."""

UNSURE = "#d9dce0"


def main(argv: Sequence[str]) -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m app.batch report", description="Make report.html of a folder of results."
    )
    parser.add_argument("folder", type=Path, help="the --out of a batch")
    options = parser.parse_args(argv)
    try:
        path = write_report(options.folder)
    except BatchError as error:
        print(error, file=sys.stderr)
        return 1
    print(path)
    return 0


def write_report(folder: Path) -> Path:
    """Write report.html; its path.

    Raises:
        BatchError: the folder holds no results, or cannot be written.
    """
    try:
        run = json.loads((folder / "run.json").read_text("utf-8"))
        records = [
            record
            for part in sorted((folder / "parts").glob("*.json"))
            for record in json.loads(part.read_text("utf-8"))
        ]
        labels = run["contract"]["labels"]
    except FileNotFoundError:
        raise BatchError(
            f"{folder} holds no run.json; expected the --out folder of a batch."
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise BatchError(f"{folder}: run.json or a part cannot be read: {error}.") from None
    # A file that failed in an earlier run may have its row there as well.
    files = sorted({record["file"]: record for record in records}.values(), key=_by_name)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True
    )
    html = environment.get_template("report.html.jinja").render(
        run=run,
        labels=labels,
        colors={**dict(zip(labels, _colors(len(labels)), strict=True)), "unsure": UNSURE},
        failed=[record for record in files if record.get("error")],
        videos=_videos(folder, run, files, labels),
        files=[record for record in files if not record.get("error")][:MOST_FILES],
        left_out=max(0, sum(not record.get("error") for record in files) - MOST_FILES),
        total=_total(files, labels),
        counts={
            "files": len(files),
            "pictures": sum(record["kind"] == "picture" for record in files),
            "rows": sum(record.get("rows") or 0 for record in files),
            "seconds": sum(record.get("duration") or 0 for record in files),
        },
    )
    path = folder / "report.html"
    try:
        write_whole(path, lambda temporary: _write(temporary, html))
    except OSError as error:
        reason = "the disk is full" if is_full(error) else error.strerror
        raise BatchError(f"{path} cannot be written: {reason}.") from None
    return path


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _by_name(record: dict[str, Any]) -> str:
    return str(record["file"])


def _colors(count: int) -> list[str]:
    return [COLORS[i % len(COLORS)] for i in range(count)]


def _total(files: list[dict[str, Any]], labels: list[str]) -> dict[str, float]:
    """Shares of all files together: of the seconds of videos, of the faces of pictures."""
    weights = np.array([_weight(record) for record in files])
    if not weights.sum():
        return {}
    return {
        label: float(
            sum(w * (r.get(f"share_{label}") or 0) for w, r in zip(weights, files, strict=True))
            / weights.sum()
        )
        for label in (*labels, "unsure")
    }


def _weight(record: dict[str, Any]) -> float:
    """What a file counts: faces of a picture, seconds of a video with a face in view."""
    if record["kind"] == "picture":
        return float(record.get("faces") or 0)
    return float(record.get("seconds") or 0)


def _videos(
    folder: Path, run: dict[str, Any], files: list[dict[str, Any]], labels: list[str]
) -> list[dict[str, Any]]:
    """The timelines of videos: for each face, the label of each column of time."""
    videos = [r for r in files if r["kind"] == "video" and r.get("rows")][:MOST_TIMELINES]
    timelines = []
    for record in videos:
        columns = min(COLUMNS, max(1, record["samples"]))
        faces = _timeline(folder, run, record, labels, columns)
        timelines.append({"record": record, "columns": columns, "faces": faces})
    return timelines


def _timeline(
    folder: Path, run: dict[str, Any], record: dict[str, Any], labels: list[str], columns: int
) -> list[dict[str, Any]]:
    """For each face its pieces: neighbouring columns of time that have one label."""
    form = run["arguments"]["format"]
    path = folder / "faces" / f"{part_name([record['file']])}.{form}"
    seconds, faces, label, unsure = _columns(path, form)
    start = float(run["arguments"].get("from") or 0)
    end = max(float(seconds.max()) + 1e-6, start + 1e-3)
    if not run["arguments"].get("to"):
        end = max(end, float(record.get("duration") or 0))
    # A sample stands for the time until the next one, so its middle decides its column.
    middle = seconds + (end - start) / record["samples"] / 2
    column = np.minimum((middle - start) / (end - start) * columns, columns - 1).astype(int)
    index = {name: i for i, name in enumerate(labels)}
    codes = np.array([index[name] for name in label])
    codes[unsure] = len(labels)
    lines = []
    for face in np.unique(faces)[:20]:
        own = faces == face
        counts = np.zeros((columns, len(labels) + 1), int)
        np.add.at(counts, (column[own], codes[own]), 1)
        best = np.where(counts.sum(axis=1) > 0, counts.argmax(axis=1), -1)
        lines.append({"face": int(face), "pieces": _pieces(best, [*labels, "unsure"])})
    return lines


def _pieces(best: np.ndarray, names: list[str]) -> list[dict[str, Any]]:
    """Columns of one label beside each other as one piece: where it begins, how wide, which."""
    pieces: list[dict[str, Any]] = []
    for place, code in enumerate(best):
        if code < 0:
            continue
        name = names[int(code)]
        last = pieces[-1] if pieces else None
        if last and last["label"] == name and last["x"] + last["width"] == place:
            last["width"] += 1
        else:
            pieces.append({"x": place, "width": 1, "label": name})
    return pieces


def _columns(path: Path, form: str) -> tuple[np.ndarray, np.ndarray, list[str], np.ndarray]:
    """Seconds, face, label and unsure of each row of a file's table."""
    import pyarrow.csv
    import pyarrow.json
    import pyarrow.parquet

    assert form in FORMATS
    names = ["seconds", "face", "label", "unsure"]
    if form == "parquet":
        table = pyarrow.parquet.read_table(path, columns=names)
    elif form == "csv":
        table = pyarrow.csv.read_csv(path).select(names)
    else:
        table = pyarrow.json.read_json(path).select(names)
    return (
        table["seconds"].to_numpy(),
        table["face"].to_numpy(),
        table["label"].to_pylist(),
        table["unsure"].to_numpy(zero_copy_only=False).astype(bool),
    )
