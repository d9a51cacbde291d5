"""Security headers and Cache-Control of every answer."""

from __future__ import annotations

from flask import Flask, Response, request

from .static_assets import content_hash

DENIED_FEATURES = (
    "accelerometer", "display-capture", "encrypted-media", "geolocation", "gyroscope",
    "hid", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get",
    "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
"""Browser features that the pages do not use, by their names in Permissions-Policy."""

# 'wasm-unsafe-eval' allows compiling WebAssembly but not evaluating strings. COOP and COEP make the
# page cross-origin isolated, which shared memory and so threads of WebAssembly need.
HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "worker-src 'self'",
            "connect-src 'self'",
            "img-src 'self' data: blob:",
            "style-src 'self'",
            "media-src 'self' blob:",
            "font-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(("camera=(self)", *(f"{name}=()" for name in DENIED_FEATURES))),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

IMMUTABLE = "public, max-age=31536000, immutable"


def under_api() -> bool:
    """Whether the current request is one to the API, also where it has nothing at that path.

    /api itself is a page, about the API."""
    return request.path.startswith("/api/")


def cache_control(response: Response) -> str:
    """The value of Cache-Control: static files requested by the hash of their content are cached
    forever, other files and pages after revalidation, answers of the API and to forms never."""
    if request.endpoint == "static" and response.status_code in (200, 206, 304):
        wanted = request.args.get("v")
        path = (request.view_args or {}).get("filename", "")
        return IMMUTABLE if wanted and wanted == content_hash(path) else "no-cache"
    if under_api() or request.method == "POST":
        return "no-store"
    return "no-cache"


def init_app(app: Flask) -> None:
    """Set the headers on every answer, errors included."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(HEADERS)
        response.headers["Cache-Control"] = cache_control(response)
        return response
