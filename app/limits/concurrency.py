"""The limit on photos that are recognised at the same time, per process."""

from __future__ import annotations

import threading
from types import TracebackType

from ..inference.errors import MienError


class BusyError(MienError):
    """The server already handles as many photos as it may; the client may try again soon."""

    http_status = 503
    retry_after_s = 2


class Admission:
    """A context manager that at most `places` threads can be in at the same time.

    Raises:
        BusyError: on entry, at once, when all places are taken.
    """

    def __init__(self, places: int) -> None:
        self.places = places
        self._free = threading.BoundedSemaphore(places)

    def __enter__(self) -> None:
        if not self._free.acquire(blocking=False):
            photos = "one photo" if self.places == 1 else f"{self.places} photos"
            raise BusyError(
                f"The server is already working on {photos}, its limit; "
                "please try again in a few seconds."
            )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._free.release()
