"""The API, /api/v1: recognize, models, health. Errors are problems (RFC 9457)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from . import __version__
from .catalogue import catalogue
from .recognition import recognize_request, recognizers

bp = Blueprint("api", __name__, url_prefix="/api/v1")


@bp.post("/recognize")
def recognize() -> dict[str, Any]:
    """The faces in the form's `photo`, by the model named in `model` or the default one."""
    return recognize_request().to_json()


@bp.get("/models")
def models() -> dict[str, Any]:
    """Every model: its contract, what was measured of it, its bundle for the browser."""
    return {"default": recognizers().default, "models": catalogue()}


@bp.get("/health")
def health() -> dict[str, str]:
    """That the server answers; nothing is loaded or computed."""
    return {"status": "ok", "model": recognizers().default, "version": __version__}
