"""The API, /api/v1: recognize, models, health, openapi.json. Errors are problems (RFC 9457)."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request

from ..inference.photo_recognizer import RecognizedPhoto
from ..limits import rate_limit, takes_photos
from ..pages.model_catalogue import catalogue
from ..photos.annotate import ANNOTATED, KINDS, LONGEST_SIDE, SPELLINGS, annotated, encode
from ..photos.form_errors import FieldError
from ..photos.service import photo_service, requested_model
from ..photos.uploads import Upload, field, photos
from ..version import __version__
from ..web.errors import problem_of
from ..web.request_id import server_timing
from . import openapi

bp = Blueprint("api", __name__, url_prefix="/api/v1")


@bp.post("/recognize", strict_slashes=False)
@takes_photos
def recognize() -> Response:
    """Recognise the faces and their expressions in photos."""
    model = requested_model()
    kind = _annotated_kind()
    uploads = photos()
    rate_limit.count_photos(len(uploads))
    if kind is not None:
        return _annotated(uploads, model, kind)
    results = photo_service().recognize(
        uploads, model, lambda photo: (photo.to_json(), photo.timings_ms)
    )
    answers, timings = [], []
    for result in results:
        if isinstance(result, Exception):
            if len(results) == 1:
                raise result
            answers.append({"problem": problem_of(result)})
        else:
            answers.append(result[0])
            timings.append(result[1])
    response = jsonify(answers[0] if len(answers) == 1 else {"photos": answers})
    total = {step: sum(one[step] for one in timings) for one in timings[:1] for step in one}
    response.headers["Server-Timing"] = server_timing(total)
    return response


@bp.get("/models")
def models() -> dict[str, Any]:
    """List the models with their contracts, measurements and browser bundles."""
    return {"default": photo_service().default_model, "models": catalogue()}


@bp.get("/health")
def health() -> dict[str, str]:
    """Whether photos are answered; under gunicorn no request is, before the model is loaded."""
    return {"status": "ok", "model": photo_service().default_model, "version": __version__}


@bp.get("/openapi.json")
def description() -> dict[str, Any]:
    """Describe this API (OpenAPI 3.1)."""
    return openapi.document()


def _annotated_kind() -> str | None:
    """The kind of file of the annotated photo, "png" or "jpeg"; None where JSON is requested."""
    asked = field("annotated", *ANNOTATED, also=SPELLINGS)
    if asked == "true":
        accepted = request.accept_mimetypes.best_match([KINDS["jpeg"], KINDS["png"]])
        return "png" if accepted == KINDS["png"] else "jpeg"
    return asked if asked in KINDS else None


def _annotated(uploads: list[Upload], model: str, kind: str) -> Response:
    if len(uploads) > 1:
        raise FieldError(
            f"The field 'annotated' takes one photo; there are {len(uploads)} in the form."
        )

    def draw(photo: RecognizedPhoto) -> tuple[bytes, dict[str, float]]:
        started = perf_counter()
        file = encode(annotated(photo.image.pixels, photo.faces_in_pixels), kind)
        took = (perf_counter() - started) * 1000
        timings = {**photo.timings_ms, "draw": took}
        timings["total"] = timings.pop("total") + took
        return file, timings

    # Decoded as large as it is drawn; other answers need less.
    (result,) = photo_service().recognize(uploads, model, draw, LONGEST_SIDE // 2)
    if isinstance(result, Exception):
        raise result
    file, timings = result
    response = make_response(file)
    response.mimetype = KINDS[kind]
    response.headers["Content-Disposition"] = f'inline; filename="mien.{kind}"'
    response.headers["Server-Timing"] = server_timing(timings)
    response.vary.add("Accept")
    return response
