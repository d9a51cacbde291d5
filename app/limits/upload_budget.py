"""The limit on upload bytes that a process holds in memory at the same time.

Without it, large photos of many threads could need more memory than a small machine has.
"""

from __future__ import annotations

import threading

from flask import Flask

from .concurrency import BusyError


class UploadBudget:
    """At most `limit` bytes at a time, or one upload of any size. Thread-safe."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._reserved = 0
        self._lock = threading.Lock()

    def reserve(self, size: int, held: int = 0) -> None:
        """Count `size` more bytes of an upload, `held` bytes of which are counted already.

        Raises:
            BusyError: other uploads are being held, and the sum would exceed the limit.
        """
        with self._lock:
            if self._reserved > held and self._reserved + size > self._limit:
                raise BusyError(
                    f"The server already holds {self._reserved:,} bytes of uploads, and its "
                    f"limit is {self._limit:,} bytes; please try again in a few seconds."
                )
            self._reserved += size

    def release(self, size: int) -> None:
        """Stop counting `size` bytes of an upload."""
        with self._lock:
            self._reserved -= size


def init_app(app: Flask) -> None:
    """Give the application its budget, from which the worker counts (app/server)."""
    app.extensions["mien_upload_budget"] = UploadBudget(app.config["MIEN_INTAKE_BYTES"])
