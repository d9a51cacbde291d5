"""Loading the default model before the first photo is taken, and saying so meanwhile.

The server says when to load (gunicorn.conf.py). An application that nobody told anything, as in a
test or under `flask run`, loads the model when it is first needed.
"""

from __future__ import annotations

import logging
import mmap
import threading
from collections.abc import Callable

from flask import Flask, current_app, request

from . import malloc

RECOGNISING = ("api.recognize", "pages.recognize")
"""The endpoints that need the model."""

RETRY_AFTER_S = 5

log = logging.getLogger(__name__)


class StartingError(Exception):
    """The model is still being loaded."""


class Peers:
    """Which of the processes that start together are ready; shared by them across a fork.

    Args:
        count: how many start; they are numbered from 1.
    """

    def __init__(self, count: int) -> None:
        self._ready = mmap.mmap(-1, count)

    def __len__(self) -> int:
        return len(self._ready)

    def mark(self, number: int) -> None:
        """Process `number` is ready, or is gone and need not be waited for."""
        if 1 <= number <= len(self._ready):
            self._ready[number - 1] = 1

    def all_ready(self) -> bool:
        """Whether every process has been ready, or has gone."""
        return 0 not in self._ready[:]


class Start:
    """Whether this process, and those that start with it, answer photos with a loaded model.

    Args:
        load: loads the model.
    """

    def __init__(self, load: Callable[[], None]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._waits = False
        self._loading = False
        self._fail: Callable[[Exception], None] = _raise
        self._done: Callable[[], None] = _nothing
        self._others_ready: Callable[[], bool] = _yes

    def now(self) -> None:
        """Load before this returns."""
        self._load()
        malloc.trim()

    def begin(
        self,
        fail: Callable[[Exception], None],
        done: Callable[[], None],
        others_ready: Callable[[], bool],
        wait_for_request: bool = False,
    ) -> None:
        """Load in a thread; until it is `done` and `others_ready`, `ready` is false.

        Args:
            fail: is called with what was raised; a model that cannot be loaded ends the start.
            done: is called when the model is loaded.
            others_ready: whether the processes that start with this one are ready too.
            wait_for_request: begin with the first request of any kind instead of now.
        """
        self._fail, self._done, self._others_ready = fail, done, others_ready
        self._waits = self._loading = True
        if not wait_for_request:
            self.go()

    def go(self) -> None:
        """Start the thread that loads, if it is to be started and has not been."""
        with self._lock:
            if not self._waits:
                return
            self._waits = False
        threading.Thread(target=self._run, name="start", daemon=True).start()

    def _run(self) -> None:
        try:
            self._load()
        except Exception as error:
            self._fail(error)
            return
        malloc.trim()
        self._loading = False
        self._done()
        log.info("The model is loaded.")

    @property
    def ready(self) -> bool:
        """Whether a photo sent now finds the model loaded, whichever process takes it."""
        return not self._loading and self._others_ready()

    def check(self) -> None:
        """Raises StartingError while this process's model is being loaded."""
        if self._loading:
            raise StartingError(
                "The server is starting and still loads its model; "
                "please try again in a few seconds."
            )


def start_of(app: Flask) -> Start:
    """The application's."""
    found: Start = app.extensions["mien_start"]
    return found


def is_ready() -> bool:
    """Whether the current application answers photos."""
    return start_of(current_app).ready


def init_app(app: Flask) -> None:
    """Refuse photos, before their bytes are read, while the model is being loaded."""
    start = Start(app.extensions["mien"].preload)
    app.extensions["mien_start"] = start

    @app.before_request
    def started() -> None:
        start.go()
        if request.endpoint in RECOGNISING:
            start.check()


def _raise(error: Exception) -> None:
    raise error


def _nothing() -> None:
    pass


def _yes() -> bool:
    return True
