"""Behind a proxy: whose word is taken on the client's address and scheme, and HTTPS."""

from __future__ import annotations

import logging
import threading
from typing import Any

from flask import Flask, Response, redirect, request
from werkzeug.middleware.proxy_fix import ProxyFix

from .errors import discard_upload

PLAIN = ("api.health", "metrics")
"""Endpoints that are asked by the platform itself, from within and over HTTP."""

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Believe MIEN_PROXIES proxies; send visitors to HTTPS and keep them there if set so."""
    proxies = app.config["MIEN_PROXIES"]
    if proxies:
        # The host is not taken from X-Forwarded-Host: where a proxy does not set that header, the
        # client's own would be believed.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore
    else:
        _warn_of_proxy(app)
    if app.config["MIEN_HTTPS"]:
        app.before_request(_to_https)
    seconds = app.config["MIEN_HSTS"]
    if seconds:

        @app.after_request
        def keep_to_https(response: Response) -> Response:
            if request.is_secure:
                response.headers["Strict-Transport-Security"] = f"max-age={seconds}"
            return response


def _to_https() -> Any:
    if request.is_secure or request.endpoint in PLAIN:
        return None
    discard_upload()
    # 308 keeps the method: a form that was sent to http is sent again, to https.
    return redirect(request.url.replace("http://", "https://", 1), 308)


def _warn_of_proxy(app: Flask) -> None:
    said = threading.Event()

    @app.before_request
    def warn() -> None:
        if "X-Forwarded-For" in request.headers and not said.is_set():
            said.set()
            log.warning(
                "Requests come through a proxy (they have X-Forwarded-For), and MIEN_PROXIES is "
                "0: all visitors count as one client. Set MIEN_PROXIES to the number of proxies."
            )
