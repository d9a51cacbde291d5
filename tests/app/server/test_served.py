"""The application as gunicorn serves it, with gunicorn.conf.py."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ...support.serving import GUNICORN, ROOT, form, free_port, request, serve


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """That of a running server."""
    with serve(tmp_path_factory.mktemp("served"), MIEN_MAX_BYTES="1000000") as served:
        yield served.port


def test_a_photo_is_answered(port, photo):
    status, _, body = request(port, "POST", "/api/v1/recognize", *form(photo))
    assert status == 200
    assert len(json.loads(body)["faces"]) == 1


@pytest.mark.parametrize("size", [1_000_001, 8_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_too_large_an_upload_is_answered_without_a_broken_connection(port, size, chunked):
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


def test_head_has_the_headers_but_no_body(port):
    status, headers, body = request(port, "HEAD", "/")
    assert (status, body) == (200, b"")
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"


def test_x_forwarded_proto_of_this_machine_is_not_trusted(port):
    """gunicorn by default trusts X-Forwarded-Proto from 127.0.0.1 and refuses headers that
    contradict each other with 400."""
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "off"}
    assert request(port, "GET", "/about", None, headers)[0] == 200


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted in /proc")
def test_matrix_products_use_one_thread():
    """Threads of OpenBLAS busy-wait after each product and delay those of OpenCV."""
    code = """
import os, runpy
runpy.run_path("gunicorn.conf.py")
import numpy
picture = numpy.ones((600, 600), numpy.float32)
picture @ picture
print(len(os.listdir("/proc/self/task")))
"""
    own = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=own, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1"]


@pytest.mark.parametrize("writable", [True, False])
def test_the_heartbeat_is_in_memory_only_where_that_is_writable(writable):
    code = f"""
import os, runpy
access = os.access
os.access = lambda path, mode: {writable} if path == "/dev/shm" else access(path, mode)
print(runpy.run_path("gunicorn.conf.py").get("worker_tmp_dir"))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["/dev/shm" if writable else "None"]


def start(**environment):
    """(exit status, output) of a start that must fail."""
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
    assert "Traceback" not in output
