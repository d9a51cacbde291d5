"""URLs of static files with a hash of their content (`asset`), which clients may cache forever."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app, url_for

# Browsers refuse modules and wasm of other types, and the tables of operating systems differ.
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/wasm", ".wasm")
# For type declarations (mien.d.ts); elsewhere .ts is a format of videos.
mimetypes.add_type("text/plain", ".ts")


def asset(path: str) -> str:
    """The URL of static file `path`, ending in "?v=" and its hash if there is such a file."""
    version = content_hash(path)
    if version is None:
        return url_for("static", filename=path)
    return url_for("static", filename=path, v=version)


def content_hash(path: str) -> str | None:
    """The first 12 hexadecimal digits of the SHA-256 of static file `path`; None: no such file."""
    folder = Path(current_app.static_folder or "")
    file = folder / path
    try:
        found = file.stat()
    except OSError:
        return None
    return _hash(file, found.st_mtime_ns, found.st_size) if file.is_file() else None


@lru_cache(maxsize=256)
def _hash(file: Path, _mtime_ns: int, _size: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def init_app(app: Flask) -> None:
    """Make `asset` available in templates."""
    app.add_template_global(asset)
