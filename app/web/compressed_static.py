"""Static files, compressed where a copy was made at build time (bin/compress.mjs).

A copy is named by the hash of the content it was made from, so one of an older content is never
sent. Files without a copy, and parts of files (Range), go out as they are.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path

from flask import Flask, Response, current_app, request, send_from_directory
from werkzeug.utils import safe_join

from .static_assets import content_hash

COPIES = "dist/encoded"
"""Folder of the copies within the static folder: <hash>.br, <hash>.gz."""

ENDINGS = {"br": "br", "gzip": "gz"}
"""Content-Encoding -> ending of its copies, the one we like best first."""


def send_static(filename: str) -> Response:
    """The static file `filename` (404 where there is none), in the best encoding the browser
    takes."""
    folder = Path(current_app.static_folder or "")
    copies = _copies(folder, filename)
    encoding = None if "Range" in request.headers else _wanted(copies)
    max_age = current_app.get_send_file_max_age(filename)
    if encoding is None:
        response = send_from_directory(folder, filename, max_age=max_age, conditional=True)
    else:
        response = send_from_directory(
            folder / COPIES,
            copies[encoding],
            mimetype=mimetypes.guess_type(filename)[0],
            max_age=max_age,
            conditional=True,
            # The two copies are different things to a cache.
            etag=copies[encoding].replace(".", "-"),
            last_modified=(folder / filename).stat().st_mtime,
        )
        response.headers["Content-Encoding"] = encoding
    if copies:
        response.vary.add("Accept-Encoding")
    return response


def _copies(folder: Path, filename: str) -> dict[str, str]:
    """Encoding -> file name of the copy, of those there are of `filename` as it is now."""
    # Of what lies outside the folder not even a hash is made.
    inside = safe_join(str(folder), filename) if "\0" not in filename else None
    content = content_hash(filename) if inside else None
    if content is None:
        return {}
    names = {encoding: f"{content}.{ending}" for encoding, ending in ENDINGS.items()}
    # An empty one says that compressing was not worth it.
    return {encoding: name for encoding, name in names.items() if _size(folder / COPIES / name) > 0}


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _wanted(copies: dict[str, str]) -> str | None:
    """The encoding the browser likes best of those there are; ours of two it likes as well.
    None for the file as it is."""
    accepted = request.accept_encodings
    quality, encoding = max(
        ((accepted.quality(encoding), encoding) for encoding in copies),
        key=lambda pair: pair[0],
        default=(0, None),
    )
    # A browser that does not name "identity" takes it, but less gladly than what it names.
    plain = accepted.quality("identity") if "identity" in accepted.values() else 0
    return encoding if quality > 0 and quality >= plain else None


def init_app(app: Flask) -> None:
    """Serve the static route this way."""
    app.view_functions["static"] = send_static
