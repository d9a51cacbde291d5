"""The service worker, which makes the live page work offline, and the page for other addresses.

A release is a list of URLs and hashes of their content. The build lists the static files
(bin/offline-manifest.mjs); the page itself and the files of the models, which depend on the
settings, are added here.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for

from ..photos.service import photo_service
from ..web.static_assets import asset, content_hash

bp = Blueprint("offline", __name__)

SCRIPT = "dist/sw.js"
FILES = "dist/offline.json"
PAGE_FILES = ("css/mien.css", "css/live.css", "icons/mien.svg", "manifest.webmanifest")
"""Files of the live page that the build does not create."""


@bp.get("/sw.js")
def service_worker() -> Response:
    """The service worker of the present release; 404 before the scripts are built."""
    script = Path(current_app.static_folder or "") / SCRIPT
    found = release()
    if found is None or not script.is_file():
        abort(404)
    text = f"self.RELEASE = {json.dumps(found)};\n{script.read_text(encoding='utf-8')}"
    return Response(text, mimetype="text/javascript")


@bp.get("/offline")
def offline() -> str:
    """The page shown offline instead of pages that need the server."""
    return render_template("offline.html")


def release() -> dict[str, Any] | None:
    """The present release, for static/js/service-worker.js; None before the scripts are built.

    Returns:
        {id, page, offline, entries: [{url, hash, core}]}
    """
    try:
        files = json.loads((Path(current_app.static_folder or "") / FILES).read_text("utf-8"))
    except OSError:
        return None
    page, other = url_for("pages.live"), url_for("offline.offline")
    pages = {page: _html_of("pages.live"), other: _html_of("offline.offline")}
    entries = [
        {"url": path, "hash": hashlib.sha256(text.encode()).hexdigest()[:12], "core": True}
        for path, text in pages.items()
    ]
    core = [*PAGE_FILES, *(f"dist/{name}" for name in files["core"]), *_model_files(default=True)]
    more = [*(f"dist/{name}" for name in files["more"]), *_model_files(default=False)]
    for path in [*core, *more]:
        content = content_hash(path)
        if content is None:
            return None  # while the build runs
        # Files that the page names are requested with their hash, those that scripts load are not.
        named = any(asset(path) in text for text in pages.values())
        url = asset(path) if named else url_for("static", filename=path)
        entries.append({"url": url, "hash": content, "core": path in core})
    identity = hashlib.sha256(json.dumps(entries).encode()).hexdigest()[:12]
    return {"id": identity, "page": page, "offline": other, "entries": entries}


def _html_of(endpoint: str) -> str:
    """The HTML of a page."""
    with current_app.test_request_context(url_for(endpoint), base_url=request.root_url):
        return str(current_app.view_functions[endpoint]())


def _model_files(default: bool) -> list[str]:
    """Paths in the static folder: the bundle of the default model, or those of all others."""
    folder = Path(current_app.static_folder or "")
    service = photo_service()
    return sorted(
        file.relative_to(folder).as_posix()
        for name in service.models.names()
        if (name == service.default_model) == default
        for file in (folder / "models" / name).glob("*")
        if file.is_file()
    )
