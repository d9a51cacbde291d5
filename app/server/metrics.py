"""/metrics for Prometheus, where MIEN_METRICS is on.

With several processes their figures are added up by way of files in PROMETHEUS_MULTIPROC_DIR,
which gunicorn.conf.py sets; then the process's own figures (memory, processor) are left out.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, Response, g, request

from .logs import method, milliseconds, route

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def init_app(app: Flask) -> None:
    """Count requests and serve the counts, if set so. prometheus_client is imported only then."""
    if not app.config["MIEN_METRICS"]:
        return
    import prometheus_client as prometheus

    # A registry of its own: another application of this process has its own counts.
    registry = prometheus.CollectorRegistry()
    answered = prometheus.Counter(
        "mien_requests", "Requests answered.", ["method", "route", "status"], registry=registry
    )
    seconds = prometheus.Histogram(
        "mien_request_seconds",
        "Time from the request's head to its answer's.",
        ["route"],
        buckets=SECONDS,
        registry=registry,
    )
    photos = prometheus.Counter("mien_photos", "Photos recognised.", registry=registry)
    faces = prometheus.Counter("mien_faces", "Faces recognised.", registry=registry)
    if FOLDER not in os.environ:
        prometheus.ProcessCollector(registry=registry)

    @app.after_request
    def count(response: Response) -> Response:
        if request.endpoint == "metrics":
            return response
        answered.labels(method(), route(), response.status_code).inc()
        seconds.labels(route()).observe(milliseconds() / 1000)
        if "photos" in g:
            photos.inc(g.photos)
            faces.inc(g.faces)
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        shown: Any = registry
        if FOLDER in os.environ:
            from prometheus_client.multiprocess import MultiProcessCollector

            shown = prometheus.CollectorRegistry()
            MultiProcessCollector(shown)
        return Response(
            prometheus.generate_latest(shown), content_type=prometheus.CONTENT_TYPE_LATEST
        )
