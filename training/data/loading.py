"""What `--data` names: a FER2013 file, or a folder of labelled folders."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from ..run_folder import origin_of
from .dataset import Pictures
from .fer2013 import read_fer2013
from .folders import read_folders


def read_data(path: Path) -> Pictures:
    """Read a FER2013 csv (`read_fer2013`), or pictures in folders (`read_folders`).

    Raises:
        DataError: it cannot be read; says why.
    """
    return read_folders(path) if path.is_dir() else read_fer2013(path)


def origin_of_data(path: Path, data: Pictures) -> dict[str, Any]:
    """What a run remembers of its data: name, SHA-256 and number of rows.

    Of folders the checksum is that of the pictures as they were read, with label and split.
    """
    if not path.is_dir():
        return {**origin_of(path), "rows": len(data)}
    digest = hashlib.sha256(data.images.tobytes())
    digest.update(repr((data.names, data.labels.tolist(), data.usage.tolist())).encode())
    return {"name": path.resolve().name, "sha256": digest.hexdigest(), "rows": len(data)}
