"""gunicorn's worker class: a process that serves with waitress.

gunicorn starts, replaces and stops the processes; waitress reads and sends in each. Why:
docs/decisions.md.
"""

from __future__ import annotations

import os
import resource
import time
from socket import IPPROTO_TCP, SO_SNDBUF, SOL_SOCKET, TCP_NODELAY
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments

from ..limits import photo_endpoints
from .connections import Server, TimeLimits
from .request_parser import Intake
from .threads import Threads

CONNECTIONS = 2000
"""The most connections of a process."""

OTHER_FILES = 100
"""Open files that are no connections: libraries, pipes, models."""

TICK_S = 1.0
"""How often, in seconds, the process says that it is alive and looks for a stop."""

LINGER_S = 1.0
"""For how many seconds a stopping process keeps connections whose client may just be sending."""


class WaitressWorker(Worker):
    """A process of gunicorn whose requests waitress reads and answers."""

    def run(self) -> None:
        """Serve until the process is told to stop, then finish the requests that have begun."""
        connections: dict[int, Any] = {}
        threads = self._threads()
        servers = [self._server(one.sock, connections, threads) for one in self.sockets]
        while self.alive and self.ppid == os.getppid():
            self._turn(connections, TICK_S)
        for server in servers:
            server.accepting = False
        end = time.monotonic() + self.cfg.graceful_timeout
        while any(server.active_channels for server in servers) and time.monotonic() < end:
            self._turn(connections, 0.1)
            for server in servers:
                server.close_idle(LINGER_S)
        threads.shutdown()

    def _turn(self, connections: dict[int, Any], seconds: float) -> None:
        self.notify()
        wasyncore.loop(timeout=seconds, use_poll=True, map=connections, count=1)

    def _threads(self) -> Threads:
        app = self.wsgi
        endpoints, prefix = photo_endpoints(app), os.environ.get("SCRIPT_NAME", "").rstrip("/")
        paths = {
            prefix + rule.rule.rstrip("/")
            for rule in app.url_map.iter_rules()
            if rule.endpoint in endpoints
        }
        config = app.config
        return Threads(
            self.cfg.threads, config["MIEN_CONCURRENCY"], paths, config["MIEN_WAIT_SECONDS"]
        )

    def _server(self, socket: Any, connections: dict[int, Any], threads: Threads) -> Server:
        config = self.wsgi.config
        adjustments = Adjustments(
            ident=None,
            # Flask decides which proxies are trusted (app/web/proxy.py).
            clear_untrusted_proxy_headers=False,
            url_prefix=os.environ.get("SCRIPT_NAME", ""),
            backlog=self.cfg.backlog,
            recv_bytes=1 << 18,
            # Nothing is written to the disk: the answers in memory are limited by UNSENT_BYTES.
            outbuf_overflow=1 << 40,
            outbuf_high_watermark=1 << 40,
            max_request_header_size=1 << 15,
            max_request_body_size=1 << 60,
            connection_limit=_connections(),
            cleanup_interval=1,
            log_socket_errors=False,
        )
        # Otherwise the system keeps up to 4 MB of an answer for each client that does not read.
        adjustments.socket_options = [
            (SOL_SOCKET, SO_SNDBUF, 1 << 17),
            (IPPROTO_TCP, TCP_NODELAY, 1),
        ]
        return Server(
            self.wsgi,
            map=connections,
            _sock=socket,
            dispatcher=threads,
            adj=adjustments,
            sockinfo=(socket.family, socket.type, socket.proto, socket.getsockname()),
            bind_socket=False,
            intake=Intake(self.wsgi.extensions["mien_upload_budget"], config["MAX_CONTENT_LENGTH"]),
            limits=TimeLimits(config["MIEN_STALL_SECONDS"], config["MIEN_UPLOAD_SECONDS"]),
        )


def _connections() -> int:
    """The most connections that the open files of this process allow, at most `CONNECTIONS`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # An answer that is a file needs a second one.
    wanted = 2 * CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(50, min(CONNECTIONS, (soft - OTHER_FILES) // 2)) if soft > 0 else CONNECTIONS
