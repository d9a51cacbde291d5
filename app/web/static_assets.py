"""`asset(path)`: the URL of a static file with a hash of its content, so that it may be cached
for ever."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app, url_for

# Browsers refuse modules and wasm of another type, and systems' own tables differ.
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/wasm", ".wasm")
# Types (mien.d.ts) are to be read; elsewhere this ending is that of videos.
mimetypes.add_type("text/plain", ".ts")


def asset(path: str) -> str:
    """The URL of static file `path`; without a hash where there is no such file (yet)."""
    version = content_hash(path)
    if version is None:
        return url_for("static", filename=path)
    return url_for("static", filename=path, v=version)


def content_hash(path: str) -> str | None:
    """A hash of static file `path`'s content, 12 hexadecimal digits; None if there is none."""
    folder = Path(current_app.static_folder or "")
    file = folder / path
    try:
        found = file.stat()
    except OSError:
        return None
    return _hash(file, found.st_mtime_ns, found.st_size) if file.is_file() else None


@lru_cache(maxsize=256)
def _hash(file: Path, _changed: int, _size: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def init_app(app: Flask) -> None:
    """Give templates `asset`."""
    app.add_template_global(asset)
