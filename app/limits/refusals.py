"""Answer the requests that the server refused before the application saw them.

The worker (app/server) refuses bodies that are too large or too slow, and photos that would wait
too long; what is answered is decided here, like for every other error.
"""

from __future__ import annotations

from flask import Flask, request

REFUSAL = "mien.refusal"
"""Key of the WSGI environment: the exception to raise."""


def init_app(app: Flask) -> None:
    """Raise the refusal of a request before anything else looks at it."""

    @app.before_request
    def refuse() -> None:
        refusal: Exception | None = request.environ.get(REFUSAL)
        if refusal is not None:
            raise refusal
