"""How many photos one client may send: Flask-Limiter, in memory or, over several processes, in
Redis."""

from __future__ import annotations

import logging
import time
from ipaddress import IPv6Address, ip_address
from typing import Any

from flask import Flask, current_app, request
from flask_limiter import Limiter, RateLimitExceeded

from .start import RECOGNISING

TIMEOUT_S = 1.0
"""How long Redis may take to answer before the limit is held in memory instead."""

# Of each refusal it says the client's address, at the level INFO.
logging.getLogger("flask-limiter").setLevel(logging.WARNING)


def client() -> str:
    """Who sends the request: the address, of IPv6 the network of 64 bits a household has."""
    text = request.remote_addr or "unknown"
    try:
        address = ip_address(text)
    except ValueError:
        return text
    if not isinstance(address, IPv6Address):
        return text
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> 64 << 64))


def sentence(error: RateLimitExceeded) -> str:
    """What the client is told."""
    return (
        f"More photos came from this client than the server takes, {error.limit.limit}; "
        f"please try again in {_seconds(retry_after_s())}."
    )


def retry_after_s() -> int:
    """Seconds until the current request's client may send a photo again, at least 1."""
    limiter: Limiter = current_app.extensions["mien_rate_limit"]
    window = limiter.current_limit
    return max(1, int(window.reset_at - time.time()) + 1) if window else 1


def _seconds(number: int) -> str:
    return "a second" if number == 1 else f"{number} seconds"


def _redis_options() -> dict[str, Any]:
    """A Redis that has gone is noticed within twice `TIMEOUT_S`; one connection that it closed
    is opened again at once."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {
        "socket_connect_timeout": TIMEOUT_S,
        "socket_timeout": TIMEOUT_S,
        "retry": Retry(NoBackoff(), 1),
    }


def init_app(app: Flask) -> None:
    """Hold the recognising routes to MIEN_RATE_LIMIT, all of them together, for each client."""
    limit = app.config["MIEN_RATE_LIMIT"]
    redis = app.config["MIEN_REDIS_URL"]
    if not limit:
        return
    limiter = Limiter(
        client,
        app=app,
        strategy="fixed-window",
        storage_uri=redis or "memory://",
        storage_options=_redis_options() if redis else {},
        in_memory_fallback_enabled=True,
        # Of two requests that find Redis gone at the same moment, one falls back to memory and
        # the other fails; it is let through.
        swallow_errors=True,
    )
    app.extensions["mien_rate_limit"] = limiter
    shared = limiter.shared_limit(limit, scope="recognize")
    for endpoint in RECOGNISING:
        app.view_functions[endpoint] = shared(app.view_functions[endpoint])  # type: ignore
