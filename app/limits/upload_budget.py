"""The bytes of uploads that a process takes in at once: so many photos of many threads, held in
memory, could be more than a small machine has."""

from __future__ import annotations

import threading

from flask import Flask, current_app, g, request

from ..web.security_headers import BusyError
from . import RECOGNISING


class Intake:
    """At most `limit` bytes at a time, or one upload, however large. Safe to share by threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        """Count an upload of `size` bytes. Raises BusyError where that would be too many."""
        with self._lock:
            if self._taken and self._taken + size > self._limit:
                raise BusyError(
                    f"The server is already taking in {self._taken:,} bytes of photos, with this "
                    f"upload more than the {self._limit:,} it takes at once; "
                    "please try again in a few seconds."
                )
            self._taken += size

    def give_back(self, size: int) -> None:
        """The upload is no longer held."""
        with self._lock:
            self._taken -= size


def init_app(app: Flask) -> None:
    """Count each upload, from before it is read until it is answered."""
    intake = app.extensions["mien_intake"] = Intake(app.config["MIEN_INTAKE_BYTES"])

    @app.before_request
    def take() -> None:
        if request.endpoint not in RECOGNISING:
            return
        # One sent in chunks does not say how long it is: it counts as the longest there may be.
        most: int = current_app.config["MAX_CONTENT_LENGTH"]
        size = most if request.content_length is None else min(request.content_length, most)
        intake.take(size)
        g.intake = size

    @app.teardown_request
    def give_back(_error: BaseException | None) -> None:
        intake.give_back(g.pop("intake", 0))
