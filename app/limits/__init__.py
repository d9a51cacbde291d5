"""Limits on what clients may ask of the server: rate, concurrency, bytes and time of uploads.

The memory for decoding is limited in app/inference/decoding/memory_budget.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., Any])


def takes_photos(view: View) -> View:
    """Mark a view whose requests upload photos, so that these limits apply to it."""
    view.takes_photos = True  # type: ignore[attr-defined]
    return view


def photo_endpoints(app: Flask) -> list[str]:
    """The endpoints of the views that are marked by `takes_photos`."""
    return [name for name, view in app.view_functions.items() if _is_marked(view)]


def _is_marked(view: Any) -> bool:
    return getattr(view, "takes_photos", False)
