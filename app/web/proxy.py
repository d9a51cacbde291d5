"""Reverse proxies: which of their headers are trusted, redirection to HTTPS, and HSTS."""

from __future__ import annotations

import logging
import threading
from typing import Any

from flask import Flask, Response, redirect, request
from werkzeug.middleware.proxy_fix import ProxyFix

HTTP_ENDPOINTS = ("api.health", "metrics")
"""Endpoints that the platform requests by HTTP; they are not redirected."""

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Trust MIEN_PROXIES proxies; redirect to HTTPS (MIEN_HTTPS) and send HSTS (MIEN_HSTS)."""
    proxies = app.config["MIEN_PROXIES"]
    if proxies:
        # X-Forwarded-Host is not trusted: a proxy that does not set it passes on the client's own.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore
    else:
        _warn_of_untrusted_proxy(app)
    if app.config["MIEN_HTTPS"]:
        app.before_request(_redirect_to_https)
    seconds = app.config["MIEN_HSTS"]
    if seconds:

        @app.after_request
        def add_hsts(response: Response) -> Response:
            if request.is_secure:
                response.headers["Strict-Transport-Security"] = f"max-age={seconds}"
            return response


def _redirect_to_https() -> Any:
    if request.is_secure or request.endpoint in HTTP_ENDPOINTS:
        return None
    # 308 keeps the method: the browser sends a form again, to HTTPS.
    return redirect(request.url.replace("http://", "https://", 1), 308)


def _warn_of_untrusted_proxy(app: Flask) -> None:
    warned = threading.Event()

    @app.before_request
    def warn() -> None:
        if "X-Forwarded-For" in request.headers and not warned.is_set():
            warned.set()
            log.warning(
                "Requests come through a proxy (they have X-Forwarded-For), but MIEN_PROXIES is "
                "0: the rate limit counts all visitors as one client. Set MIEN_PROXIES to the "
                "number of trusted reverse proxies."
            )
