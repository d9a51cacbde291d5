"""The operation of POST /api/v1/recognize for the OpenAPI description."""

from __future__ import annotations

from typing import Any

from flask import current_app

from ..inference.images import FORMATS
from ..photos.annotate import ANNOTATED, KINDS, LONGEST_SIDE, SHORTEST_SIDE, SPELLINGS
from ..photos.service import photo_service
from ..photos.uploads import form_bytes
from .openapi_components import headers, problems, reference, statuses


def recognize_operation() -> dict[str, Any]:
    """Parameters, form and answers, with the limits and models of the current application."""
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
            "enum": [*ANNOTATED, *SPELLINGS, "True", "False"],
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
            "affected by a damaged one. Besides a form, the body may be the image file itself "
            "(image/*), or JSON with `photo` in base64 or as a data: URL, one or a list."
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
                "detector": "blazeface",
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
