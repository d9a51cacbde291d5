"""Mien: a Flask site that recognises facial expressions, live in the browser and in photos.

Importing this package loads no model and no library that runs one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

ROOT = Path(__file__).parent.parent


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the application.

    Args:
        config: settings of config.py or of Flask; they take precedence over the environment's
            MIEN_* variables, which take precedence over the defaults.

    Raises:
        ConfigError: a setting has a value that is not allowed.
    """
    from . import config as settings
    from .api import routes as api
    from .limits import rate_limit, refusals, upload_budget
    from .pages import routes as pages
    from .pages import service_worker
    from .photos import service, uploads
    from .server import logs, metrics
    from .web import (
        compressed_static,
        cors,
        errors,
        proxy,
        request_id,
        security_headers,
        static_assets,
    )

    app = Flask(
        __name__,
        static_folder=str(ROOT / "static"),
        template_folder=str(ROOT / "templates"),
    )
    app.config.update(settings.load(os.environ, config or {}))
    app.json.sort_keys = False  # type: ignore[attr-defined]  # keep the contract's order of scores
    # The order of what runs around a request: the first module runs first before it, last after it.
    logs.init_app(app)
    metrics.init_app(app)
    request_id.init_app(app)
    cors.init_app(app)
    security_headers.init_app(app)
    proxy.init_app(app)
    refusals.init_app(app)
    uploads.init_app(app)
    service.init_app(app)
    upload_budget.init_app(app)
    static_assets.init_app(app)
    compressed_static.init_app(app)
    app.register_blueprint(pages.bp)
    app.register_blueprint(service_worker.bp)
    app.register_blueprint(api.bp)
    rate_limit.init_app(app)
    errors.init_app(app)
    return app
