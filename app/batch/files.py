"""Find and open the pictures and videos that the command names, here or elsewhere (fsspec)."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import fsspec

from .errors import BatchError, FileError
from .tasks import Source

PICTURES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"),
    *(".heic", ".heif", ".avif"),
)
VIDEOS = (
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts"),
    *(".wmv", ".asf", ".flv", ".f4v", ".3gp", ".3g2", ".ogv", ".vob", ".mxf", ".dv", ".y4m"),
)
"""Suffixes by which files of a folder are taken. A file that is named itself may have any."""

PICTURE_STARTS = (
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
)
PICTURE_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")

BLOCK_BYTES = 4 << 20
"""How much of a file elsewhere is read at once."""


def find_sources(inputs: Iterable[str]) -> list[Source]:
    """The files that `inputs` name, in order, each once.

    Args:
        inputs: files, folders (with all below them), patterns with * ? [ ], URLs of fsspec, or
            @LIST: a file with one of these in each line.

    Raises:
        BatchError: an input does not exist, or holds no picture or video.
    """
    found: dict[str, Source] = {}
    for text in inputs:
        if text.startswith("@"):
            for line in _lines(text[1:]):
                # One missing file of a long list is a row of the table, not the end of the run.
                for source in _expand(line) or [Source(line, _kind_by_name(line) or "picture")]:
                    found.setdefault(source.name, source)
            continue
        sources = _expand(text)
        if not sources:
            raise BatchError(_nothing(text))
        for source in sources:
            found.setdefault(source.name, source)
    if not found:
        raise BatchError("The list names no file; expected one picture, video or folder a line.")
    return list(found.values())


def is_url(name: str) -> bool:
    """Whether a name is a URL, such as s3://bucket/film.mp4."""
    return "://" in name


def open_file(name: str) -> IO[bytes]:
    """The file, open for reading.

    Raises:
        FileError: it does not exist or may not be read.
    """
    try:
        if is_url(name):
            system, path = fsspec.core.url_to_fs(name)
            file: IO[bytes] = system.open(path, "rb", block_size=BLOCK_BYTES)
            return file
        return Path(name).open("rb")
    except Exception as error:
        raise FileError(unreadable(error)) from error


def unreadable(error: Exception) -> str:
    """Why a file cannot be opened, as a sentence."""
    if isinstance(error, FileNotFoundError):
        return "There is no such file."
    if isinstance(error, PermissionError):
        return "The file may not be read: permission denied."
    if isinstance(error, IsADirectoryError):
        return "This is a folder, not a file."
    return f"The file cannot be opened: {_one_line(error)}."


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text.rstrip(".")[:300]


def _lines(name: str) -> list[str]:
    try:
        with open_file(name) as file:
            text = file.read().decode("utf-8")
    except FileError as error:
        raise BatchError(f"@{name}: {error}") from None
    except UnicodeDecodeError:
        raise BatchError(f"@{name}: expected a text file (UTF-8) with one path a line.") from None
    return [line.strip() for line in text.splitlines() if line.strip()]


def _nothing(text: str) -> str:
    if not is_url(text) and not glob.has_magic(text) and not Path(text).exists():
        return f"{text}: there is no such file or folder."
    return f"{text}: there is no picture or video."


def _expand(text: str) -> list[Source]:
    if is_url(text):
        return list(_expand_url(text))
    path = Path(text)
    if path.is_dir():
        return list(_in_folder(path))
    if path.is_file():
        return [Source(text, kind_of(text), path.stat().st_size)]
    if glob.has_magic(text):
        found: list[Source] = []
        # pathlib's glob does not take absolute patterns.
        for one in sorted(glob.glob(text, recursive=True)):  # noqa: PTH207
            match = Path(one)
            if match.is_dir():
                found += _in_folder(match)
            elif match.is_file() and (kind := _kind_by_name(one)):
                found.append(Source(one, kind, match.stat().st_size))
        return found
    return []


def _in_folder(folder: Path) -> Iterator[Source]:
    for path in sorted(folder.rglob("*")):
        kind = _kind_by_name(path.name)
        # Names that begin with "._" hold what macOS knows of the file beside them.
        if kind and not path.name.startswith(".") and path.is_file():
            yield Source(str(path), kind, path.stat().st_size)


def _expand_url(url: str) -> Iterator[Source]:
    protocol = url.partition("://")[0]
    try:
        system, path = fsspec.core.url_to_fs(url)
        if glob.has_magic(path):
            found: dict[str, Any] = system.glob(path, detail=True)
        elif system.isdir(path):
            found = system.find(path, detail=True)
        elif system.exists(path):
            found = {path: system.info(path)}
        else:
            raise BatchError(f"{url}: there is no such file or folder.")
    except BatchError:
        raise
    except ImportError as error:
        raise BatchError(
            f"{protocol}:// needs a package that is not installed: {_one_line(error)}."
        ) from None
    except ValueError as error:
        raise BatchError(f"{url}: {_one_line(error)}.") from None
    except Exception as error:
        raise BatchError(f"{url} cannot be listed: {_one_line(error)}.") from None
    for name, info in sorted(found.items()):
        kind = _kind_by_name(name) or (kind_of(url) if len(found) == 1 else None)
        if info.get("type") != "directory" and kind:
            yield Source(system.unstrip_protocol(name), kind, info.get("size"))


def _kind_by_name(name: str) -> str | None:
    lower = name.lower()
    if lower.endswith(PICTURES):
        return "picture"
    return "video" if lower.endswith(VIDEOS) else None


def kind_of(name: str) -> str:
    """Whether a file is a "picture" or a "video": by its suffix, else by its first bytes."""
    known = _kind_by_name(name)
    if known:
        return known
    try:
        with open_file(name) as file:
            start = file.read(16)
    except (FileError, OSError):
        return "picture"
    picture = start.startswith(PICTURE_STARTS) or (start[:4], start[8:12]) == (b"RIFF", b"WEBP")
    if picture or (start[4:8] == b"ftyp" and start[8:12] in PICTURE_BRANDS):
        return "picture"
    return "video"
