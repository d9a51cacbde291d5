"""The folder of results: written so that a file's result is there as a whole or not at all.

faces/<part>.parquet    rows of faces (or .csv, .jsonl)
parts/<part>.json       rows of files; written after the faces, so that it marks the part done
files.parquet           all rows of files, written at the end
run.json                versions, model, contract, arguments, counts
"""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha1
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .errors import BatchError
from .results import FileResult
from .schema import FILE_COLUMNS, files_schema

FORMATS = ("parquet", "csv", "jsonl")
TEMPORARY = ".writing-"
"""How the names of files begin that are not complete."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_full(error: BaseException) -> bool:
    """Whether an error means that the disk is full, or a quota is used up."""
    return isinstance(error, OSError) and error.errno in FULL


class OutputFolder:
    """The results of one run.

    Args:
        folder: the folder.
        form: "parquet", "csv" or "jsonl": how faces are written.
        labels: of the model.
    """

    def __init__(self, folder: Path, form: str, labels: tuple[str, ...]) -> None:
        self.folder = folder
        self.form = form
        self.labels = labels
        self.records: dict[str, dict[str, Any]] = {}

    def begin(self, run: dict[str, Any], resume: bool) -> None:
        """Make the folder ready; with `resume`, read what is done.

        Raises:
            BatchError: it belongs to another run or holds other files, or cannot be written.
        """
        path = self.folder / "run.json"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if path.exists():
                self._check_same(run, resume, path)
            elif any(self.folder.iterdir()):
                raise BatchError(
                    f"{self.folder}: the folder holds other files; expected a new or empty folder."
                )
            for name in ("faces", "parts"):
                (self.folder / name).mkdir(exist_ok=True)
        except OSError as error:
            raise BatchError(_cannot_write(self.folder, error)) from None
        for left in self.folder.rglob(f"{TEMPORARY}*"):
            left.unlink(missing_ok=True)
        # Faces without the part that marks them done are those of a run that was ended between.
        for faces in (self.folder / "faces").iterdir():
            if not (self.folder / "parts" / f"{faces.stem}.json").exists():
                faces.unlink()
        for part in sorted((self.folder / "parts").glob("*.json"), key=lambda p: p.stat().st_mtime):
            for record in json.loads(part.read_text("utf-8")):
                self.records[record["file"]] = record
        self.write_run(run)

    def _check_same(self, run: dict[str, Any], resume: bool, path: Path) -> None:
        try:
            before = json.loads(path.read_text("utf-8"))
            earlier, now = before["arguments"], run["arguments"]
        except (ValueError, KeyError, TypeError):
            raise BatchError(f"{path}: this is not the run.json of a batch.") from None
        if not resume:
            raise BatchError(
                f"{self.folder} holds a run already; "
                "expected another folder, or --resume to go on with it."
            )
        for name in ("model", "every", "from", "to", "format", "baseline"):
            if earlier.get(name) != now.get(name):
                raise BatchError(
                    f"{self.folder} holds another run: {name} was {earlier.get(name)}, "
                    f"now it is {now.get(name)}; expected the same, or another folder."
                )
        if before["contract"] != run["contract"]:
            raise BatchError(
                f"{self.folder} holds a run of another version of {now.get('model')}; "
                "expected another folder."
            )

    def is_done(self, name: str) -> bool:
        """Whether a file has its result. One that failed is tried again."""
        record = self.records.get(name)
        return record is not None and not record.get("error")

    def add(self, results: list[FileResult]) -> None:
        """Write the results of some files, all or none.

        Raises:
            BatchError: the disk is full, or the folder cannot be written.
        """
        part = part_name([result.record["file"] for result in results])
        tables = [result.table for result in results if result.table is not None]
        faces = self.folder / "faces" / f"{part}.{self.form}"
        records = [result.record for result in results]
        try:
            if tables:
                table = pa.concat_tables(tables).unify_dictionaries()
                write_whole(faces, lambda path: write_table(path, table, self.form))
            else:
                # A run that was ended between the two files may have left it.
                faces.unlink(missing_ok=True)
            write_json(self.folder / "parts" / f"{part}.json", records)
        except OSError as error:
            raise BatchError(_cannot_write(self.folder, error, len(self.records))) from None
        for record in records:
            self.records[record["file"]] = record

    def finish(self, run: dict[str, Any]) -> None:
        """Write the table of files and run.json.

        Raises:
            BatchError: the disk is full, or the folder cannot be written.
        """
        schema = files_schema(self.labels)
        rows = [self.records[name] for name in sorted(self.records)]
        table = pa.Table.from_pylist(rows, schema=schema)
        try:
            write_whole(self.folder / "files.parquet", lambda p: write_table(p, table, "parquet"))
            if self.form != "parquet":
                name = f"files.{self.form}"
                write_whole(self.folder / name, lambda p: write_table(p, table, self.form))
        except OSError as error:
            raise BatchError(_cannot_write(self.folder, error, len(self.records))) from None
        self.write_run(run)

    def write_run(self, run: dict[str, Any]) -> None:
        """Write run.json.

        Raises:
            BatchError: the disk is full, or the folder cannot be written.
        """
        try:
            write_json(self.folder / "run.json", run)
        except OSError as error:
            raise BatchError(_cannot_write(self.folder, error, len(self.records))) from None


def part_name(files: list[str]) -> str:
    """The name of the part that holds these files: readable, and the same for the same files."""
    stem = re.sub(r"[^\w.-]+", "_", files[0].rstrip("/").rpartition("/")[2])[:60].strip(".")
    return f"{stem or 'file'}-{sha1(chr(10).join(files).encode()).hexdigest()[:12]}"


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file so that it appears under its name complete or not at all."""
    temporary = path.with_name(f"{TEMPORARY}{path.name}")
    try:
        write(temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file, complete or not at all."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    write_whole(path, lambda temporary: _write_text(temporary, text))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="utf-8")


def write_table(path: Path, table: pa.Table, form: str) -> None:
    """Write a table as "parquet", "csv" or "jsonl"."""
    if form == "parquet":
        # A file object: pyarrow would read some paths as URLs.
        with path.open("wb") as written:
            pq.write_table(table, written, compression="zstd")
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        for batch in table.to_batches(max_chunksize=4096):
            for line in _lines(batch, form, first=file.tell() == 0):
                file.write(line)


def _lines(batch: pa.RecordBatch, form: str, first: bool) -> Iterator[str]:
    """The rows as text, numbers written as the live page writes them."""
    names = batch.schema.names
    if form == "csv" and first:
        yield _csv_line(names)
    for row in batch.to_pylist():
        if form == "csv":
            yield _csv_line([_text(name, row[name]) for name in names])
        else:
            values = {
                name: None if value is None else _json_value(name, value)
                for name, value in row.items()
            }
            yield json.dumps(values, ensure_ascii=False) + "\n"


def _csv_line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.{_digits(name)}f}"
    text = str(value)
    # No spreadsheet evaluates a file name as a formula (OWASP, CSV Injection).
    return f"'{text}" if name == "file" and text[:1] in "=+-@\t\r" and text else text


def _json_value(name: str, value: Any) -> Any:
    return round(value, _digits(name)) if isinstance(value, float) else value


def _digits(name: str) -> int:
    if name in ("x", "y", "width", "height"):
        return 2
    return 3 if name in ("seconds", "duration", "rate", "took") else 6


def _cannot_write(folder: Path, error: OSError, done: int = 0) -> str:
    if is_full(error):
        free = 0
        with suppress(OSError):
            free = shutil.disk_usage(folder).free
        return (
            f"The disk of {folder} is full ({free / 1e6:.0f} MB free); {done} files are done and "
            "kept. Free some space and go on with --resume."
        )
    return f"{folder} cannot be written: {error.strerror or error}."


__all__ = ["FILE_COLUMNS", "FORMATS", "OutputFolder", "is_full", "part_name", "write_whole"]
