"""The limit on photos per client and period: Flask-Limiter, counting in memory or in Redis.

The limit is the setting MIEN_RATE_LIMIT, its default is in app/config.py.

Only Redis counts for several processes together. The first photo of a request is counted before the
form is read, so that a client over its limit is refused before that; the other photos are counted
once the form is read. Photos that are refused for what they are count too, those that the server
had no room for (503) do not.
"""

from __future__ import annotations

import logging
import time
from ipaddress import IPv6Address, ip_address
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter, RateLimitExceeded
from limits import RateLimitItem, parse_many

from ..inference.errors import MienError
from . import photo_endpoints

TIMEOUT_S = 1.0
"""After how many seconds without an answer from Redis the limit is counted in memory."""

SCOPE = "recognize"
"""Flask-Limiter's name of the shared limit: all recognising routes count together."""

log = logging.getLogger(__name__)

# At the level INFO it logs the client's address of each refusal.
logging.getLogger("flask-limiter").setLevel(logging.WARNING)


class TooManyForClientError(MienError):
    """The photos of this request would exceed the client's rate limit."""

    http_status = 429

    def __init__(self, sentence: str, retry_after_s: int) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


def client() -> str:
    """The client of the current request: its IPv4 address, or the /64 network of its IPv6 address,
    which is what one household has."""
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
    """Count the photos of the current request; the first one was counted before the form was read.

    Raises:
        TooManyForClientError: they exceed the client's rate limit.
    """
    limiter: Limiter | None = current_app.extensions.get("mien_rate_limit")
    g.counted_photos = number
    if limiter is None or number < 2:
        return
    for limit in sorted(parse_many(current_app.config["MIEN_RATE_LIMIT"])):
        try:
            if limiter.limiter.hit(limit, client(), SCOPE, cost=number - 1):
                continue
        except Exception as error:
            # Redis failed after the first photo was counted; the next request falls back to memory.
            log.warning("The photos of a request could not be counted: %s", type(error).__name__)
            return
        seconds = _seconds_until(limiter.limiter.get_window_stats(limit, client(), SCOPE)[0])
        if number > limit.amount:
            raise TooManyForClientError(
                f"There are {number} photos in the form, more than this server's limit per client, "
                f"{limit}; please send fewer at once.",
                seconds,
            )
        raise TooManyForClientError(_sentence(limit, seconds), seconds)


def give_back(response: Response) -> Response:
    """Stop counting the photos of the current request if the server had no room for them."""
    limiter: Limiter | None = current_app.extensions.get("mien_rate_limit")
    counted = g.pop("counted_photos", 0)
    if limiter is None or response.status_code != 503 or not counted:
        return response
    for limit in parse_many(current_app.config["MIEN_RATE_LIMIT"]):
        key, seconds = limit.key_for(client(), SCOPE), limit.get_expiry()
        try:
            # A counter only of a period that has not ended: the photos may have been counted in
            # the one before.
            if limiter.limiter.storage.get(key) >= counted:
                limiter.limiter.storage.incr(key, seconds, amount=-counted)
        except Exception as error:
            log.warning("Photos could not be given back: %s", type(error).__name__)
    return response


def sentence(error: RateLimitExceeded) -> str:
    """The sentence for the client."""
    return _sentence(error.limit.limit, retry_after_s())


def retry_after_s() -> int:
    """Seconds until the current request's client may send a photo again, at least 1."""
    limiter: Limiter = current_app.extensions["mien_rate_limit"]
    window = limiter.current_limit
    return _seconds_until(window.reset_at) if window else 1


def _sentence(limit: RateLimitItem, seconds: int) -> str:
    return (
        f"This client has reached the limit of photos, {limit}; "
        f"please try again in {'a second' if seconds == 1 else f'{seconds} seconds'}."
    )


def _seconds_until(reset_at: float) -> int:
    return max(1, int(reset_at - time.time()) + 1)


def _redis_options() -> dict[str, Any]:
    """Options of the connection: a failed Redis is noticed within twice `TIMEOUT_S`; a connection
    that Redis closed is opened again once, at once."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {
        "socket_connect_timeout": TIMEOUT_S,
        "socket_timeout": TIMEOUT_S,
        "retry": Retry(NoBackoff(), 1),
    }


def init_app(app: Flask) -> None:
    """Apply MIEN_RATE_LIMIT to all recognising routes together, per client."""
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
        # If two requests notice at the same moment that Redis has failed, one falls back to memory
        # and the other raises; it is accepted.
        swallow_errors=True,
    )
    app.extensions["mien_rate_limit"] = limiter
    shared = limiter.shared_limit(limit, scope=SCOPE)
    app.after_request(give_back)
    for endpoint in photo_endpoints(app):
        app.view_functions[endpoint] = shared(app.view_functions[endpoint])  # type: ignore
