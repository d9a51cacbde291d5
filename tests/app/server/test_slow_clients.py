"""Clients that send or read slowly, or not at all: they are ended, and nobody waits for them."""

import json
import socket
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from ...support.serving import ROOT, form, serve, until

CLIENTS = 120
"""More than any number of threads here; tests/benchmarks/quiet_clients.py takes 500."""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    settings = {
        "MIEN_STALL_SECONDS": "2",
        "MIEN_UPLOAD_SECONDS": "6",
        "MIEN_INTAKE_BYTES": "2000000",
    }
    with serve(tmp_path_factory.mktemp("slow"), **settings) as one:
        yield one


@contextmanager
def clients(served, number, sent):
    """That many connections, each of which has sent `sent` and reads nothing."""
    with ExitStack() as stack:
        lines = []
        for _ in range(number):
            line = stack.enter_context(socket.socket())
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.settimeout(60)
            line.connect(("127.0.0.1", served.port))
            line.sendall(sent)
            lines.append(line)
        yield lines


def upload_head(photo):
    """The head of a request with `photo`, and its body."""
    body, headers = form(photo)
    head = (
        f"POST /api/v1/recognize HTTP/1.1\r\nHost: x\r\nContent-Type: {headers['Content-Type']}\r\n"
    )
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode(), body


def read_all(line):
    answer = b""
    while chunk := line.recv(65536):
        answer += chunk
    return answer


def large_file():
    """The path of a static file that no socket holds."""
    files = (ROOT / "static" / "models").rglob("*.bin")
    return max(files, key=lambda file: file.stat().st_size).relative_to(ROOT)


@pytest.mark.parametrize("kind", ["half a head", "an answer is not read", "half an upload"])
def test_quiet_clients_stop_nobody(served, photo, kind):
    head, body = upload_head(photo)
    sent = {
        "half a head": b"GET / HTTP/1.1\r\nHost: x\r\nX-",
        "an answer is not read": f"GET /{large_file()} HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
        "half an upload": head + body[:10_000],
    }[kind]
    threads = psutil.Process(served.workers()[0]).num_threads()
    with clients(served, CLIENTS, sent):
        assert served.health() == 200
        assert served.request("GET", "/photo")[0] == 200
        assert served.request("POST", "/api/v1/recognize", *form(photo))[0] == 200
        assert psutil.Process(served.workers()[0]).num_threads() == threads


def test_an_upload_that_pauses_gets_408(served, photo):
    head, body = upload_head(photo)
    with clients(served, 1, head + body[:1000]) as (line,):
        answer = read_all(line)
    assert answer.startswith(b"HTTP/1.1 408 ")
    problem = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert "No more bytes of the upload arrived for 2 seconds" in problem["detail"]


def test_an_upload_that_is_too_slow_in_total_gets_408(served, photo):
    """A byte now and then, each in time."""
    head, body = upload_head(photo)
    with clients(served, 1, head) as (line,):
        line.settimeout(0.2)
        answer, place = b"", 0
        while not answer:
            line.sendall(body[place : place + 1])
            place += 1
            try:
                answer = line.recv(65536)
            except TimeoutError:
                assert place < 500
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"The upload took more than 6 seconds" in answer


def test_an_upload_with_a_pause_is_answered(served, photo):
    head, body = upload_head(photo)
    with clients(served, 1, head + body[: len(body) // 2]) as (line,):
        time.sleep(0.5)
        line.sendall(body[len(body) // 2 :])
        assert line.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_a_client_that_does_not_read_is_ended(served):
    sent = f"GET /{large_file()} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with clients(served, 1, sent) as (line,):
        worker = psutil.Process(served.workers()[0])
        port = line.getsockname()[1]

        def ended():
            ends = [one.raddr.port for one in worker.net_connections("tcp") if one.raddr]
            return port not in ends

        until(lambda: not ended(), "never connected")
        until(ended, "not ended")


def test_a_byte_range_is_sent_from_the_file(served):
    """Not from a copy in memory: clients that do not read it would fill that."""
    path = large_file()
    expected = (ROOT / path).read_bytes()[1000:2_000_000]
    status, headers, body = served.request("GET", f"/{path}", None, {"Range": "bytes=1000-1999999"})
    assert (status, body) == (206, expected)
    assert headers["Content-Length"] == str(len(expected))
    before = psutil.Process(served.workers()[0]).memory_info().rss
    sent = f"GET /{path} HTTP/1.1\r\nHost: x\r\nRange: bytes=1-\r\n\r\n".encode()
    with clients(served, CLIENTS, sent):
        assert served.health() == 200
        grown = psutil.Process(served.workers()[0]).memory_info().rss - before
    assert grown < CLIENTS * 1_000_000


def test_uploads_are_limited_together_and_their_bytes_given_back(served, photo):
    """The bytes that have arrived count, those that are promised do not."""
    head, body = upload_head(bytes(1_500_000))

    def post(content):
        return served.request("POST", "/api/v1/recognize", *form(content))

    def refused():
        # Again and again, as the second upload may arrive before the first one.
        with clients(served, 1, head + body[:1_400_000]):
            status, headers, answer = post(bytes(700_000))
            return status == 503 and (headers, answer, post(photo)[0])

    headers, answer, other = until(refused, "not refused")
    assert headers["Retry-After"] == "2"
    assert "limit is 2,000,000 bytes" in json.loads(answer)["detail"]
    assert other == 200
    until(lambda: post(bytes(1_900_000))[0] == 400, "bytes of a closed connection still count")


def test_nothing_is_written_to_the_disk(served):
    """waitress by default writes bodies and answers of a megabyte to temporary files."""
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("open files are seen in /proc")
    head, body = upload_head(bytes(1_900_000))
    with clients(served, 1, head + body[:1_800_000]):
        assert served.health() == 200
        files = psutil.Process(served.workers()[0]).open_files()
    names = [file.path for file in files if str(ROOT) not in file.path]
    assert not [name for name in names if not name.startswith(("/dev/", "/proc/", "/sys/"))
                and "wgunicorn" not in name and str(served.out.parent) not in name]  # fmt: skip
