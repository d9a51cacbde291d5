"""The application as gunicorn serves it, for tests: started, asked, looked at."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path

import psutil
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

ROOT = Path(__file__).parents[2]
GUNICORN = [sys.executable, "-m", "gunicorn", "app:create_app()"]
PATIENCE_S = 120
"""How long anything may take that is waited for: the machine may have much else to do."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, what):
    """The first true value of `condition()`."""
    end = time.monotonic() + PATIENCE_S
    while not (value := condition()):
        assert time.monotonic() < end, what() if callable(what) else what
        time.sleep(0.05)
    return value


def request(port, method, path, body=None, headers=None, **options):
    """(status, headers, body) of one request, its body sent to the end before anything is read."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request(method, path, body, headers or {}, **options)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def form(content, name="photo.jpg", **headers):
    """(body, headers) of a request with `content` as the photo."""
    boundary, body = encode_multipart({"photo": FileStorage(BytesIO(content), name)})
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}", **headers}


class Served:
    """A gunicorn: its port, its process, what it wrote to stdout."""

    def __init__(self, process, port, out):
        self.process, self.port, self.out = process, port, out

    def request(self, method, path, *more, **options):
        return request(self.port, method, path, *more, **options)

    def health(self):
        """The status of /api/v1/health; 0 while nobody listens."""
        try:
            return self.request("GET", "/api/v1/health")[0]
        except ConnectionRefusedError:
            return 0

    def log(self):
        """The lines so far, each of which is a JSON object; without one that is being written."""
        lines = self.out.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def workers(self):
        return [child.pid for child in psutil.Process(self.process.pid).children()]

    def wait(self):
        """Until it is healthy."""

        def healthy():
            assert self.process.poll() is None, self.out.read_text()
            return self.health() == 200

        until(healthy, self.out.read_text)


@contextmanager
def serve(folder, *, command=GUNICORN, wait=True, **environment):
    """A `Served` with settings from `environment`; stopped at the end if it has not been."""
    port, out = free_port(), folder / "out"
    own = {**os.environ, "PORT": str(port), **environment}
    # A session of its own, so that whatever it started can be ended with it.
    with out.open("w") as stdout, (folder / "err").open("w") as stderr:
        process = subprocess.Popen(
            command, cwd=ROOT, env=own, stdout=stdout, stderr=stderr, start_new_session=True
        )
    served = Served(process, port, out)
    try:
        if wait:
            served.wait()
        yield served
    finally:
        process.terminate()
        try:
            process.wait(40)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
