"""The OpenAPI 3.1 description of the API, built from the application's routes, settings, models,
photo formats and statuses of errors."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from werkzeug.routing import Rule

from ..inference.images import FORMATS
from ..photos.annotate import ANNOTATED, KINDS, LONGEST_SIDE, SHORTEST_SIDE
from ..photos.service import photo_service
from ..photos.uploads import form_bytes
from ..version import __version__
from .openapi_components import (
    HEADERS,
    headers,
    problem,
    problems,
    reference,
    response_name,
    statuses,
)
from .schemas import schemas

PREFIX = "/api/"
ABOUT = """\
Finds faces in photos and the expression that each face shows. It cannot know what a person feels.

Photos are analysed in memory; they are not written to disk and not kept. Errors are problem details
(RFC 9457) with a sentence in `detail`. Every answer has an `X-Request-ID`: yours, if you send one.
"""


def document() -> dict[str, Any]:
    """The OpenAPI document of the current application."""
    rules = [rule for rule in current_app.url_map.iter_rules() if rule.rule.startswith(PREFIX)]
    paths: dict[str, Any] = {}
    for rule in sorted(rules, key=lambda rule: rule.rule):
        for method in sorted(set(rule.methods or ()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(rule.rule, {})[method.lower()] = _operation(rule)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Mien", "version": __version__, "description": ABOUT},
        "servers": [{"url": request.script_root or "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas(photo_service()),
            "headers": HEADERS,
            "responses": {response_name(status): problem(status) for status in statuses()},
        },
    }


def _operation(rule: Rule) -> dict[str, Any]:
    """The operation of a route. Its summary is the first line of the docstring of its function.

    Raises:
        KeyError: `OPERATIONS` has no entry for the route.
    """
    about = (current_app.view_functions[rule.endpoint].__doc__ or "").strip().splitlines()
    return {
        "operationId": rule.endpoint.removeprefix("api."),
        "summary": about[0].rstrip("."),
        **OPERATIONS[rule.endpoint](),
    }


def _recognize() -> dict[str, Any]:
    config = current_app.config
    names = photo_service().models.names()
    pixels = f"{config['MIEN_MAX_MEGAPIXELS']:g} megapixels"
    fields: dict[str, Any] = {
        "model": {
            "type": "string",
            "enum": names,
            "default": photo_service().default_model,
            "description": "The model that recognises the expressions.",
        },
        "annotated": {
            "type": "string",
            "enum": list(ANNOTATED),
            "default": "false",
            "description": (
                "Whether to answer with the photo, its faces drawn in, instead of JSON; for one "
                "photo only. `true` chooses PNG or JPEG by the Accept header, JPEG if it names "
                f"neither. The longer side of the image has {SHORTEST_SIDE} to {LONGEST_SIDE} "
                "pixels."
            ),
        },
    }
    return {
        "description": (
            "The answer to one photo has its faces. The answer to several photos has, in their "
            "order, the faces of each photo or the problem with it; the other photos are not "
            "affected by a damaged one."
        ),
        "parameters": [
            {
                "name": name,
                "in": "query",
                "description": "The same as the field of the form, which takes precedence.",
                "schema": schema,
            }
            for name, schema in fields.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["photo"],
                        "properties": {
                            "photo": {
                                "type": "array",
                                "minItems": 1,
                                "maxItems": config["MIEN_MAX_PHOTOS"],
                                "items": {"type": "string", "format": "binary"},
                                "description": (
                                    "An image file; repeat the field for several photos. Each "
                                    f"may have {config['MIEN_MAX_BYTES']:,} bytes and {pixels}, "
                                    f"all together {form_bytes(current_app):,} bytes. The first "
                                    "frame of an animation, or the first page, is used."
                                ),
                            },
                            **fields,
                        },
                    },
                    "encoding": {"photo": {"contentType": ", ".join(media_types())}},
                }
            },
        },
        "responses": {
            "200": {
                "description": "The faces, largest first; an empty list if none was found.",
                "headers": {**headers(), "Server-Timing": reference("headers", "ServerTiming")},
                "content": {
                    "application/json": {
                        "schema": {
                            "oneOf": [
                                reference("schemas", "Answer"),
                                reference("schemas", "Answers"),
                            ]
                        },
                        "examples": {"one photo": {"value": _example()}},
                    },
                    **{
                        kind: {"schema": {"type": "string", "format": "binary"}}
                        for kind in KINDS.values()
                    },
                },
            },
            **problems(*statuses()),
        },
    }


def _get(schema: dict[str, Any], about: str, *errors: int) -> dict[str, Any]:
    """An operation without parameters that answers with JSON."""
    answer = {
        "description": about,
        "headers": headers(),
        "content": {"application/json": {"schema": schema}},
    }
    return {"responses": {"200": answer, **problems(*errors)}}


OPERATIONS = {
    "api.recognize": _recognize,
    "api.models": lambda: _get(
        reference("schemas", "Models"), "The models, the default one first.", 500
    ),
    "api.health": lambda: _get(reference("schemas", "Health"), "The server answers photos."),
    "api.description": lambda: _get({"type": "object"}, "This document."),
}
"""Endpoint -> its operation."""


def media_types() -> list[str]:
    """The media types of the photo formats that can be read."""
    # One format has two names, Pillow's and ours; clients use both (heif, heic).
    names = dict.fromkeys(name.lower() for pair in FORMATS.items() for name in pair)
    return [f"image/{name}" for name in names]


def _example() -> dict[str, Any]:
    """An example of an answer, with the labels of the default model."""
    service = photo_service()
    contract = service.models.classifier(service.default_model).contract
    scores = dict.fromkeys(contract.labels, 0.0)
    scores[contract.labels[0]] = 1.0
    return {
        "faces": [
            {
                "id": 0,
                "box": {"x": 176.0, "y": 65.0, "width": 98.0, "height": 98.0},
                "label": contract.labels[0],
                "score": 1.0,
                "scores": scores,
                "unsure": False,
            }
        ],
        "image": {"width": 512, "height": 512},
        "model": service.default_model,
        "timings_ms": {"decode": 4.5, "detect": 12.3, "crop": 0.5, "predict": 2.4, "total": 19.8},
    }
