"""The files of a run folder: written whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

HISTORY = ("epoch", "seconds", "learning_rate", "loss", "validation_loss", "validation_accuracy")


def read_history(run: Path) -> list[dict[str, float]]:
    """The rows of a run's history.csv, none if there is no such file."""
    try:
        with (run / "history.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError:
        return []
    return [
        {name: int(value) if name == "epoch" else float(value) for name, value in row.items()}
        for row in rows
    ]


def write_history(run: Path, rows: list[dict[str, float]]) -> None:
    """Write a run's history.csv, a row an epoch."""
    lines = [",".join(HISTORY), *(",".join(str(row[name]) for name in HISTORY) for row in rows)]
    write_text(run / "history.csv", "\n".join(lines) + "\n")


def write_json(path: Path, data: Any) -> None:
    """Write `data` as indented JSON, whole or not at all."""
    write_text(path, json.dumps(data, indent=2) + "\n")


def origin_of(path: Path) -> dict[str, Any]:
    """What a run remembers of a data file: its name and SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return {"name": path.name, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def replacing(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a file, then put it at `path`: the old or the new one, never half."""
    # Keras picks the format by the ending, so the temporary name keeps it.
    temporary = path.with_name(f".part-{path.name}")
    write(temporary)
    temporary.replace(path)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, whole or not at all."""
    replacing(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
