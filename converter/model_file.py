"""Check a model file by its extension and its content before it is loaded."""

from __future__ import annotations

import zipfile
from pathlib import Path

from app.inference.pickle_check import pickle_in, refusal

from .errors import FormatError, first_line

EXPECTED = "expected a Keras model, .h5 or .keras"
HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = b"PK\x03\x04"


def check_file(path: Path) -> None:
    """Reject files that are not Keras models, without loading them.

    Raises:
        FormatError: the message says what the file is, if known.
    """
    if path.is_dir():
        raise FormatError(f"{path}: this is a folder; {EXPECTED}")
    if not path.is_file():
        raise FormatError(f"{path}: no such file; {EXPECTED}")
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise FormatError(f"{path}: cannot be read: {error.strerror}") from None
    if not head:
        raise FormatError(f"{path}: the file is empty; {EXPECTED}")
    pickle = pickle_in(path)
    if pickle:
        raise FormatError(f"{refusal(path, pickle)}; {EXPECTED}")
    if path.suffix not in (".h5", ".keras"):
        raise FormatError(f"{path}: the ending is {path.suffix or 'missing'!r}; {EXPECTED}")
    if head[4:8] == b"TFL3":
        raise FormatError(f"{path}: this is a TensorFlow Lite model; {EXPECTED}")
    if head.startswith(ZIP):
        _check_zip(path)
    elif head.startswith(HDF5):
        _check_hdf5(path)
    else:
        raise FormatError(f"{path}: this is neither HDF5 (.h5) nor a .keras archive; {EXPECTED}")


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            damaged = archive.testzip()
    except (zipfile.BadZipFile, OSError) as error:
        raise FormatError(f"{path}: the .keras archive is damaged: {first_line(error)}") from None
    if damaged:
        raise FormatError(f"{path}: the .keras archive is damaged: {damaged} fails its checksum")
    if "config.json" not in names or path.suffix != ".keras":
        raise FormatError(
            f"{path}: this is a zip archive, but no .keras one; {EXPECTED}"
            if "config.json" not in names
            else f"{path}: this is a .keras archive named .h5; give it the ending .keras"
        )


def _check_hdf5(path: Path) -> None:
    import h5py

    if path.suffix != ".h5":
        raise FormatError(f"{path}: this is an HDF5 file named .keras; give it the ending .h5")
    try:
        with h5py.File(path, "r") as file:
            whole = "model_config" in file.attrs
    except OSError as error:
        raise FormatError(f"{path}: the HDF5 file is damaged: {first_line(error)}") from None
    if not whole:
        raise FormatError(
            f"{path}: the HDF5 file holds no Keras model (weights alone, or other data); "
            "save the whole one with model.save()"
        )
