"""Detect Python pickles among model files without loading them.

A pickle is a program for Python's unpickler: whoever made the file decides what runs when it is
loaded (Python's documentation of `pickle`: "Never unpickle data that could have come from an
untrusted source"). So Mien never loads one; .h5 and .keras files hold numbers and a description of
layers.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

SUFFIXES = (".pkl", ".pickle", ".joblib", ".dill", ".sav", ".pt", ".pth")
"""File name suffixes of pickles: Python's own, joblib's (scikit-learn), PyTorch's."""

_NUMPY = b"\x93NUMPY"


def pickle_in(path: Path) -> str | None:
    """The kind of pickle that the file `path` is, in words; None if it is none or not readable.

    By its first bytes and its suffix. The kinds are "a Python pickle", "a NumPy array of Python
    objects, that is a Python pickle" and "a PyTorch file, that is a Python pickle in an archive".
    """
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError:
        return None
    if head.startswith(_NUMPY):
        objects = b"'|O" in head
        return "a NumPy array of Python objects, that is a Python pickle" if objects else None
    if head.startswith(b"PK\x03\x04"):
        return _in_archive(path)
    # Pickle protocols 2 to 5 begin like this; older ones have no such mark.
    if (head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")) or (
        path.suffix.lower() in SUFFIXES
    ):
        return "a Python pickle"
    return None


def refusal(path: Path, kind: str) -> str:
    """The sentence that refuses `path`; `kind` is the result of `pickle_in`."""
    return (
        f"{path}: this is {kind}, which can run any program when it is loaded; Mien never loads one"
    )


def _in_archive(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return None
    has_pickle = any(name.endswith("data.pkl") for name in names)
    return "a PyTorch file, that is a Python pickle in an archive" if has_pickle else None
