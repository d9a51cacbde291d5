"""Compare Mien with `@vladmandic/human` and `@vladmandic/face-api` in one Chromium without a GPU.

    python -m tests.benchmarks.peers [--seconds 6] [--only mien,human] [--rounds 1] [--faces 1]

Each gets the same film (640x480, one face or more) as fast as its results come, on WebAssembly with
one thread. The benchmark prints results per second, the frames that the page draws meanwhile and
its longest task, the time from pressing the button with a cold cache to the first face from a
camera, the bytes loaded for that (gzipped; the classifier's weights separately), and each ratio to
Mien's.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import cv2
from playwright.sync_api import Browser, Page, sync_playwright

from ..support.browser import ROOT, launch
from ..support.film import write_film
from .page import crowd

HERE = Path(__file__).parent / "contenders"
FILM_FRAMES = 75
TURN = 0.25
"""How much of the film's closed path is fed, there and back, at 30 frames a second of the film."""
PACKAGES = ROOT / "node_modules"
FOLDERS = {
    "/static/": ROOT / "static",
    "/human/": PACKAGES / "@vladmandic/human",
    "/face-api/": PACKAGES / "@vladmandic/face-api",
    "/wasm/": PACKAGES / "@tensorflow/tfjs-backend-wasm/dist",
    "/bench/": HERE,
}
TYPES = {
    ".js": "text/javascript",
    ".json": "application/json",
    ".html": "text/html",
    ".wasm": "application/wasm",
}
CONTENDERS = {
    "mien": "contender=mien",
    "human": "contender=human",
    "face-api": "contender=face-api",
    "face-api Tiny 224": "contender=face-api&size=224",
}
WEIGHTS = ("/static/models/", "/human/models/emotion.bin", "face_expression_model.bin")
"""What the classifiers' weights are called; /static/models/ holds nothing else of size."""


class Files(BaseHTTPRequestHandler):
    """Serves `FOLDERS` and the film, gzipped; `sent` lists the answers: (path, bytes)."""

    sent: ClassVar[list[tuple[str, int]]] = []
    film: ClassVar[list[bytes]] = []
    protocol_version = "HTTP/1.1"
    # Otherwise the body may wait 40 ms until the browser acknowledges the headers.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        content, kind = self.find(path)
        if content is None:
            self.send_error(404)
            return
        zipped = _zipped(content)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(zipped)))
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        self.wfile.write(zipped)
        Files.sent.append((path, len(zipped)))

    def find(self, path: str) -> tuple[bytes | None, str]:
        if path.startswith("/film/"):
            return self.film[int(path.rpartition("/")[2])], "image/png"
        for prefix, folder in FOLDERS.items():
            file = (folder / path.removeprefix(prefix)).resolve()
            if path.startswith(prefix) and file.is_relative_to(folder.resolve()) and file.is_file():
                return _read(file), TYPES.get(file.suffix, "application/octet-stream")
        return None, ""

    def log_message(self, format: str, *args: Any) -> None:
        pass


@lru_cache
def _read(file: Path) -> bytes:
    return file.read_bytes()


@cache
def _zipped(content: bytes) -> bytes:
    return gzip.compress(content, 9)


@contextmanager
def files(faces: int = 1, handler: type[Files] = Files) -> Iterator[str]:
    """Start a server of `Files` with a film of `faces` faces; yields its address."""
    Files.film = [
        cv2.imencode(".png", crowd(TURN * index / FILM_FRAMES, faces)[:, :, ::-1])[1].tobytes()
        for index in range(FILM_FRAMES)
    ]
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def run(browser: Browser, url: str, query: str, seconds: float) -> dict[str, Any]:
    """Measure one contender in a new browser context, with a cold cache."""
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.on("console", lambda line: line.type == "error" and print(f"  {query}: {line.text}"))
    page.on("pageerror", lambda error: print(f"  {query}: {error}"))
    Files.sent.clear()
    page.goto(f"/bench/page.html?{query}")
    _until(page, "window.bench !== undefined")
    page.wait_for_timeout(800)  # as for a visitor, before the button is pressed
    result: dict[str, Any] = {}
    result |= page.evaluate("bench.firstResult()")
    mine = [(path, size) for path, size in Files.sent if not path.startswith("/bench/")]
    result["weights"] = sum(s for path, s in mine if any(w in path for w in WEIGHTS))
    result["bytes"] = sum(size for _, size in mine) - result["weights"]
    page.evaluate("n => bench.load([...Array(n).keys()].map((i) => `/film/${i}`))", FILM_FRAMES)
    result |= page.evaluate("o => bench.throughput(o)", {"seconds": seconds})
    context.close()
    return result


def _until(page: Page, condition: str) -> None:
    for _ in range(300):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise TimeoutError(condition)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--faces", type=int, default=1, help="number of faces in the film")
    parser.add_argument("--only", default=",".join(CONTENDERS))
    parser.add_argument(
        "--query", default="", help="added to Mien's, e.g. model=mien_plain.fer2013"
    )
    options = parser.parse_args()
    names = options.only.split(",")
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    with (
        tempfile.TemporaryDirectory() as name,
        sync_playwright() as playwright,
        files(options.faces) as url,
    ):
        browser = launch(playwright, write_film(Path(name) / "film.y4m", 60))
        queries = {n: CONTENDERS[n] + (f"&{options.query}" if n == "mien" else "") for n in names}
        for query in queries.values():  # gzip the files once, before the measurement
            run(browser, url, query, 0.1)
        for _ in range(options.rounds):
            for name, query in queries.items():
                runs[name].append(run(browser, url, query, options.seconds))
        browser.close()
    report(runs)


def report(runs: dict[str, list[dict[str, Any]]]) -> None:
    """Print medians over the rounds, and ratios to Mien."""

    def middle(name: str, key: str) -> float:
        return statistics.median(one[key] for one in runs[name])

    columns = ("results/s", "faces", "page/s", "longest", "first", "camera", "KB", "weights KB")
    print(f"{'':<20}" + "".join(f"{column:>12}" for column in columns) + "   ratio to it")
    for name in runs:
        keys = ("perSecond", "facesEach", "drawnPerSecond", "longest", "first", "camera")
        values = [middle(name, key) for key in keys]
        values += [middle(name, key) / 1000 for key in ("bytes", "weights")]
        ratio = middle("mien", "perSecond") / values[0] if "mien" in runs else float("nan")
        line = "".join(f"{value:>12.1f}" for value in values)
        print(f"{name:<20}{line}   {ratio:.2f}  {runs[name][0]['info']}")
    for one in runs.get("mien", []):
        if one["timings"]:
            steps = {
                step: statistics.mean(t[step] for t in one["timings"]) for step in one["timings"][0]
            }
            print("mien, mean ms: " + "  ".join(f"{k} {v:.2f}" for k, v in steps.items()))


if __name__ == "__main__":
    main()
