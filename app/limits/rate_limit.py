"""How many photos one client may send: Flask-Limiter, in memory or, over several processes, in
Redis.

The first photo is counted before the upload is read, so that one too many is refused unread; those
beyond it once the form tells how many there are. Refused photos are counted too.
"""

from __future__ import annotations

import logging
import time
from ipaddress import IPv6Address, ip_address
from typing import Any

from flask import Flask, current_app, request
from flask_limiter import Limiter, RateLimitExceeded
from limits import RateLimitItem, parse_many

from ..inference.errors import MienError
from . import RECOGNISING

TIMEOUT_S = 1.0
"""How long Redis may take to answer before the limit is held in memory instead."""

SCOPE = "recognize"
"""The recognising routes are counted together."""

log = logging.getLogger(__name__)

# Of each refusal it says the client's address, at the level INFO.
logging.getLogger("flask-limiter").setLevel(logging.WARNING)


class TooManyForClientError(MienError):
    """With the photos of this request a client would have sent more than it may."""

    http_status = 429

    def __init__(self, sentence: str, retry_after_s: int) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


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


def count_photos(number: int) -> None:
    """Count the photos of the current request, the first of which was counted with its head.

    Raises:
        TooManyForClientError: they are more than the client may still send.
    """
    limiter: Limiter | None = current_app.extensions.get("mien_rate_limit")
    if limiter is None or number < 2:
        return
    for limit in sorted(parse_many(current_app.config["MIEN_RATE_LIMIT"])):
        try:
            if limiter.limiter.hit(limit, client(), SCOPE, cost=number - 1):
                continue
        except Exception as error:
            # Redis went after the first photo was counted there; the next request notices.
            log.warning("The photos of a request could not be counted: %s", type(error).__name__)
            return
        seconds = _seconds_until(limiter.limiter.get_window_stats(limit, client(), SCOPE)[0])
        if number > limit.amount:
            raise TooManyForClientError(
                f"There are {number} photos in the form, more than the server takes from one "
                f"client, {limit}; please send fewer at once.",
                seconds,
            )
        raise TooManyForClientError(_sentence(limit, seconds), seconds)


def sentence(error: RateLimitExceeded) -> str:
    """What the client is told."""
    return _sentence(error.limit.limit, retry_after_s())


def retry_after_s() -> int:
    """Seconds until the current request's client may send a photo again, at least 1."""
    limiter: Limiter = current_app.extensions["mien_rate_limit"]
    window = limiter.current_limit
    return _seconds_until(window.reset_at) if window else 1


def _sentence(limit: RateLimitItem, seconds: int) -> str:
    return (
        f"More photos came from this client than the server takes, {limit}; "
        f"please try again in {'a second' if seconds == 1 else f'{seconds} seconds'}."
    )


def _seconds_until(reset_at: float) -> int:
    return max(1, int(reset_at - time.time()) + 1)


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
    shared = limiter.shared_limit(limit, scope=SCOPE)
    for endpoint in RECOGNISING:
        app.view_functions[endpoint] = shared(app.view_functions[endpoint])  # type: ignore
