"""Metrics for Prometheus at /metrics, if MIEN_METRICS is on.

The metrics of several processes are summed up through files in PROMETHEUS_MULTIPROC_DIR, which
gunicorn.conf.py sets. Metrics of the process itself (memory, processor time) are then left out.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, Response, g, request

from .logs import elapsed_ms, method, route

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable that names the folder of these files."""


def init_app(app: Flask) -> None:
    """Count requests and serve the counts, if MIEN_METRICS is on."""
    if not app.config["MIEN_METRICS"]:
        return
    # Imported only where it is used.
    import prometheus_client as prometheus

    # Each application in this process has its own registry, and so its own counts.
    registry = prometheus.CollectorRegistry()
    answered = prometheus.Counter(
        "mien_requests", "Requests answered.", ["method", "route", "status"], registry=registry
    )
    seconds = prometheus.Histogram(
        "mien_request_seconds",
        "Time from the start of a request to its answer.",
        ["route"],
        buckets=BUCKETS_S,
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
        seconds.labels(route()).observe(elapsed_ms() / 1000)
        if "photos" in g:
            photos.inc(g.photos)
            faces.inc(g.faces)
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        source: Any = registry
        if FOLDER in os.environ:
            from prometheus_client.multiprocess import MultiProcessCollector

            source = prometheus.CollectorRegistry()
            MultiProcessCollector(source)
        return Response(
            prometheus.generate_latest(source), content_type=prometheus.CONTENT_TYPE_LATEST
        )
