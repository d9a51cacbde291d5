"""The limit on upload bytes that a process holds in memory at the same time.

Without it, large photos of many threads could need more memory than a small machine has.
"""

from __future__ import annotations

import threading

from flask import Flask, current_app, g, request

from . import request_takes_photos
from .concurrency import BusyError


class UploadBudget:
    """At most `limit` bytes at a time, or one upload of any size. Thread-safe."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._reserved = 0
        self._lock = threading.Lock()

    def reserve(self, size: int) -> None:
        """Count an upload of `size` bytes.

        Raises:
            BusyError: other uploads are being held, and the sum would exceed the limit.
        """
        with self._lock:
            if self._reserved and self._reserved + size > self._limit:
                raise BusyError(
                    f"The server already holds {self._reserved:,} bytes of uploads; with this "
                    f"upload it would exceed its limit of {self._limit:,} bytes; "
                    "please try again in a few seconds."
                )
            self._reserved += size

    def release(self, size: int) -> None:
        """Stop counting an upload of `size` bytes."""
        with self._lock:
            self._reserved -= size


def init_app(app: Flask) -> None:
    """Count each upload from before it is read until its request is answered."""
    budget = app.extensions["mien_upload_budget"] = UploadBudget(app.config["MIEN_INTAKE_BYTES"])

    @app.before_request
    def reserve() -> None:
        if not request_takes_photos():
            return
        # A chunked upload does not tell its length: count it as the longest that is accepted.
        longest: int = current_app.config["MAX_CONTENT_LENGTH"]
        told = request.content_length
        size = longest if told is None else min(told, longest)
        budget.reserve(size)
        g.upload_bytes = size

    @app.teardown_request
    def release(_error: BaseException | None) -> None:
        budget.release(g.pop("upload_bytes", 0))
