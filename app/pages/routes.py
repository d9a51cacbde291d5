"""The pages: live, photo (a form that works without scripts), compare, models, about, API,
embed."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template
from werkzeug.exceptions import NotFound

from ..inference.errors import UnknownModelError
from ..inference.images import FORMATS
from ..inference.photo_recognizer import RecognizedPhoto
from ..limits import rate_limit
from ..photos import export
from ..photos.annotate import annotated, encode
from ..photos.service import photo_service, requested_model
from ..photos.uploads import form_bytes, photos
from ..web.errors import UNREAD, discard_upload, headers_of, problem_of, sentence_of, status_of
from .compare_page import comparison
from .model_catalogue import catalogue, in_browser

bp = Blueprint("pages", __name__)

SHORTEST_SIDE, LONGEST_SIDE = 720, 1280
"""Longer side, in pixels, of the photo that is sent back within the page."""

EXAMPLES = ("picture", "camera")
"""What /embed shows and runs: static/examples/NAME.js on templates/examples/NAME.html."""


@bp.app_context_processor
def everywhere() -> dict[str, Any]:
    """What every page may use."""
    service = photo_service()
    return {"model": service.default_model, "models": service.models.names()}


@bp.get("/")
def live() -> str:
    """The live page."""
    return render_template("live.html", browser_models=in_browser())


@bp.get("/photo")
def photo() -> Response:
    """The photo page, with an empty form; `model` in the query is chosen there already."""
    try:
        return _photo_page(chosen=requested_model())
    except Exception as error:
        return _refused(error)


@bp.post("/photo")
def recognize() -> Response:
    """The photo page with what is in the form's photos, or with the sentence saying what is wrong
    with the form."""
    try:
        model, given = requested_model(), photos()
        rate_limit.count_photos(len(given))
        # Decoded as large as it is shown.
        results = photo_service().recognize(given, model, _shown, LONGEST_SIDE)
    except Exception as error:
        return _refused(error)
    failed = [one for one in results if isinstance(one, Exception)]
    if len(results) == len(failed) == 1:
        return _refused(failed[0])
    shown = [
        {
            "name": photo.name or f"Photo {number}",
            **({"problem": problem_of(one)} if isinstance(one, Exception) else one),
        }
        for number, (photo, one) in enumerate(zip(given, results, strict=True), start=1)
    ]
    response = _photo_page(shown, chosen=model)
    if len(failed) == len(results):
        response.status_code = status_of(failed[0])
    return response


@bp.get("/compare")
def compare() -> str:
    """All models on one face, in the browser."""
    return render_template("compare.html", **comparison())


@bp.get("/models")
def models() -> str:
    """Every model and what was measured of it."""
    return render_template("models.html", models=catalogue())


@bp.get("/models/<name>")
def model(name: str) -> str:
    """One model's card: what was measured of it, what it is for and what not."""
    try:
        photo_service().models.find(name)
    except UnknownModelError as error:
        # Elsewhere a wrong value in a form; here the page's own address.
        raise NotFound(str(error)) from None
    item = next(entry for entry in catalogue() if entry["name"] == name)
    return render_template("model.html", item=item)


@bp.get("/about")
def about() -> str:
    """What Mien is, and is not."""
    return render_template("about.html")


@bp.get("/embed")
def embed() -> str:
    """How other pages use mien.js, with examples that run there as they are shown."""
    folder = Path(current_app.static_folder or "") / "examples"
    scripts = {name: (folder / f"{name}.js").read_text("utf-8") for name in EXAMPLES}
    return render_template("embed.html", scripts=scripts)


@bp.get("/api")
def api() -> str:
    """How programs use Mien."""
    return render_template("api.html", limits=_limits(), columns=export.COLUMNS)


def _photo_page(
    results: Sequence[dict[str, Any]] = (), error: str | None = None, chosen: str | None = None
) -> Response:
    """The photo page.

    Args:
        results: of each photo, with its "name": the API's answer and the "picture" with its faces
            drawn, a data: URL; or the "problem".
        error: what is wrong with the form.
        chosen: the model that the form has chosen; the default one where not given.
    """
    kept = [{k: v for k, v in one.items() if k != "picture"} for one in results]
    files = {
        "json": _data_url("application/json", export.to_json(kept).encode()),
        "csv": _data_url("text/csv", export.to_csv(kept).encode()),
    }
    page = render_template(
        "photo.html",
        results=results,
        error=error,
        files=files,
        limits=_limits(),
        chosen=chosen or photo_service().default_model,
    )
    return make_response(page)


def _refused(error: Exception) -> Response:
    """The photo page with what is wrong with the form; the server's own faults are raised."""
    status = status_of(error)
    if status == 500:
        raise error
    if status in UNREAD:
        discard_upload()
    response = _photo_page(error=sentence_of(error))
    response.status_code = status
    response.headers.update(headers_of(error))
    return response


def _limits() -> dict[str, Any]:
    limits = photo_service().limits
    return {
        "max_bytes": limits.max_bytes,
        "max_megapixels": limits.max_pixels / 1e6,
        "max_photos": current_app.config["MIEN_MAX_PHOTOS"],
        "max_form_bytes": form_bytes(current_app),
        "formats": list(FORMATS.values()),
    }


def _shown(photo: RecognizedPhoto) -> dict[str, Any]:
    """The API's answer and the photo, reduced, with its faces drawn."""
    picture = annotated(photo.image.pixels, photo.faces_in_pixels, SHORTEST_SIDE, LONGEST_SIDE)
    return {**photo.to_json(), "picture": _data_url("image/jpeg", encode(picture, "jpeg"))}


def _data_url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
