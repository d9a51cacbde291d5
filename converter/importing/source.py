"""What a model file is, by its content: a whole Keras model, weights alone, or a SavedModel folder.

Nothing is loaded, and no code of the file is run.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.inference.pickle_check import pickle_in, refusal

from ..errors import FormatError, UnsupportedError, first_line

HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = b"PK\x03\x04"
EXPECTED = "expected a trained Keras model: .h5, .hdf5, .keras or a SavedModel folder"
PYTHON_CODE = ("Lambda", "__lambda__")
"""Class names of Python code inside a description of layers."""
OTHER_KINDS = (
    (b"version https://git-lfs", "a Git LFS pointer, not the model; run: git lfs pull"),
    (b"<!DOCTYPE", "an HTML page, not the model; download the file itself (GitHub: Raw)"),
    (b"<!doctype", "an HTML page, not the model; download the file itself (GitHub: Raw)"),
    (b"<html", "an HTML page, not the model; download the file itself (GitHub: Raw)"),
    (b"{", "JSON; give the model file, and this one as --architecture if it describes layers"),
    (b"GIF8", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x89PNG", "a picture"),
    (b"%PDF", "a PDF document"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A model file and what it is.

    Attributes:
        path: the file or folder.
        kind: "hdf5", "keras", "weights" (HDF5 without the layers) or "saved_model".
        keras_version: of Keras that wrote it; "" if not stated.
        config: the description of the layers, as Keras wrote it; {} for a SavedModel.
        architecture: the file that `config` is from, if that is not `path`.
    """

    path: Path
    kind: str
    keras_version: str
    config: dict[str, Any]
    architecture: Path | None = None


def identify(path: Path, architecture: Path | None = None) -> Source:
    """What the file or folder `path` is.

    Args:
        path: the model file, or the folder of a SavedModel.
        architecture: JSON file with the layers (`model.to_json()`), for a file of weights alone;
            None: the one beside it.

    Raises:
        FormatError: it is no Keras model; the message says what it is, if known.
        UnsupportedError: it holds Python code.
    """
    source = _identify(path, architecture)
    if any(name in PYTHON_CODE for name in class_names(source.config)):
        raise UnsupportedError(
            f"{path}: the model holds a Lambda layer, that is Python code inside the file, "
            "which is never run here; build it from Keras's own layers"
        )
    return source


def _identify(path: Path, architecture: Path | None) -> Source:
    if path.is_dir():
        return _saved_model(path)
    if not path.is_file():
        raise FormatError(f"{path}: no such file; {EXPECTED}")
    pickle = pickle_in(path)
    if pickle:
        raise FormatError(f"{refusal(path, pickle)}; {EXPECTED}")
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise FormatError(f"{path}: cannot be read: {error.strerror}") from None
    if head.startswith(HDF5):
        return _hdf5(path, architecture)
    if head.startswith(ZIP):
        return _keras_archive(path)
    raise FormatError(f"{path}: {what_else(head)}; {EXPECTED}")


def what_else(head: bytes) -> str:
    """What a file that is no Keras model is, by its first bytes, in words."""
    if not head:
        return "the file is empty"
    if head[4:8] == b"TFL3":
        return "this is a TensorFlow Lite model, from which no Keras model can be made"
    if head.startswith(b"\x08") and b"onnx" in head.lower() + b"pytorch"[:0]:
        return "this is an ONNX model"
    for beginning, kind in OTHER_KINDS:
        if head.lstrip().startswith(beginning):
            return f"this is {kind}"
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text and all(character.isprintable() or character.isspace() for character in text):
        return f"this is a text file (it begins {text.strip()[:40]!r})"
    return "this is neither HDF5 (.h5) nor a .keras archive"


def class_names(config: Any) -> Iterator[str]:
    """Every class name in a description of layers, also of nested ones."""
    if isinstance(config, dict):
        for key, value in config.items():
            if key in ("class_name", "function_type") and isinstance(value, str):
                yield "Lambda" if value == "lambda" else value
            else:
                yield from class_names(value)
    elif isinstance(config, list):
        for value in config:
            yield from class_names(value)


def _hdf5(path: Path, architecture: Path | None) -> Source:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            attributes = {**file.attrs, **_attributes(file, "model_weights")}
            has_weights = (
                "layer_names" in attributes or "layers" in file or "_layer" in str(list(file))
            )
    except OSError as error:
        raise FormatError(f"{path}: the HDF5 file is damaged: {first_line(error)}") from None
    version = _text(attributes.get("keras_version", ""))
    if "model_config" in attributes:
        config = _json(path, _text(attributes["model_config"]))
        return Source(path, "hdf5", version, config)
    if not has_weights:
        raise FormatError(f"{path}: the HDF5 file holds no Keras model, but other data; {EXPECTED}")
    found = architecture or _architecture_beside(path)
    if found is None:
        raise FormatError(
            f"{path}: the file holds weights alone; give the layers, which model.to_json() writes, "
            "as --architecture FILE.json or as the .json beside it, or save the whole model with "
            "model.save()"
        )
    try:
        text = found.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{found}: cannot be read: {first_line(error)}") from None
    config = _json(found, text)
    if "config" not in config:
        raise FormatError(f"{found}: no description of layers; expected what model.to_json() gives")
    return Source(path, "weights", version or str(config.get("keras_version", "")), config, found)


def _attributes(file: Any, group: str) -> dict[str, Any]:
    return dict(file[group].attrs) if group in file else {}


def _architecture_beside(path: Path) -> Path | None:
    """The .json beside a file of weights: of its name, or the only one that describes layers."""
    stem = path.name.split(".")[0]
    named = path.with_name(f"{stem}.json")
    if named.is_file():
        return named
    others = [
        other for other in sorted(path.parent.glob("*.json")) if '"class_name"' in _begin(other)
    ]
    return others[0] if len(others) == 1 else None


def _begin(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(500)
    except OSError:
        return ""


def _keras_archive(path: Path) -> Source:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            damaged = archive.testzip()
            if damaged:
                raise FormatError(
                    f"{path}: the .keras archive is damaged: {damaged} fails its checksum"
                )
            if "config.json" not in names:
                inside = "a SavedModel; unpack it" if _has_saved_model(names) else "no Keras model"
                raise FormatError(f"{path}: this is a zip archive with {inside}; {EXPECTED}")
            config = _json(path, archive.read("config.json").decode("utf-8"))
            metadata = (
                _json(path, archive.read("metadata.json").decode("utf-8"))
                if "metadata.json" in names
                else {}
            )
    except (zipfile.BadZipFile, OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}: the .keras archive is damaged: {first_line(error)}") from None
    return Source(path, "keras", str(metadata.get("keras_version", "")), config)


def _has_saved_model(names: list[str]) -> bool:
    return any(name.endswith("saved_model.pb") for name in names)


def _saved_model(path: Path) -> Source:
    if not (path / "saved_model.pb").is_file():
        raise FormatError(f"{path}: this folder is no SavedModel (no saved_model.pb); {EXPECTED}")
    metadata = path / "keras_metadata.pb"
    if not metadata.is_file():
        raise FormatError(
            f"{path}: the SavedModel has no Keras layers (no keras_metadata.pb), only a graph for "
            "serving; save the model with model.save('model.keras')"
        )
    content = metadata.read_bytes()
    if b'"class_name": "Lambda"' in content or b'"__lambda__"' in content:
        return Source(path, "saved_model", "2", {"class_name": "Lambda"})
    return Source(path, "saved_model", "2", {})


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _json(path: Path, text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise FormatError(f"{path}: the description of the layers is damaged: {error}") from None
    if isinstance(data, str):  # written by json.dump(model.to_json()), a frequent slip
        return _json(path, data)
    if not isinstance(data, dict):
        raise FormatError(f"{path}: the description of the layers is no JSON object")
    return data
