"""Check the files of a model's folder, `<model>/{model.h5, contract.json}`, without Keras."""

from __future__ import annotations

import zipfile
from pathlib import Path

from .contract import MODEL_NAME, ModelContract
from .errors import ContractError
from .pickle_check import pickle_in

MODEL_FILES = ("model.h5", "model.keras")
HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = b"PK\x03\x04"


def model_file(folder: Path) -> Path | None:
    """The model file in `folder`; None without one."""
    return next((folder / file for file in MODEL_FILES if (folder / file).is_file()), None)


def fault_of(folder: Path) -> str:
    """Why the model in `folder`, which has a model file, cannot be used; "" if nothing is wrong.

    A file that looks right may still be one that Keras cannot load.
    """
    if not MODEL_NAME.fullmatch(folder.name):
        return (
            "the folder's name is not a model's name: architecture.tag in lower case letters, "
            "digits and underscores"
        )
    path = model_file(folder)
    if path is None:
        return f"it has neither {' nor '.join(MODEL_FILES)}"
    if pickle := pickle_in(path):
        return f"{path.name} is {pickle.removeprefix('a ')}, which is never loaded"
    try:
        contract = ModelContract.read(folder / "contract.json")
    except ContractError as error:
        return str(error).removeprefix(f"{folder}/")
    if contract.model != folder.name:
        return f"its contract.json belongs to {contract.model}"
    return _file_fault(path)


def _file_fault(path: Path) -> str:
    """What is wrong with the beginning of a model file; "" if nothing is."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
        if path.suffix == ".keras":
            whole = head.startswith(ZIP) and "config.json" in zipfile.ZipFile(path).namelist()
            return "" if whole else "model.keras is no .keras archive"
        if head != HDF5:
            return "model.h5 is no HDF5 file"
        import h5py

        with h5py.File(path, "r") as file:
            whole = "model_config" in file.attrs
        return "" if whole else "model.h5 holds no whole Keras model"
    except (OSError, zipfile.BadZipFile) as error:
        return f"{path.name} is damaged: {str(error).splitlines()[0][:120]}"
