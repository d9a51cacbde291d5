"""Two processes of gunicorn behind a proxy, with Redis and /metrics: shared limits and metrics,
personal data in the log, and a process that is killed."""

import os
import re
import signal
import socket
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from ...support.redis import RedisServer
from ...support.serving import form, serve, until
from ..conftest import encoded

ALLOWED = 12
PERSONAL = "SOMEBODY-ZYX"
"""Put into all parts of a request that could name a person; no id has these letters."""
ADDRESS = "2001:db8:47:11::1"


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    redis, folder = RedisServer(), tmp_path_factory.mktemp("pair")
    redis.start()
    settings = {
        "WEB_CONCURRENCY": "2",
        "MIEN_CONCURRENCY": "8",
        "MIEN_RATE_LIMIT": f"{ALLOWED}/hour",
        "MIEN_REDIS_URL": redis.url,
        "MIEN_PROXIES": "1",
        "MIEN_METRICS": "1",
        "TMPDIR": str(folder),
    }
    try:
        with serve(folder, **settings) as served:
            yield served, redis
    finally:
        redis.stop()


@pytest.fixture(scope="module")
def face(astronaut):
    """A small photo with a face, which is recognised quickly."""
    return encoded(astronaut.crop((120, 0, 340, 220)).resize((160, 160), Image.LANCZOS), "JPEG")


def post(served, photo, address, **more):
    body, headers = form(photo, **more)
    return served.request(
        "POST", "/api/v1/recognize", body, {**headers, "X-Forwarded-For": address}
    )


def processes(lines):
    return {line["process"] for line in lines if line["message"] == "request"}


def test_the_rate_limit_is_shared(pair, face):
    served, _ = pair
    before, statuses = len(served.log()), []

    def both_have_answered():
        statuses.append(post(served, b"no picture", "192.0.2.1")[0])
        return len(statuses) > 2 * ALLOWED and len(processes(served.log()[before:])) == 2

    until(both_have_answered, lambda: f"one process answered all of {len(statuses)}")
    assert statuses == [400] * ALLOWED + [429] * (len(statuses) - ALLOWED)
    assert post(served, face, "192.0.2.2")[0] == 200


def test_the_log_has_no_personal_data(pair, face):
    served, _ = pair
    before = len(served.log())
    body, headers = form(face, f"{PERSONAL}.jpg")
    headers |= {
        "X-Forwarded-For": ADDRESS,
        "User-Agent": PERSONAL,
        "Referer": f"http://{PERSONAL}.example/",
        "Cookie": f"name={PERSONAL}",
    }
    status, answered, _ = served.request("POST", f"/api/v1/recognize?who={PERSONAL}", body, headers)
    assert status == 200
    for path in (f"/{PERSONAL}", f"/static/{PERSONAL}.js", f"/api/v1/{PERSONAL}?a={PERSONAL}"):
        assert served.request("GET", path, None, headers)[0] == 404
    assert served.request("POST", "/photo", *form(b"bad", f"{PERSONAL}.jpg"))[0] == 400
    assert served.request(f"X{PERSONAL}", "/about", None, headers)[0] == 405
    for wrong in (f"GET /{PERSONAL} HTP/{PERSONAL}\r\n\r\n",
                  f"GET /{PERSONAL} HTTP/1.1\r\nA{PERSONAL} : x\r\n\r\n"):  # fmt: skip
        with socket.create_connection(("127.0.0.1", served.port), timeout=60) as line:
            line.sendall(wrong.encode())
            assert b" 400 " in line.recv(100)
    until(lambda: len(served.log()) >= before + 8, served.out.read_text)
    lines = served.log()[before:]
    written = served.out.read_text() + (served.out.parent / "err").read_text()
    assert PERSONAL not in written and ADDRESS not in written and "2001:db8" not in written
    assert "127.0.0.1" not in "".join(str(line) for line in lines)
    (photo,) = [line for line in lines if "faces" in line]
    assert photo["ms"] > 0
    assert {key: photo[key] for key in photo if key not in ("time", "process", "ms")} == {
        "level": "info",
        "message": "request",
        "request": answered.get("X-Request-ID"),
        "method": "POST",
        "route": "/api/v1/recognize",
        "status": 200,
        "faces": 1,
    }
    found = [(line["method"], line["route"], line["status"]) for line in lines if "route" in line]
    assert ("GET", "none", 404) in found
    assert ("GET", "/static/<path:filename>", 404) in found
    assert ("other", "none", 405) in found or ("other", "/about", 405) in found
    refused = [line for line in lines if "not valid HTTP" in line["message"]]
    assert len(refused) == 2


def figure(text, name):
    """The sum of a counter over its labels."""
    values = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE)
    return sum(float(value) for value in values)


def metrics(served):
    status, headers, body = served.request("GET", "/metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain; version=")
    assert headers["X-Content-Type-Options"] == "nosniff"
    return body.decode()


def test_metrics_are_summed_over_both(pair, face):
    served, _ = pair
    before, start = metrics(served), len(served.log())
    sent = []

    def both_have_answered():
        assert post(served, face, f"198.51.100.{len(sent) % 250}")[0] == 200
        sent.append(1)
        return len(processes(served.log()[start:])) == 2

    until(both_have_answered, "one process answered all")
    after = metrics(served)
    for name in ("mien_photos_total", "mien_faces_total"):
        assert figure(after, name) - figure(before, name) == len(sent)
    line = r'mien_requests_total{method="POST",route="/api/v1/recognize",status="200"} (\S+)'
    counted = [float(re.search(line, text)[1]) for text in (before, after)]
    assert counted[1] - counted[0] == len(sent)
    assert "/metrics" not in after
    assert "192.0.2" not in after and "198.51" not in after


def test_photos_are_answered_without_redis(pair):
    served, redis = pair
    redis.stop()
    before = len(served.log())
    try:
        statuses = [post(served, b"no picture", "203.0.113.1")[0] for _ in range(3 * ALLOWED)]
    finally:
        redis.start()
    assert set(statuses) == {400, 429}
    assert ALLOWED <= statuses.count(400) <= 2 * ALLOWED
    said = [line for line in served.log()[before:] if "unreachable" in line["message"]]
    assert 1 <= len(said) == len({line["process"] for line in said})


def test_a_killed_process_is_replaced_and_only_its_requests_are_lost(pair, face):
    """Two visitors keep sending photos. Only requests sent before the kill fail; all sent after it
    are answered, some by the new process."""
    served, _ = pair
    killed, enough, answers, lost = threading.Event(), threading.Event(), [], []

    def visit(visitor):
        n = 0
        while not enough.is_set():
            n += 1
            late = killed.is_set()
            try:
                status = post(served, face, f"10.{visitor}.{n // 250}.{n % 250}")[0]
            except OSError:
                lost.append(late)
            else:
                answers.append((late, status))
            time.sleep(0.1)

    visitors = [threading.Thread(target=visit, args=(n,)) for n in (1, 2)]
    before, start = set(served.workers()), len(served.log())
    assert len(before) == 2
    try:
        for thread in visitors:
            thread.start()
        until(lambda: len(answers) > 4, "no answers")
        os.kill(min(before), signal.SIGKILL)
        killed.set()
        (new,) = until(lambda: set(served.workers()) - before, "no new process")
        until(lambda: new in processes(served.log()[start:]), "the new process answers nothing")
    finally:
        enough.set()
        for thread in visitors:
            thread.join(120)
    assert len(served.workers()) == 2
    assert {status for _, status in answers} == {200}
    assert any(late for late, _ in answers)
    assert len(lost) <= 2 and not any(lost)


def test_nothing_is_left_after_the_stop(pair):
    """Must be the last test here. The folder of the metrics is removed with the server."""
    served, _ = pair
    folders = list(served.out.parent.glob("mien-metrics-*"))
    assert len(folders) == 1
    workers = served.workers()
    served.process.terminate()
    assert served.process.wait(60) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
    assert not folders[0].exists()
