"""The photo page: its form, the results of a form, or what is wrong with the form."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, make_response, render_template

from ..inference.errors import ImageError
from ..inference.images import FORMATS
from ..inference.photo_recognizer import RecognizedPhoto
from ..photos import export
from ..photos.annotate import annotated, encode
from ..photos.service import photo_service
from ..photos.uploads import Upload, form_bytes
from ..web.errors import headers_of, problem_of, sentence_of, status_of

SHORTEST_SIDE, LONGEST_SIDE = 720, 1280
"""Limits of the longer side, in pixels, of the drawn photos within the page."""


def photo_page(
    results: Sequence[dict[str, Any]] = (), error: str | None = None, chosen: str | None = None
) -> Response:
    """The photo page.

    Args:
        results: for each photo its "name", and either the API's answer with the drawn photo as
            "picture" (a data: URL), or its "problem".
        error: what is wrong with the form.
        chosen: the model that is selected in the form; None: the default model.
    """
    exported = [{k: v for k, v in one.items() if k != "picture"} for one in results]
    files = {
        "json": _data_url("application/json", export.to_json(exported).encode()),
        "csv": _data_url("text/csv", export.to_csv(exported).encode()),
    }
    page = render_template(
        "photo.html",
        results=results,
        error=error,
        files=files,
        limits=photo_limits(),
        chosen=chosen or photo_service().default_model,
    )
    return make_response(page)


def recognized(photos: Sequence[Upload], model: str) -> Response:
    """The photo page with the results of `photos`.

    Raises:
        BusyError, DecodingBusyError, UnknownModelError: as `PhotoService.recognize`.
    """
    results = photo_service().recognize(photos, model, _drawn, LONGEST_SIDE)
    failed = [one for one in results if isinstance(one, ImageError)]
    if len(results) == len(failed) == 1:
        return refused(failed[0])
    named = [
        {
            "name": photo.name or f"Photo {number}",
            **({"problem": problem_of(one)} if isinstance(one, ImageError) else one),
        }
        for number, (photo, one) in enumerate(zip(photos, results, strict=True), start=1)
    ]
    response = photo_page(named, chosen=model)
    if len(failed) == len(results):
        response.status_code = status_of(failed[0])
    return response


def refused(error: Exception) -> Response:
    """The photo page with the reason why the form was refused.

    Raises:
        Exception: `error` itself, if it is a fault of the server.
    """
    status = status_of(error)
    if status == 500:
        raise error
    response = photo_page(error=sentence_of(error))
    response.status_code = status
    response.headers.update(headers_of(error))
    return response


def photo_limits() -> dict[str, Any]:
    """The limits on photos that the pages state."""
    limits = photo_service().limits
    return {
        "max_bytes": limits.max_bytes,
        "max_megapixels": limits.max_pixels / 1e6,
        "max_photos": current_app.config["MIEN_MAX_PHOTOS"],
        "max_form_bytes": form_bytes(current_app),
        "formats": list(FORMATS.values()),
    }


def _drawn(photo: RecognizedPhoto) -> dict[str, Any]:
    """The API's answer, and the reduced photo with its faces drawn."""
    image = annotated(photo.image.pixels, photo.faces_in_pixels, SHORTEST_SIDE, LONGEST_SIDE)
    return {**photo.to_json(), "picture": _data_url("image/jpeg", encode(image, "jpeg"))}


def _data_url(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"
