"""The memory that decoding takes: bounded for each photo, and for all that are decoded at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import DecodingBusyError

PATIENCE_S = 20.0
"""As long as a picture of the largest size may take, on a slow machine."""


class DecodingMemory:
    """`most` bytes, shared by all threads that decode.

    Args:
        most: the most bytes that decoding may take at a time.
        patience: how many seconds one waits for others.
    """

    def __init__(self, most: int, patience: float = PATIENCE_S) -> None:
        self.most = most
        self.patience = patience
        self._taken = 0
        self._changed = threading.Condition()

    def pixels(self, bytes_a_pixel: float, beside: int = 0) -> int:
        """The most pixels of a picture that takes so many bytes for each, and some beside them."""
        return int(max(0, self.most - beside) / bytes_a_pixel)

    @contextmanager
    def taken(self, size: float) -> Iterator[None]:
        """Wait until `size` bytes are free, and hold them. More than `most` counts as all.

        Raises:
            DecodingBusyError: they did not become free in time.
        """
        size = min(round(size), self.most)
        with self._changed:
            if not self._changed.wait_for(lambda: self._taken + size <= self.most, self.patience):
                raise DecodingBusyError(
                    "The server is at work on pictures so large that there is no memory for this "
                    "one; please try again in a few seconds."
                )
            self._taken += size
        try:
            yield
        finally:
            with self._changed:
                self._taken -= size
                self._changed.notify_all()
