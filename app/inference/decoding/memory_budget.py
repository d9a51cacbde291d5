"""The limit on memory for decoding, shared by all images that are decoded at the same time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import DecodingBusyError

TIMEOUT_S = 20.0
"""How long to wait for memory: as long as decoding the largest image takes on a slow machine."""


class DecodingMemory:
    """A budget of `limit` bytes, shared by all threads that decode. Thread-safe.

    Args:
        limit: the most bytes that decoding may use at the same time.
        timeout_s: how many seconds to wait for memory that others use.
    """

    def __init__(self, limit: int, timeout_s: float = TIMEOUT_S) -> None:
        self.limit = limit
        self.timeout_s = timeout_s
        self._reserved = 0
        self._changed = threading.Condition()

    def pixels(self, bytes_per_pixel: float, overhead: int = 0) -> int:
        """The most pixels of an image that needs so many bytes per pixel, plus `overhead`."""
        return int(max(0, self.limit - overhead) / bytes_per_pixel)

    @contextmanager
    def reserved(self, size: float) -> Iterator[None]:
        """Wait until `size` bytes are free and reserve them; more than `limit` count as `limit`.

        Raises:
            DecodingBusyError: they did not become free in time.
        """
        size = min(round(size), self.limit)
        with self._changed:
            free = self._changed.wait_for(
                lambda: self._reserved + size <= self.limit, self.timeout_s
            )
            if not free:
                raise DecodingBusyError(
                    "The server has no memory for this picture while it decodes other large ones; "
                    "please try again in a few seconds."
                )
            self._reserved += size
        try:
            yield
        finally:
            with self._changed:
                self._reserved -= size
                self._changed.notify_all()
