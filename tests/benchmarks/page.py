"""Measure how smoothly the live page runs while it recognises: frame rate and long tasks.

    python -m tests.benchmarks.page [--faces 1 5] [--seconds 60] [--open]

A fake camera of 640x480 at 30 frames per second shows a number of moving faces; overlay, bars,
timeline and recording are active, with --open also the summary and the text of the timeline. For
each number of faces the benchmark prints: results per second; frames drawn per second by the page,
beside those before the start (the baseline of the same run); the fraction of frames that are more
than 1.5 frames late; tasks of the main thread over 50 ms (Long Tasks) after loading; growth of the
page's JavaScript heap.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import Page, sync_playwright

from ..browser.conftest import wait_for_state
from ..support.browser import launch, serve
from ..support.film import FRAMES, HEIGHT, RATE, WIDTH, face_in_frame, frame

COUNT = """
window.counts = { results: 0, faces: 0 };
document.addEventListener('mien:result', ({ detail }) => {
  counts.results += 1;
  counts.faces += detail.faces.length;
});
window.longs = [];
new PerformanceObserver((list) => longs.push(...list.getEntries().map((one) => one.duration)))
  .observe({ type: 'longtask' });
window.times = [];
const frame = (now) => {
  times.push(now);
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
"""
CLEAR = "() => { times.length = longs.length = 0; counts.results = counts.faces = 0; }"
FRAME_MS = 1000 / 60
SETTLE_MS = 3000


def crowd(turn: float, faces: int) -> np.ndarray:
    """The frame at `turn` with so many faces, each at its own place on the film's path: (480, 640,
    3) uint8 RGB."""
    if faces == 1:
        return frame(turn)
    columns = 3 if faces > 4 else 2
    rows = -(-faces // columns)
    width, height = WIDTH // columns, HEIGHT // rows
    whole = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    for index in range(faces):
        own = (turn + index / faces) % 1
        centre_x, centre_y, side = face_in_frame(own)
        # Twice as high as the face and moving a little, so that tracking is needed.
        half = side * 1.1
        x = centre_x + 0.2 * side * np.sin(2 * np.pi * own)
        scale = min(width, height) / (2 * half)
        move = np.array(
            [
                [scale, 0, width / 2 - x * scale],
                [0, scale, height / 2 - centre_y * scale],
            ]
        )
        one = cv2.warpAffine(frame(own), move, (width, height), borderMode=cv2.BORDER_REPLICATE)
        top, left = index // columns * height, index % columns * width
        whole[top : top + height, left : left + width] = one
    return whole


def write_crowd(path: Path, faces: int) -> Path:
    """Write the film to `path` as YUV4MPEG2; returns the path."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for index in range(FRAMES):
            picture = crowd(index / FRAMES, faces)
            file.write(b"FRAME\n" + cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


def measure(page: Page, seconds: float) -> dict[str, Any]:
    """Measure for `seconds`."""
    page.evaluate(CLEAR)
    page.wait_for_timeout(seconds * 1000)
    times, longs, counts = page.evaluate("[times, longs, counts]")
    gaps = [b - a for a, b in pairwise(times)]
    return {
        "frames": 1000 / statistics.mean(gaps),
        "late": sum(gap > 2.5 * FRAME_MS for gap in gaps) / len(gaps),
        "worst": max(gaps),
        "longs": sorted(longs, reverse=True),
        "results": counts["results"] * 1000 / (times[-1] - times[0]),
        "faces": counts["faces"] / max(1, counts["results"]),
    }


def heap(page: Page) -> float:
    """The page's JavaScript heap after a garbage collection, in MB; without its worker."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return used / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument(
        "--open", action="store_true", help="with the summary and the text of the timeline open"
    )
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        sync_playwright() as playwright,
        serve(Path(name)) as server,
    ):
        for faces in options.faces:
            browser = launch(playwright, write_crowd(Path(name) / "crowd.y4m", faces))
            page = browser.new_page(base_url=server.url, viewport={"width": 1280, "height": 900})
            page.add_init_script(COUNT)
            page.goto("/")
            page.wait_for_timeout(1000)
            idle = measure(page, 3)
            page.click("#start")
            wait_for_state(page, "running")
            if options.open:
                page.evaluate(
                    "document.querySelectorAll('details').forEach((o) => { o.open = 1; })"
                )
                page.select_option("#span", "0")
            page.wait_for_timeout(SETTLE_MS)
            before = heap(page)
            busy = measure(page, options.seconds)
            grown = heap(page) - before
            browser.close()
            ratio = busy["frames"] / idle["frames"]
            print(f"faces {faces} (seen {busy['faces']:.2f})")
            print(f"  results per second       {busy['results']:6.1f}")
            print(f"  frames drawn per second  {busy['frames']:6.1f}")
            print(
                f"  before the start         {idle['frames']:6.1f}  (baseline; ratio {ratio:.2f})"
            )
            print(f"  late frames              {busy['late']:6.1%}  (worst {busy['worst']:.0f} ms)")
            longest = max(busy["longs"], default=0)
            print(f"  tasks over 50 ms         {len(busy['longs']):6d}  (longest {longest:.0f} ms)")
            print(f"  heap grown by            {grown:6.1f}  MB in {options.seconds:.0f} s")


if __name__ == "__main__":
    main()
