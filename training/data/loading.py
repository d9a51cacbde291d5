"""Read the data that `--data` names: a FER2013 file, or a folder of folders of labels."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from ..run_folder import fingerprint
from .dataset import Dataset
from .fer2013 import read_fer2013
from .folders import read_folders


def read_data(path: Path) -> Dataset:
    """Read a FER2013 CSV file (`read_fer2013`) or images in folders (`read_folders`).

    Raises:
        DataError: the data cannot be read; the message says why.
    """
    return read_folders(path) if path.is_dir() else read_fer2013(path)


def data_fingerprint(path: Path, data: Dataset) -> dict[str, Any]:
    """Fingerprint of the data, stored in config.json: name, SHA-256 and number of rows.

    For folders, the SHA-256 is that of the images as they were read, with their labels and splits.
    """
    if not path.is_dir():
        return {**fingerprint(path), "rows": len(data)}
    digest = hashlib.sha256(data.images.tobytes())
    digest.update(repr((data.names, data.labels.tolist(), data.usage.tolist())).encode())
    return {"name": path.resolve().name, "sha256": digest.hexdigest(), "rows": len(data)}
