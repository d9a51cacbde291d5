"""The application as gunicorn serves it, with gunicorn.conf.py."""

import http.client
import json
import os
import runpy
import socket
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app import create_app
from app.inference.classifier import ExpressionClassifier

ROOT = Path(__file__).parents[2]
GUNICORN = [sys.executable, "-m", "gunicorn", "app:create_app()"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """(port, log) of a running server."""
    port, log = free_port(), tmp_path_factory.mktemp("served") / "log"
    environment = {**os.environ, "PORT": str(port), "MIEN_MAX_BYTES": "1000000"}
    with log.open("w") as out:
        process = subprocess.Popen(
            GUNICORN, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        end = time.monotonic() + 120
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            try:
                if request(port, "GET", "/api/v1/health")[0] == 200:
                    break
            except OSError:
                time.sleep(0.2)
        yield port, log
    finally:
        process.terminate()
        process.wait(40)


def request(port, method, path, body=None, headers=None, **options):
    """(status, headers, body) of one request, its body sent to the end before anything is read."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers or {}, **options)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def form(content):
    boundary, body = encode_multipart({"photo": FileStorage(BytesIO(content), "photo.jpg")})
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def test_a_photo_is_answered(server, photo):
    port, _ = server
    status, _, body = request(port, "POST", "/api/v1/recognize", *form(photo))
    assert status == 200
    assert len(json.loads(body)["faces"]) == 1


@pytest.mark.parametrize("preload", [True, False])
def test_a_worker_that_starts_loads_the_model_if_asked(monkeypatch, preload):
    loaded = []
    load = ExpressionClassifier.load
    monkeypatch.setattr(
        ExpressionClassifier, "load", lambda self: (load(self), loaded.append(self.path))
    )
    monkeypatch.setenv("KERAS_BACKEND", os.environ.get("KERAS_BACKEND", "openvino"))
    settings = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    application = create_app({"MIEN_PRELOAD": preload})
    settings["post_worker_init"](SimpleNamespace(wsgi=application))
    name = application.config["MIEN_MODEL"]
    assert [path.parent.name for path in loaded] == ([name] if preload else [])


@pytest.mark.parametrize("size", [1_000_001, 8_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_sender_of_too_much_gets_an_answer_and_not_a_broken_line(server, size, chunked):
    port, _ = server
    body, headers = form(bytes(size))
    if chunked:
        pieces = [body[i : i + 65536] for i in range(0, len(body), 65536)]
        status, _, answer = request(
            port, "POST", "/api/v1/recognize", iter(pieces), headers, encode_chunked=True
        )
    else:
        status, _, answer = request(port, "POST", "/api/v1/recognize", body, headers)
    assert status == 413
    assert json.loads(answer)["status"] == 413


def test_head_has_no_body_and_the_headers(server):
    port, _ = server
    status, headers, body = request(port, "HEAD", "/")
    assert (status, body) == (200, b"")
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"


def start(**environment):
    """What a start that must fail says; (exit status, output)."""
    done = subprocess.run(
        GUNICORN,
        cwd=ROOT,
        env={**os.environ, "PORT": str(free_port()), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"PORT": "http"}, "PORT is 'http'; expected a whole number, 1 to 65535."),
        ({"WEB_CONCURRENCY": "0"}, "WEB_CONCURRENCY is '0'; expected a whole number, 1 to 64."),
        ({"MIEN_MAX_FACES": "all"}, "MIEN_MAX_FACES is 'all'; expected a whole number, 1 to 1000."),
        ({"MIEN_MODEL": "no.such"}, "MIEN_MODEL: There is no model 'no.such'"),
    ],
)
def test_a_wrong_setting_ends_the_start_with_its_sentence(environment, sentence):
    status, output = start(**environment)
    assert status != 0
    assert sentence in output
