"""Settings of gunicorn, which `gunicorn 'app:create_app()'` reads by itself.

PORT (default 8000) and WEB_CONCURRENCY (processes, default 1) come from the environment. Processes
are not forked from a loaded application (no --preload): TensorFlow hangs in such processes.
"""

import os
import shutil
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "openvino")
# Must be set before numpy is loaded. After a matrix product, e.g. of a crop, a second thread of
# OpenBLAS would busy-wait for the next product, longer than a photo takes, and compete with the
# threads of OpenCV: photos one after the other then take a third longer (measured on 2 processors).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from app.config import ConfigError, load
from app.server import malloc
from app.server.metrics import FOLDER


def whole_number(name: str, default: int, low: int, high: int) -> int:
    """The environment variable `name`; exits with a sentence if it is not such a number."""
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
worker_class = "app.server.worker.WaitressWorker"
# For everything but photos, for which MIEN_CONCURRENCY threads are started in addition. No thread
# waits for a client.
threads = 8
# A process that does not respond for so long is replaced. Loading the model counts, which may take
# long on a busy machine.
timeout = 180
graceful_timeout = 30
max_requests = 0
# Which proxies are trusted is decided by MIEN_PROXIES; gunicorn by default trusts this machine.
forwarded_allow_ips = ""
# The socket of gunicorn's control program would be created in the home folder.
control_socket_disable = True
# The application logs each request, without addresses (app/server/logs.py).
accesslog = None
logger_class = "app.server.gunicorn_logger.GunicornLogger"
if os.access("/dev/shm", os.W_OK | os.X_OK):
    # The heartbeat of the workers is a file; in memory, a slow disk cannot delay it.
    worker_tmp_dir = "/dev/shm"

malloc.configure()


def on_starting(server) -> None:
    """Create the folder for the metrics of several processes."""
    if settings["MIEN_METRICS"] and workers > 1 and FOLDER not in os.environ:
        os.environ[FOLDER] = server.mien_metrics = tempfile.mkdtemp(prefix="mien-metrics-")


def post_worker_init(worker) -> None:
    """Load the model before this process takes requests. Until then they wait in the socket's queue
    or go to another process. A model that cannot be loaded ends the start."""
    if worker.wsgi.config["MIEN_PRELOAD"]:
        worker.wsgi.extensions["mien"].preload()
        malloc.trim()


def child_exit(server, worker) -> None:
    """Remove a process that has ended from the metrics."""
    if FOLDER in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)


def on_exit(server) -> None:
    """Remove the folder that `on_starting` created."""
    if hasattr(server, "mien_metrics"):
        shutil.rmtree(server.mien_metrics, ignore_errors=True)
