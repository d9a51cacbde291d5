"""Send photos from 64 clients for a minute to the served process, as fast as it can.

    python -m tests.benchmarks.load [--clients 64] [--seconds 60] [--wait] [--limit 60/minute]
                                    [--keep FOLDER]

The server runs from the environment and files that are deployed (footprint.py). The benchmark fails
unless every answer is 200, 429 or 503, the p99 of the 200s is within 4 times their p50, nine tenths
of what the single client got a second are answered (unless `--limit` forbids it), and memory is
flat: after the second half it is at most 5 % above that after the first. With `--wait` the
clients follow Retry-After; without it they repeat at once. The baseline of the same run is a single
client. A page is fetched every second in addition, like a visitor, and counted separately.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import tempfile
import threading
import time
from collections import Counter
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from PIL import Image
from skimage import data

from .footprint import environment, memory, served, slug

RATIO = 4
SHARE = 0.9
GROWTH = 1.05
EXPECTED = {200, 429, 503}
Answers = list[tuple[float, int]]
"""(seconds it took, status) of each answer; status 0 for a broken line."""


def body() -> tuple[bytes, dict[str, str]]:
    """A form with the astronaut photo, 512 x 512, as JPEG, and its headers."""
    file = BytesIO()
    Image.fromarray(data.astronaut()).save(file, "JPEG", quality=90)
    head = (
        b'--edge\r\nContent-Disposition: form-data; name="photo"; filename="photo.jpg"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n"
    )
    form = head + file.getvalue() + b"\r\n--edge--\r\n"
    return form, {"Content-Type": "multipart/form-data; boundary=edge"}


def ask(netloc: str, method: str, path: str, form: bytes, headers: dict[str, str]):
    """(seconds, status, Retry-After) of one request on a new connection."""
    began = time.monotonic()
    connection = http.client.HTTPConnection(netloc, timeout=120)
    try:
        connection.request(method, path, form, headers)
        response = connection.getresponse()
        response.read()
        wait = float(response.headers.get("Retry-After", 0))
        return time.monotonic() - began, response.status, wait
    except (OSError, http.client.HTTPException):
        return time.monotonic() - began, 0, 0.0
    finally:
        connection.close()


def load(netloc: str, clients: int, seconds: float, wait: bool) -> tuple[Answers, Answers]:
    """Answers to the photos of `clients` during that time, and to a visitor's page requests."""
    form, headers = body()
    photos: Answers = []
    pages: Answers = []
    end = time.monotonic() + seconds

    def client() -> None:
        while time.monotonic() < end:
            took, status, pause = ask(netloc, "POST", "/api/v1/recognize", form, headers)
            photos.append((took, status))
            if wait and pause:
                time.sleep(min(pause, max(0, end - time.monotonic())))

    def visitor() -> None:
        while time.monotonic() < end:
            took, status, _ = ask(netloc, "GET", "/photo", b"", {})
            pages.append((took, status))
            time.sleep(1)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    threads.append(threading.Thread(target=visitor))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return photos, pages


def percentile(answers: Answers, share: float, status: int = 200) -> float:
    """Percentile of the response times of the answers with a status, in milliseconds."""
    times = sorted(took for took, code in answers if code == status)
    return times[min(len(times) - 1, int(len(times) * share))] * 1000 if times else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--wait", action="store_true")
    parser.add_argument("--limit", default="")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        web, deployed = environment(folder), slug(folder)
        measure(options, web, deployed)


def measure(options: argparse.Namespace, web: Path, deployed: Path) -> None:
    """Send the load and print the results; SystemExit if a requirement is not met."""
    with served(web, deployed, MIEN_RATE_LIMIT=options.limit) as (url, master, _):
        netloc, gunicorn = urlsplit(url).netloc, psutil.Process(master)
        alone, _ = load(netloc, 1, 5, wait=True)
        used, photos, pages = [], [], []
        for _ in range(2):
            more, visits = load(netloc, options.clients, options.seconds / 2, options.wait)
            photos += more
            pages += visits
            used.append(sum(memory(child.pid)["Rss"] for child in gunicorn.children()))
    statuses = Counter(status for _, status in photos)
    p50, p99 = percentile(photos, 0.5), percentile(photos, 0.99)
    one = percentile(alone, 0.5)
    said = ", ".join(f"{n} x {status or 'broken line'}" for status, n in sorted(statuses.items()))
    ratio = p99 / max(p50, 0.001)
    refused = [percentile(photos, share, 503) for share in (0.5, 0.99)]
    shown = [percentile(pages, share) for share in (0.5, 1)]
    print(f"one client alone          p50 {one:6.0f} ms of {len(alone)} photos  (baseline)")
    print(f"{options.clients} clients, {options.seconds:g} s          {said}")
    print(f"answers 200               p50 {p50:6.0f} ms, p99 {p99:.0f} ms; p99/p50 {ratio:.1f}; "
          f"p50 {p50 / max(one, 0.001):.1f} of the baseline")  # fmt: skip
    print(f"answers 503               p50 {refused[0]:6.0f} ms, p99 {refused[1]:.0f} ms")
    print(
        f"the page meanwhile        p50 {shown[0]:6.0f} ms, max {shown[1]:.0f} ms of {len(pages)}"
    )
    print(f"200s per second           {statuses[200] / options.seconds:6.1f}, "
          f"alone {len(alone) / 5:.1f}  (baseline)")  # fmt: skip
    print(f"RSS of the workers        {used[0]:6.0f} MB after half, {used[1]:.0f} MB after all")
    faults = [
        sentence
        for wrong, sentence in (
            (set(statuses) - EXPECTED, f"There were other answers than {sorted(EXPECTED)}."),
            (not statuses[200], "No photo was answered."),
            (
                not options.limit and statuses[200] / options.seconds < SHARE * len(alone) / 5,
                f"Less than {SHARE:.0%} of what one client alone gets was answered.",
            ),
            (p99 > RATIO * p50, f"p99 is more than {RATIO} times p50."),
            (used[1] > GROWTH * used[0], "Memory grew."),
            ({status for _, status in pages} != {200}, "A page was not answered with 200."),
            (statistics.fmean(status == 200 for _, status in alone) < 1, "Alone it failed."),
        )
        if wrong
    ]
    if faults:
        raise SystemExit("\n".join(faults))


if __name__ == "__main__":
    main()
