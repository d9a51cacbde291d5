"""The API, /api/v1: recognize, models, health. Errors are problems (RFC 9457)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from . import __version__, start
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
def health() -> tuple[dict[str, str], int, dict[str, str]]:
    """Whether photos are answered: 200 "ok", or 503 "starting" while the model is loaded."""
    ready = start.is_ready()
    body = {
        "status": "ok" if ready else "starting",
        "model": recognizers().default,
        "version": __version__,
    }
    return (body, 200, {}) if ready else (body, 503, {"Retry-After": str(start.RETRY_AFTER_S)})
