"""gunicorn's settings; `gunicorn 'app:create_app()'` finds them by itself.

PORT (8000) and WEB_CONCURRENCY (1 process) come from the environment. Processes are not forked
from a loaded application (no --preload): TensorFlow hangs in a fork of a process that used it.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "openvino")
# Before numpy is loaded. After each matrix product, as of a crop, a second thread of OpenBLAS would
# wait for the next one by spinning, for longer than a photo takes, and share a processor with
# OpenCV's: photos one after the other then take a third longer (measured on two processors).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from app.config import ConfigError, load
from app.server import malloc
from app.server.metrics import FOLDER


def whole_number(name: str, default: int, low: int, high: int) -> int:
    """The environment's variable `name`; ends the start with a sentence if it is something else."""
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not low <= int(text) <= high:
        sys.exit(f"{name} is {text!r}; expected a whole number, {low} to {high}.")
    return int(text)


try:
    settings = load(os.environ, {})
except ConfigError as error:
    sys.exit(str(error))

bind = f"0.0.0.0:{whole_number('PORT', 8000, 1, 65535)}"
workers = whole_number("WEB_CONCURRENCY", 1, 1, 64)
worker_class = "gthread"
# More than MIEN_CONCURRENCY: pages, files and refusals are answered while photos are at work, and
# while some are slow in coming.
threads = 16
timeout = 60
graceful_timeout = 30
keepalive = 5
max_requests = 0
# MIEN_PROXIES says who is believed; gunicorn by itself believes every process of this machine.
forwarded_allow_ips = ""
# The socket for gunicorn's own control program would lie in the home folder.
control_socket_disable = True
# The application writes a line a request, without addresses (app/server/logs.py).
accesslog = None
logger_class = "app.server.gunicorn_logger.GunicornLogger"
if Path("/dev/shm").is_dir():
    # The workers' sign of life is a file; in memory no slow disk can make it look late.
    worker_tmp_dir = "/dev/shm"

malloc.give_back_early()


def on_starting(server) -> None:
    """Where several processes are counted together, make the folder they do it in."""
    if settings["MIEN_METRICS"] and workers > 1 and FOLDER not in os.environ:
        os.environ[FOLDER] = server.mien_metrics = tempfile.mkdtemp(prefix="mien-metrics-")


def post_worker_init(worker) -> None:
    """Load the model before this process takes requests. Until then they wait in the socket's queue
    or go to another process. A model that cannot be loaded ends the start."""
    if worker.wsgi.config["MIEN_PRELOAD"]:
        worker.wsgi.extensions["mien"].preload()
        malloc.trim()


def child_exit(server, worker) -> None:
    """Leave the figures of a process that has ended out of /metrics."""
    if FOLDER in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)


def on_exit(server) -> None:
    """Remove what `on_starting` made."""
    if hasattr(server, "mien_metrics"):
        shutil.rmtree(server.mien_metrics, ignore_errors=True)
