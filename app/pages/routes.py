"""The routes of the pages: live, photo, compare, models, about, API, embed.

A new page is a route here and a template; one with scripts also has an entry in static/js/pages.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, render_template
from werkzeug.exceptions import NotFound

from ..inference.errors import UnknownModelError
from ..limits import rate_limit, takes_photos
from ..photos import export
from ..photos.service import photo_service, requested_model
from ..photos.uploads import photos
from .compare_page import by_accuracy, comparison
from .model_catalogue import browser_models, catalogue, left_out
from .photo_page import photo_limits, photo_page, recognized, refused

bp = Blueprint("pages", __name__)

EXAMPLES = ("picture", "camera")
"""The examples on /embed, in order: static/examples/NAME.js, templates/examples/NAME.html."""


@bp.app_context_processor
def model_names() -> dict[str, Any]:
    """Variables of every template: the default model's name and all names."""
    service = photo_service()
    return {"model": service.default_model, "models": service.models.names()}


@bp.get("/")
def live() -> str:
    """Live recognition in the browser."""
    return render_template("live.html", browser_models=browser_models())


@bp.get("/photo")
def photo() -> Response:
    """The photo page with an empty form; `model` in the query selects the model."""
    try:
        return photo_page(chosen=requested_model())
    except Exception as error:
        return refused(error)


@bp.post("/photo")
@takes_photos
def recognize() -> Response:
    """The photo page with the results of the form's photos, or with what is wrong with the form."""
    try:
        model, uploads = requested_model(), photos()
        rate_limit.count_photos(len(uploads))
        return recognized(uploads, model)
    except Exception as error:
        return refused(error)


@bp.get("/compare")
def compare() -> str:
    """All models on one face, in the browser."""
    return render_template("compare.html", **comparison())


@bp.get("/models")
def models() -> str:
    """All models and their measurements, in the order of the compare page."""
    return render_template("models.html", models=by_accuracy(catalogue()), left_out=left_out())


@bp.get("/models/<name>")
def model(name: str) -> str:
    """One model's card: its measurements, its intended use and its limits."""
    try:
        photo_service().models.find(name)
    except UnknownModelError as error:
        # In a form an unknown model is a wrong value (400); here it is the address of no page.
        raise NotFound(str(error)) from None
    item = next(entry for entry in catalogue() if entry["name"] == name)
    return render_template("model.html", item=item)


@bp.get("/about")
def about() -> str:
    """What Mien is, its limits, privacy and licences."""
    return render_template("about.html")


@bp.get("/embed")
def embed() -> str:
    """How other pages use mien.js, with examples that run as they are shown."""
    folder = Path(current_app.static_folder or "") / "examples"
    scripts = {name: (folder / f"{name}.js").read_text("utf-8") for name in EXAMPLES}
    return render_template("embed.html", scripts=scripts)


@bp.get("/api")
def api() -> str:
    """How programs use the API."""
    return render_template("api.html", limits=photo_limits(), columns=export.COLUMNS)
