"""The pages: live, photo (a form that works without scripts), models, about."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

import cv2
import numpy as np
from flask import Blueprint, Response, make_response, render_template
from PIL import Image

from .catalogue import catalogue
from .errors import discard_upload, headers_of, sentence_of, status_of
from .inference.images import FORMATS
from .recognition import Recognition, recognize_request, recognizers

bp = Blueprint("pages", __name__)

SHOWN_SIDE = 1280
"""Longer side, in pixels, of the photo that is sent back within the page; at most."""


@bp.app_context_processor
def everywhere() -> dict[str, Any]:
    """What every page may use."""
    own = recognizers()
    return {"model": own.default, "models": own.models.names()}


@bp.get("/")
def live() -> str:
    """The live page."""
    return render_template("live.html")


@bp.get("/photo")
def photo() -> Response:
    """The photo page, with an empty form."""
    return _photo_page()


@bp.post("/photo")
def recognize() -> Response:
    """The photo page with what is in the form's photo, or with the sentence saying what is wrong
    with it."""
    try:
        found = recognize_request()
    except Exception as error:
        status = status_of(error)
        if status == 500:
            raise
        if status == 413:
            discard_upload()
        response = _photo_page(error=sentence_of(error))
        response.status_code = status
        response.headers.update(headers_of(error))
        return response
    return _photo_page(result={**found.to_json(), "picture": _picture(found)})


@bp.get("/models")
def models() -> str:
    """Every model and what was measured of it."""
    return render_template("models.html", models=catalogue())


@bp.get("/about")
def about() -> str:
    """What Mien is, and is not."""
    return render_template("about.html")


def _photo_page(result: dict[str, Any] | None = None, error: str | None = None) -> Response:
    limits = recognizers().limits
    return make_response(
        render_template(
            "photo.html",
            result=result,
            error=error,
            limits={
                "max_bytes": limits.max_bytes,
                "max_megapixels": limits.max_pixels / 1e6,
                "formats": list(FORMATS.values()),
            },
        )
    )


def _picture(found: Recognition) -> str:
    """The upright photo, reduced, as a data: URL."""
    image: np.ndarray = found.image
    height, width = image.shape[:2]
    factor = min(1.0, SHOWN_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    if size != (width, height):
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    file = BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")
