"""Read a CSV file of images as people have it: packed, in any case, separator and encoding."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from ..errors import DataError

MOST_BYTES = 4 * 2**30
"""Of an unpacked member of an archive."""
PREFERRED = ("fer2013.csv", "icml_face_data.csv", "train.csv")
"""Members of an archive with several CSV files, the best first."""


def read_table(path: str | Path) -> pd.DataFrame:
    """The rows of a CSV file as text, with stripped column names.

    Packed as .gz, .xz, .bz2, .zip, .tar, .tar.gz and so on; separated by comma, semicolon or tab;
    in UTF-8 or UTF-16. Empty lines are left out.

    Raises:
        DataError: there is no such file, it is no CSV, or an archive without one.
    """
    try:
        content = _member(Path(path))
        source: Any = io.BytesIO(content) if content is not None else path
        head = content[:4] if content is not None else _first_bytes(Path(path))
        encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        table = pd.read_csv(
            source,
            dtype=str,
            keep_default_na=False,
            skipinitialspace=True,
            encoding=encoding,
            sep=_separator(path, content, encoding),
        )
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (
        OSError, ValueError, EOFError, pd.errors.ParserError, tarfile.TarError, zipfile.BadZipFile
    ) as error:  # fmt: skip
        raise DataError(f"{path}: cannot be read as CSV: {error}") from None
    return table.rename(columns=lambda name: str(name).strip())


def _member(path: Path) -> bytes | None:
    """The CSV file in a .zip or .tar; None for other files."""
    if path.is_file() and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            sizes = {one.filename: one.file_size for one in archive.infolist()}
            name = _choose(path, sizes)
            return archive.read(name)
    if path.is_file() and tarfile.is_tarfile(path):
        with tarfile.open(path) as packed:
            members = {one.name: one for one in packed.getmembers() if one.isfile()}
            name = _choose(path, {key: one.size for key, one in members.items()})
            file = packed.extractfile(members[name])
            return file.read() if file else None
    return None


def _choose(path: Path, sizes: dict[str, int]) -> str:
    tables = [
        name
        for name in sizes
        if name.lower().endswith(".csv") and not PurePosixPath(name).name.startswith(".")
    ]
    for wanted in PREFERRED:
        for name in tables:
            if PurePosixPath(name).name.lower() == wanted:
                tables = [name]
    if len(tables) != 1:
        raise DataError(
            f"{path}: the archive has {len(tables)} CSV files "
            f"({', '.join(tables or list(sizes)[:5])}), expected one; unpack it and give the file"
        )
    if sizes[tables[0]] > MOST_BYTES:
        raise DataError(f"{path}: {tables[0]} has {sizes[tables[0]]:,} bytes, too many")
    return tables[0]


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _separator(path: str | Path, content: bytes | None, encoding: str) -> str:
    """The separator of the first line."""
    compression: Any = None if content is not None else "infer"
    source: Any = io.BytesIO(content) if content is not None else path
    lines = pd.read_csv(
        source,
        sep="\0",
        header=None,
        nrows=1,
        dtype=str,
        encoding=encoding,
        compression=compression,
        engine="c",
        quoting=3,
    )
    first = str(lines.iloc[0, 0])
    return max(",;\t", key=first.count)
