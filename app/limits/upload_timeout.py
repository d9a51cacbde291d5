"""The limit on the time of an upload, per pause and in total.

An upload that stalls, as on a phone that lost its network, or that is very slow occupies one of the
process's threads, so it is ended.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from flask import Flask
from werkzeug.exceptions import RequestTimeout

SOCKET = "gunicorn.socket"
"""Key of the WSGI environment where gunicorn puts the client's socket; other servers have none."""


class TimedBody:
    """A request's body whose methods raise RequestTimeout when the upload takes too long.

    Args:
        body: the server's body.
        connection: the socket from which it is read.
        pause_s: how many seconds may pass without a byte.
        total_s: how many seconds it may take in total, from the first read on.
    """

    def __init__(
        self, body: Any, connection: socket.socket, pause_s: float, total_s: float
    ) -> None:
        self._body, self._connection = body, connection
        self._pause_s, self._total_s = pause_s, total_s
        # One call of read may wait for many bytes, each of which arrives in time; so the total time
        # needs a timer of its own.
        self._timer = threading.Timer(total_s, self._end)
        self._timer.daemon = True
        self._is_late = False

    def _timed(self, read: Callable[..., Any], *arguments: Any) -> Any:
        if self._timer.ident is None:
            self._timer.start()
        previous = self._connection.gettimeout()
        self._connection.settimeout(self._pause_s)
        try:
            found = read(*arguments)
            if self._is_late:
                raise RequestTimeout(
                    f"The upload took more than {self._total_s:g} seconds; "
                    "please send it again, or send a smaller photo."
                )
            return found
        except TimeoutError:
            raise RequestTimeout(
                f"No more bytes of the upload arrived for {self._pause_s:g} seconds; "
                "please send it again."
            ) from None
        finally:
            self._connection.settimeout(previous)

    def _end(self) -> None:
        """End the reading side of the connection; an answer can still be sent."""
        self._is_late = True
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RD)

    def close(self) -> None:
        """Stop the timer; the body is no longer read."""
        self._timer.cancel()

    def read(self, *size: int) -> bytes:
        found: bytes = self._timed(self._body.read, *size)
        return found

    def readline(self, *size: int) -> bytes:
        found: bytes = self._timed(self._body.readline, *size)
        return found

    def readlines(self, *hint: int) -> list[bytes]:
        found: list[bytes] = self._timed(self._body.readlines, *hint)
        return found

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")


def init_app(app: Flask) -> None:
    """Read the body of every request with these limits."""
    wsgi_app, pause_s = app.wsgi_app, app.config["MIEN_STALL_SECONDS"]
    total_s = app.config["MIEN_UPLOAD_SECONDS"]

    def with_timed_body(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        connection = environ.get(SOCKET)
        if connection is None:
            return wsgi_app(environ, start_response)
        body = environ["wsgi.input"] = TimedBody(
            environ["wsgi.input"], connection, pause_s, total_s
        )
        try:
            return wsgi_app(environ, start_response)
        finally:
            body.close()

    app.wsgi_app = with_timed_body  # type: ignore[method-assign]
