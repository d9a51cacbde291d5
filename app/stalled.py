"""Uploads that have come to a halt, as on a phone that lost its network: given up after a while,
since each holds one of the process's threads."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
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
    """

    def __init__(self, body: Any, line: socket.socket, seconds: float) -> None:
        self._body, self._line, self._seconds = body, line, seconds

    def _reading(self, read: Callable[..., Any], *arguments: Any) -> Any:
        self._line.settimeout(self._seconds)
        try:
            return read(*arguments)
        except TimeoutError:
            raise RequestTimeout(
                f"Nothing more of the upload came for {self._seconds:g} seconds; "
                "please send it again."
            ) from None
        finally:
            self._line.settimeout(None)

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

    def patiently(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        line = environ.get(SOCKET)
        if line is not None:
            environ["wsgi.input"] = Patient(environ["wsgi.input"], line, seconds)
        return answer(environ, start_response)

    app.wsgi_app = patiently  # type: ignore[method-assign]
