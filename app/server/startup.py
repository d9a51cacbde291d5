"""Loading the default model before the first photo is taken, and saying so meanwhile.

The server says when to load (gunicorn.conf.py). An application that nobody told anything, as in a
test or under `flask run`, loads the model when it is first needed.
"""

from __future__ import annotations

import logging
import mmap
import threading
import time
from collections.abc import Callable

from flask import Flask, current_app, request

from . import malloc

RECOGNISING = ("api.recognize", "pages.recognize")
"""The endpoints that need the model."""

RETRY_AFTER_S = 5
POLL_S = 0.1

log = logging.getLogger(__name__)


class StartingError(Exception):
    """The model is still being loaded."""


class Peers:
    """What the processes that start together know of each other; shared by them across a fork.

    Args:
        count: how many start; they are numbered from 1.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._ready = mmap.mmap(-1, count)
        self._asked = mmap.mmap(-1, 1)

    def mark(self, number: int) -> None:
        """Process `number` is ready, or is gone and need not be waited for."""
        if 1 <= number <= self.count:
            self._ready[number - 1] = 1

    def all_ready(self) -> bool:
        """Whether every process has been ready, or has gone."""
        return 0 not in self._ready[:]

    def ask(self) -> None:
        """A request has come to one of them."""
        self._asked[0] = 1

    def wait_until_asked(self) -> None:
        """Return once a request has come to any of them."""
        while not self._asked[0]:
            time.sleep(POLL_S)


class Start:
    """Whether this process, and those that start with it, answer photos with a loaded model.

    Args:
        load: loads the model.
    """

    def __init__(self, load: Callable[[], None]) -> None:
        self._load = load
        self._loading = False
        self._peers: Peers | None = None

    def now(self) -> None:
        """Load before this returns."""
        self._load()
        malloc.trim()

    def begin(
        self,
        fail: Callable[[Exception], None],
        peers: Peers,
        number: int = 1,
        wait_for_request: bool = False,
    ) -> threading.Thread:
        """Load in a thread, which is returned; `ready` is false until all of `peers` have loaded.

        Args:
            fail: is called with what was raised; a model that cannot be loaded ends the start.
            peers: the processes that start with this one, and this one.
            number: this one's.
            wait_for_request: begin when the first request of any kind comes to any of them.
        """
        self._peers, self._loading = peers, True

        def run() -> None:
            if wait_for_request:
                peers.wait_until_asked()
            try:
                self.now()
            except Exception as error:
                fail(error)
                return
            self._loading = False
            peers.mark(number)
            log.info("The model is loaded.")

        thread = threading.Thread(target=run, name="start", daemon=True)
        thread.start()
        return thread

    def ask(self) -> None:
        """A request has come."""
        if self._loading and self._peers:
            self._peers.ask()

    @property
    def ready(self) -> bool:
        """Whether a photo sent now finds the model loaded, whichever process takes it."""
        return self._peers is None or self._peers.all_ready()

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
        start.ask()
        if request.endpoint in RECOGNISING:
            start.check()
