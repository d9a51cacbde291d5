"""The memory that decoding takes: bounded for each photo, and for all that are decoded at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class DecodingMemory:
    """`most` bytes, shared by all threads that decode.

    Args:
        most: the most bytes that decoding may take at a time.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken = 0
        self._changed = threading.Condition()

    def pixels(self, bytes_a_pixel: float, beside: int = 0) -> int:
        """The most pixels of a picture that takes so many bytes for each, and some beside them."""
        return int(max(0, self.most - beside) / bytes_a_pixel)

    @contextmanager
    def taken(self, size: float) -> Iterator[None]:
        """Wait until `size` bytes are free, and hold them. More than `most` counts as all."""
        size = min(round(size), self.most)
        with self._changed:
            self._changed.wait_for(lambda: self._taken + size <= self.most)
            self._taken += size
        try:
            yield
        finally:
            with self._changed:
                self._taken -= size
                self._changed.notify_all()
