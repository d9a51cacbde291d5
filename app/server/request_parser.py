"""Parse requests that arrive in pieces; their bodies are kept in memory, within a budget.

A body that is too large, arrives too slowly or exceeds the budget is dropped, and its request gets
a refusal, which the application answers (app/limits/refusals.py).
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import Any

from waitress.buffers import OverflowableBuffer
from waitress.parser import HTTPRequestParser
from werkzeug.exceptions import RequestEntityTooLarge

from ..inference.errors import MienError
from ..limits.upload_budget import UploadBudget

DISCARDED_BYTES = 256 * 1024 * 1024
"""The most bytes of a refused body that are read. A browser that is still sending when the server
closes the connection reports a broken connection and never shows the answer."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What bodies are accepted.

    Attributes:
        budget: the bytes that all bodies may use together.
        longest: the most bytes of one body.
    """

    budget: UploadBudget
    longest: int


class BodyBuffer(OverflowableBuffer):
    """A body in memory; waitress's own writes large ones to the disk."""

    def __init__(self, intake: Intake) -> None:
        super().__init__(sys.maxsize)
        self.refusal: Exception | None = None
        self._intake = intake
        self._reserved = 0

    def append(self, data: bytes) -> None:
        """Receive the next bytes, or drop them if the body was refused."""
        if self.refusal is not None:
            return
        size = len(data)
        try:
            if self._reserved + size > self._intake.longest:
                raise RequestEntityTooLarge
            self._intake.budget.reserve(size, self._reserved)
        except (MienError, RequestEntityTooLarge) as error:
            self.drop(error)
        else:
            self._reserved += size
            super().append(data)

    def drop(self, reason: Exception) -> None:
        """Free the bytes; those that still come are dropped too."""
        self.close()
        self.buf, self.strbuf = None, b""
        self.refusal = self.refusal or reason

    def close(self) -> None:
        """Free the bytes."""
        super().close()
        self._intake.budget.release(self._reserved)
        self._reserved = 0


class Request(HTTPRequestParser):
    """A request.

    Attributes:
        began: when its first byte arrived, by time.time().
        refusal: why it was refused before the application saw it.
    """

    def __init__(self, adjustments: Any, intake: Intake) -> None:
        super().__init__(adjustments)
        self.began = time.time()
        self.refusal: Exception | None = None
        self._intake = intake

    def parse_header(self, head: bytes) -> None:
        """As waitress, but a body goes to a `BodyBuffer`."""
        super().parse_header(head)
        if self.body_rcv is not None:
            self.body_rcv.buf = BodyBuffer(self._intake)
            if self.content_length > self._intake.longest:
                self.body_rcv.buf.drop(RequestEntityTooLarge())

    def received(self, data: bytes) -> int:
        """As waitress; the number of bytes used."""
        used: int = super().received(data)
        refusal = self.body_rcv.buf.refusal if self.body_rcv is not None else None
        if refusal is not None:
            if max(self.content_length, self.body_bytes_received) > DISCARDED_BYTES:
                self.refuse(refusal, close=True)
            elif self.completed:
                self.refuse(refusal)
        return used

    def refuse(self, reason: Exception, close: bool = False) -> None:
        """Drop the body and end the request; `close`: the connection ends with the answer."""
        self.refusal = reason
        if self.body_rcv is not None:
            self.body_rcv.buf.drop(reason)
        self.completed = True
        self.headers["CONTENT_LENGTH"] = "0"
        if close:
            self.headers["CONNECTION"] = "close"
