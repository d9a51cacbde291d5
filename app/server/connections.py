"""The connections of a process: waitress's, with limits on time, memory and number.

One thread reads requests and sends answers of all connections, so that a client that sends or reads
slowly occupies no thread.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, WSGITask
from werkzeug.exceptions import RequestTimeout

from ..limits.refusals import REFUSAL
from .request_parser import Intake, Request

HEAD_SECONDS = 20.0
"""Seconds in which the head of a request must arrive."""

IDLE_SECONDS = 20.0
"""Seconds after which a connection without a request is closed."""

UNSENT_BYTES = 32 * 1024 * 1024
"""The most bytes of answers that wait in memory for their clients. Files are read as they are sent
and do not count."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Limits in seconds: `pause` without a byte received or sent, `upload` for a whole request."""

    pause: float
    upload: float


class InvalidRequest(ErrorTask):
    """The answer to a request that is not valid HTTP."""

    def execute(self) -> None:
        log.warning("A request that is not valid HTTP was refused.")
        super().execute()


class ApplicationTask(WSGITask):
    """One call of the application."""

    def get_environment(self) -> dict[str, Any]:
        """As waitress, with the refusal of the request."""
        environ: dict[str, Any] = super().get_environment()
        if self.request.refusal is not None:
            environ[REFUSAL] = self.request.refusal
        return environ


class Connection(HTTPChannel):
    """A connection of one client."""

    request: Request | None
    task_class = ApplicationTask
    error_task_class = InvalidRequest

    def __init__(self, server: Server, *arguments: Any, **options: Any) -> None:
        super().__init__(server, *arguments, **options)
        self.parser_class = partial(Request, intake=server.intake)

    @property
    def unsent_bytes(self) -> int:
        """Bytes of answers in memory that are not sent yet."""
        buffers = [one for one in self.outbufs if not isinstance(one, ReadOnlyFileBasedBuffer)]
        return sum(len(one) for one in buffers) if self.total_outbufs_len else 0

    @property
    def is_idle(self) -> bool:
        """Whether it has neither a request nor an answer."""
        return not self.requests and self.request is None and not self.total_outbufs_len

    @property
    def waits_since(self) -> float | None:
        """When the client began to let the server wait; None while the server works for it."""
        if self.requests and not self.total_outbufs_len:
            return None
        return self.last_activity if self.request is None else self.request.began

    def check_time(self, now: float, limits: TimeLimits) -> None:
        """End what took too long."""
        pause, request = now - self.last_activity, self.request
        if self.total_outbufs_len:
            if pause > limits.pause:
                self.handle_close()
        elif self.requests:
            return
        elif request is None:
            if pause > IDLE_SECONDS:
                self.handle_close()
        elif not request.headers_finished:
            if now - request.began > HEAD_SECONDS:
                self.handle_close()
        elif pause > limits.pause:
            self._refuse(
                f"No more bytes of the upload arrived for {limits.pause:g} seconds; "
                "please send it again."
            )
        elif now - request.began > limits.upload:
            self._refuse(
                f"The upload took more than {limits.upload:g} seconds; "
                "please send it again, or send a smaller photo."
            )

    def _refuse(self, sentence: str) -> None:
        with self.requests_lock:
            request, self.request = self.request, None
            assert request is not None
            request.refuse(RequestTimeout(sentence), close=True)
            self.requests.append(request)
            self.server.add_task(self)

    def handle_close(self) -> None:
        """Close the connection and free the request that was arriving."""
        request, self.request = self.request, None
        super().handle_close()
        if request is not None:
            request.close()


class Server(TcpWSGIServer):
    """The listening socket and its connections.

    Args:
        intake, limits: of its connections.
        others: as waitress's server.
    """

    channel_class = Connection

    def __init__(self, *arguments: Any, intake: Intake, limits: TimeLimits, **options: Any) -> None:
        self.intake, self.limits = intake, limits
        super().__init__(*arguments, **options)

    def maintenance(self, now: float) -> None:
        """Called about once a second: end what took too long, and answers nobody reads."""
        for one in list(self.active_channels.values()):
            one.check_time(now, self.limits)
        unsent = {one: one.unsent_bytes for one in self.active_channels.values()}
        total = sum(unsent.values())
        for one in sorted(unsent, key=lambda connection: connection.last_activity):
            if total <= UNSENT_BYTES:
                break
            total -= unsent[one]
            if unsent[one]:
                one.handle_close()

    def handle_accept(self) -> None:
        """Accept a connection. Close the ones that let the server wait longest when there are
        almost as many as allowed."""
        most = self.adj.connection_limit * 9 // 10
        if len(self.active_channels) >= most:
            waiting = [
                (one.waits_since, number, one)
                for number, one in enumerate(self.active_channels.values())
                if one.waits_since is not None
            ]
            for _, _, one in sorted(waiting)[: max(1, most // 50)]:
                one.handle_close()
        super().handle_accept()

    def close_idle(self, seconds: float) -> None:
        """Close the connections that were idle for so long."""
        for one in list(self.active_channels.values()):
            if one.is_idle and time.time() - one.last_activity > seconds:
                one.handle_close()
