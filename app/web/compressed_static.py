"""Serve static files, compressed where the build has made a compressed copy (bin/compress.mjs).

The name of a copy is the hash of the file it was made from, so a copy of older content is never
sent. Files without a copy, and byte ranges, are sent uncompressed.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path

from flask import Flask, Response, current_app, request, send_from_directory
from werkzeug.utils import safe_join

from .static_assets import content_hash

COPIES = "dist/encoded"
"""Folder of the copies in the static folder; they are named <hash>.br and <hash>.gz."""

EXTENSIONS = {"br": "br", "gzip": "gz"}
"""Content-Encoding -> extension of its copies, in the order of preference."""


def send_static(filename: str) -> Response:
    """The static file `filename`, in the best encoding that the client accepts.

    Raises:
        NotFound: there is no such file.
    """
    folder = Path(current_app.static_folder or "")
    copies = _copies(folder, filename)
    encoding = None if "Range" in request.headers else _best_encoding(copies)
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
            # A cache must not take one copy for the other, or for the file itself.
            etag=copies[encoding].replace(".", "-"),
            last_modified=(folder / filename).stat().st_mtime,
        )
        response.headers["Content-Encoding"] = encoding
    if copies:
        response.vary.add("Accept-Encoding")
    if response.status_code == 206 and request.method == "GET":
        _send_from_file(response, folder / filename)
    return response


def _send_from_file(response: Response, file: Path) -> None:
    """Let the server send the byte range of `response` from the file, as it sends whole files.
    Otherwise it would hold a copy in memory until the client has read it."""
    wrap, found = request.environ.get("wsgi.file_wrapper"), response.content_range
    if wrap is None or found.start is None:
        return
    opened = file.open("rb")
    opened.seek(found.start)
    response.response.close()  # type: ignore[union-attr]
    # The server stops after Content-Length.
    response.response = wrap(opened)


def _copies(folder: Path, filename: str) -> dict[str, str]:
    """Encoding -> file name, of the copies of the present content of `filename`."""
    # A file outside the folder is not even read.
    inside = safe_join(str(folder), filename) if "\0" not in filename else None
    content = content_hash(filename) if inside else None
    if content is None:
        return {}
    names = {encoding: f"{content}.{extension}" for encoding, extension in EXTENSIONS.items()}
    # An empty copy means that compression saves too little (bin/compress.mjs).
    return {encoding: name for encoding, name in names.items() if _size(folder / COPIES / name) > 0}


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _best_encoding(copies: dict[str, str]) -> str | None:
    """The encoding of the copies that the client prefers, and of two that it prefers equally the
    first; None: send the file uncompressed."""
    accepted = request.accept_encodings
    quality, encoding = max(
        ((accepted.quality(encoding), encoding) for encoding in copies),
        key=lambda pair: pair[0],
        default=(0, None),
    )
    # A client that does not name "identity" accepts it, but prefers what it names (RFC 9110).
    plain = accepted.quality("identity") if "identity" in accepted.values() else 0
    return encoding if quality > 0 and quality >= plain else None


def init_app(app: Flask) -> None:
    """Let `send_static` serve the static route."""
    app.view_functions["static"] = send_static
