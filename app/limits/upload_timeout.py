"""Uploads that have come to a halt, as on a phone that lost its network, or that trickle: given up
after a while, since each holds one of the process's threads."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from flask import Flask
from werkzeug.exceptions import RequestTimeout

SOCKET = "gunicorn.socket"
"""Where gunicorn puts the line to the client; other servers have no such thing."""


class Patient:
    """What a request's body is read from; raises RequestTimeout where it does not go on.

    Args:
        body: the server's own.
        line: the socket it comes from.
        seconds: how long it may be without a byte.
        most_seconds: how long it may take in all, from the first time it is read from.
    """

    def __init__(self, body: Any, line: socket.socket, seconds: float, most_seconds: float) -> None:
        self._body, self._line, self._seconds = body, line, seconds
        self._most_seconds = most_seconds
        # One call to read may wait for many bytes, each of which comes in time.
        self._clock = threading.Timer(most_seconds, self._give_up)
        self._clock.daemon = True
        self._late = False

    def _reading(self, read: Callable[..., Any], *arguments: Any) -> Any:
        if self._clock.ident is None:
            self._clock.start()
        before = self._line.gettimeout()
        self._line.settimeout(self._seconds)
        try:
            found = read(*arguments)
            if self._late:
                raise RequestTimeout(
                    f"The upload took more than {self._most_seconds:g} seconds; "
                    "please send it again, or a smaller photo."
                )
            return found
        except TimeoutError:
            raise RequestTimeout(
                f"Nothing more of the upload came for {self._seconds:g} seconds; "
                "please send it again."
            ) from None
        finally:
            self._line.settimeout(before)

    def _give_up(self) -> None:
        """Let what waits for bytes see their end; what is sent back goes on."""
        self._late = True
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RD)

    def done(self) -> None:
        """The body is no longer read."""
        self._clock.cancel()

    def read(self, *size: int) -> bytes:
        found: bytes = self._reading(self._body.read, *size)
        return found

    def readline(self, *size: int) -> bytes:
        found: bytes = self._reading(self._body.readline, *size)
        return found

    def readlines(self, *hint: int) -> list[bytes]:
        found: list[bytes] = self._reading(self._body.readlines, *hint)
        return found

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")


def init_app(app: Flask) -> None:
    """Read every request's body this way."""
    answer, seconds = app.wsgi_app, app.config["MIEN_STALL_SECONDS"]
    most_seconds = app.config["MIEN_UPLOAD_SECONDS"]

    def patiently(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        line = environ.get(SOCKET)
        if line is None:
            return answer(environ, start_response)
        body = environ["wsgi.input"] = Patient(environ["wsgi.input"], line, seconds, most_seconds)
        try:
            return answer(environ, start_response)
        finally:
            body.done()

    app.wsgi_app = patiently  # type: ignore[method-assign]
