"""What makes the live page work without a network: its service worker, told which files belong to
the present release, and the page that stands in for those that need the server.

A release is a list of URLs with the hashes of what they give. The build says which static files
belong to it (bin/offline-manifest.mjs); the model's files and the page itself are added here,
since settings decide them.
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
OTHERS = ("css/mien.css", "css/live.css", "icons/mien.svg", "manifest.webmanifest")
"""Files of the live page that the build does not make."""


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
    """What stands for a page that cannot be had without a network."""
    return render_template("offline.html")


def release() -> dict[str, Any] | None:
    """The present release, as static/js/service-worker.js takes it: {id, page, offline, entries:
    [{url, hash, core}]}; None before the scripts are built."""
    try:
        files = json.loads((Path(current_app.static_folder or "") / FILES).read_text("utf-8"))
    except OSError:
        return None
    page, other = url_for("pages.live"), url_for("offline.offline")
    texts = {page: _text_of("pages.live"), other: _text_of("offline.offline")}
    entries = [
        {"url": path, "hash": hashlib.sha256(text.encode()).hexdigest()[:12], "core": True}
        for path, text in texts.items()
    ]
    core = [*OTHERS, *(f"dist/{name}" for name in files["core"]), *_model_files(default=True)]
    more = [*(f"dist/{name}" for name in files["more"]), *_model_files(default=False)]
    for path in [*core, *more]:
        content = content_hash(path)
        if content is None:
            return None  # a build is under way
        # The page asks for what it names by its hash, for what scripts find beside themselves not.
        named = any(asset(path) in text for text in texts.values())
        url = asset(path) if named else url_for("static", filename=path)
        entries.append({"url": url, "hash": content, "core": path in core})
    identity = hashlib.sha256(json.dumps(entries).encode()).hexdigest()[:12]
    return {"id": identity, "page": page, "offline": other, "entries": entries}


def _text_of(endpoint: str) -> str:
    """What a page's address gives."""
    with current_app.test_request_context(url_for(endpoint), base_url=request.root_url):
        return str(current_app.view_functions[endpoint]())


def _model_files(default: bool) -> list[str]:
    """The bundle of the site's model, or those of all others; paths within the static folder."""
    folder = Path(current_app.static_folder or "")
    service = photo_service()
    return sorted(
        file.relative_to(folder).as_posix()
        for name in service.models.names()
        if (name == service.default_model) == default
        for file in (folder / "models" / name).glob("*")
        if file.is_file()
    )
