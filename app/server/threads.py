"""The threads that call the application: some recognise photos, the others answer the rest.

Photos wait in a queue, not in threads, and are answered in the order of their arrival. So waiting
costs nothing, and pages, files and refusals do not wait for photos.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Set
from typing import Any

from waitress.task import ThreadedTaskDispatcher

from ..limits.concurrency import BusyError

# It warns of each task that waits.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class WaitingPhoto:
    """A connection whose request waits for a thread that recognises photos."""

    def __init__(self, connection: Any, threads: Threads) -> None:
        self._connection, self._threads = connection, threads
        self._since = time.monotonic()

    def service(self) -> None:
        """Answer the request, with 503 if it has waited too long."""
        began = time.monotonic()
        if began - self._since > self._threads.wait_s:
            self._connection.requests[0].refuse(self._threads.busy())
            self._connection.service()
            return
        self._connection.service()
        self._threads.took(time.monotonic() - began)

    def cancel(self) -> None:
        """The process stops."""
        self._connection.cancel()


class Threads:
    """The threads of a process, as waitress's task dispatcher.

    Args:
        pages: how many threads answer everything but photos.
        photos: how many threads recognise photos.
        photo_paths: the paths whose POST requests bring photos, without a slash at their end.
        wait_s: how many seconds a photo may wait before it is refused.
    """

    def __init__(self, pages: int, photos: int, photo_paths: Set[str], wait_s: float) -> None:
        self.wait_s = wait_s
        self._paths = photo_paths
        self._photo_threads = photos
        self._pages, self._photos = ThreadedTaskDispatcher(), ThreadedTaskDispatcher()
        self._pages.set_thread_count(pages)
        self._photos.set_thread_count(photos)
        self._photo_s = 0.0

    def took(self, seconds: float) -> None:
        """Count the time of a photo for the time that others will wait."""
        self._photo_s += 0.1 * (seconds - self._photo_s)

    def busy(self) -> BusyError:
        """The refusal of a photo that would wait too long."""
        return BusyError(
            f"The server cannot answer another photo within {self.wait_s:g} seconds; "
            "please try again in a few seconds."
        )

    def add_task(self, connection: Any) -> None:
        """Answer the first request of a connection."""
        request = connection.requests[0]
        photo = (
            request.refusal is None
            and request.error is None
            and request.command == "POST"
            and request.path.rstrip("/") in self._paths
        )
        waits = len(self._photos.queue) * self._photo_s / self._photo_threads
        if photo and waits <= self.wait_s:
            self._photos.add_task(WaitingPhoto(connection, self))
            return
        if photo:
            request.refuse(self.busy())
        self._pages.add_task(connection)

    def shutdown(self) -> None:
        """End the threads, after the requests they work on."""
        self._photos.shutdown(timeout=1)
        self._pages.shutdown(timeout=1)
