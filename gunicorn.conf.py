"""gunicorn's settings; `gunicorn 'app:create_app()'` finds them by itself.

PORT (8000) and WEB_CONCURRENCY (1 process) come from the environment. Processes are not forked
from a loaded application (no --preload): TensorFlow hangs in a fork of a process that used it.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "openvino")


def whole_number(name: str, default: int, low: int, high: int) -> int:
    """The environment's variable `name`; ends the start with a sentence if it is something else."""
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not low <= int(text) <= high:
        sys.exit(f"{name} is {text!r}; expected a whole number, {low} to {high}.")
    return int(text)


bind = f"0.0.0.0:{whole_number('PORT', 8000, 1, 65535)}"
workers = whole_number("WEB_CONCURRENCY", 1, 1, 64)
worker_class = "gthread"
# More than MIEN_CONCURRENCY: pages, files and refusals are answered while photos are at work.
threads = 8
timeout = 60
graceful_timeout = 30
keepalive = 5
max_requests = 0
# The socket for gunicorn's own control program would lie in the home folder.
control_socket_disable = True
accesslog = "-"
if Path("/dev/shm").is_dir():
    # The workers' sign of life is a file; in memory no slow disk can make it look late.
    worker_tmp_dir = "/dev/shm"


def post_worker_init(worker) -> None:
    """Load the model before the first request; a model that cannot be loaded ends the start."""
    app = worker.wsgi
    if app.config["MIEN_PRELOAD"]:
        app.extensions["mien"].preload()
