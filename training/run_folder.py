"""Read and write the files of a run folder; every file is written atomically."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

HISTORY = ("epoch", "seconds", "learning_rate", "loss", "validation_loss", "validation_accuracy")


def read_history(run: Path) -> list[dict[str, float]]:
    """Read the rows of a run's history.csv; an empty list if there is no such file."""
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
    """Write a run's history.csv, one row per epoch."""
    lines = [",".join(HISTORY), *(",".join(str(row[name]) for name in HISTORY) for row in rows)]
    write_text(run / "history.csv", "\n".join(lines) + "\n")


def write_json(path: Path, data: Any) -> None:
    """Write `data` as indented JSON, atomically."""
    write_text(path, json.dumps(data, indent=2) + "\n")


def fingerprint(path: Path) -> dict[str, Any]:
    """Name and hexadecimal SHA-256 of a file, {"name", "sha256"}."""
    with path.open("rb") as file:
        return {"name": path.name, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file atomically: `write` writes a temporary file, which then replaces `path`."""
    # Keras chooses the format by the extension, so the temporary file has the same one.
    temporary = path.with_name(f".part-{path.name}")
    write(temporary)
    temporary.replace(path)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, atomically."""
    write_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
