"""Tells Python pickles from model files, without opening them as either.

A pickle is a program for Python's unpickler: whoever made the file decides what runs when it is
loaded (Python's documentation of `pickle`: "Never unpickle data that could have come from an
untrusted source"). So none is ever loaded here; .h5 and .keras files hold numbers and a
description of layers.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

ENDINGS = (".pkl", ".pickle", ".joblib", ".dill", ".sav", ".pt", ".pth")
"""Of files that hold pickles: Python's own, joblib's (scikit-learn), PyTorch's."""

_NUMPY = b"\x93NUMPY"


def pickle_in(path: Path) -> str | None:
    """What makes the file `path` a pickle, in words, or None where it is none.

    Looks at its first bytes and its ending; of a file that cannot be read, None: "a Python
    pickle", "a NumPy array of Python objects, that is a Python pickle", "a PyTorch file, that is
    a Python pickle in an archive".
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
    # Protocols 2 to 5 begin so; those before have no mark of their own.
    if (head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")) or (
        path.suffix.lower() in ENDINGS
    ):
        return "a Python pickle"
    return None


def refusal(path: Path, what: str) -> str:
    """The sentence that refuses `path`, of which `pickle_in` said `what`."""
    return (
        f"{path}: this is {what}, which can run any program when it is opened and is never read "
        "here"
    )


def _in_archive(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return None
    held = any(name.endswith("data.pkl") for name in names)
    return "a PyTorch file, that is a Python pickle in an archive" if held else None
