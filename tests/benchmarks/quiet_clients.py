"""Measure how the site answers while clients keep connections open and do nothing.

    python -m tests.benchmarks.quiet_clients [--clients 500]

Three kinds of clients, each with so many connections: "heads" send half of a request's head,
"readers" ask for the largest static file and do not read the answer, "uploads" send half of a
photo. Meanwhile a visitor asks for health, a page and a photo. The baseline of the same run is the
site without quiet clients. Another worker class:
GUNICORN_CMD_ARGS="--worker-class gthread --threads 640". Fails if health takes longer than 1 s or
a photo is not answered.
"""

from __future__ import annotations

import argparse
import resource
import socket
import tempfile
import time
from pathlib import Path

import psutil

from ..support.serving import Served, serve
from .footprint import memory
from .load import ask, body

HEALTH_S = 1.0
SECONDS = 4
ROOT = Path(__file__).resolve().parents[2]


def largest_file() -> str:
    """The path of the largest static file of the models."""
    files = (ROOT / "static" / "models").rglob("*.bin")
    largest = max(files, key=lambda file: file.stat().st_size)
    return "/" + str(largest.relative_to(ROOT))


def requests() -> dict[str, bytes]:
    """Kind of client -> what it sends."""
    form, headers = body()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST /api/v1/recognize HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: {len(form)}\r\n"
    return {
        "heads": b"GET / HTTP/1.1\r\nHost: x\r\nX-",
        "readers": f"GET {largest_file()} HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
        "uploads": head.encode() + b"\r\n" + form[: len(form) // 2],
    }


def visit(netloc: str) -> dict[str, float]:
    """Slowest answers in seconds, and health requests per second, of one visitor."""
    form, headers = body()
    slowest = {"health": 0.0, "page": 0.0, "photo": 0.0}
    asked, end = 0, time.monotonic() + SECONDS
    began = time.monotonic()
    while time.monotonic() < end:
        took, status, _ = ask(netloc, "GET", "/api/v1/health", b"", {})
        slowest["health"] = max(slowest["health"], took if status == 200 else 999)
        asked += 1
    slowest["health/s"] = asked / (time.monotonic() - began)
    for name, method, path in (("page", "GET", "/photo"), ("photo", "POST", "/api/v1/recognize")):
        for _ in range(3):
            took, status, _ = ask(netloc, method, path, form if name == "photo" else b"", headers)
            slowest[name] = max(slowest[name], took if status == 200 else 999)
    return slowest


def measure(served: Served, kind: str, sent: bytes, number: int) -> bool:
    """Print a line about one kind of clients; whether the visitor was answered in time."""
    (worker,) = served.workers()
    lines = []
    for _ in range(number):
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", served.port))
        line.sendall(sent)
        lines.append(line)
    time.sleep(0.5)
    found = visit(f"127.0.0.1:{served.port}")
    ms = {name: seconds * 1000 for name, seconds in found.items()}
    print(
        f"{kind:8} {number:4} clients  health {ms['health']:6.0f} ms at worst, "
        f"{found['health/s']:5.0f} a second; page {ms['page']:6.0f} ms, "
        f"photo {ms['photo']:6.0f} ms; "
        f"RSS {memory(worker)['Rss']:.0f} MB, {psutil.Process(worker).num_threads()} threads",
        flush=True,
    )
    for line in lines:
        line.close()
    return found["health"] <= HEALTH_S and found["photo"] < 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=500)
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * options.clients + 500), hard))
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder), MIEN_RATE_LIMIT="") as served,
    ):
        faults = [] if measure(served, "none", b"", 0) else ["none"]
        for kind, sent in requests().items():
            faults += [] if measure(served, kind, sent, options.clients) else [kind]
    if faults:
        raise SystemExit(f"Health took longer than {HEALTH_S:g} s, or a photo failed: {faults}.")


if __name__ == "__main__":
    main()
