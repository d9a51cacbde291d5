"""Measure the live page on slow devices: results per second and ids of one moving person.

    python -m tests.benchmarks.slow_device [--seconds 12] [--rates 1 6 20]

Chromium slows its threads by these factors (CPU throttling of the DevTools protocol); a fake camera
of 640x480 shows one moving person. For each rate the benchmark prints the results per second and
the milliseconds of a detection, both also as a ratio to the unthrottled run (the baseline), the
share of the frames in which faces were detected, the number of ids that the person got, and the
longest time between two frames that the page drew.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from ..browser.conftest import wait_for_state
from ..support.browser import launch, serve
from ..support.film import write_film

LISTEN = """
window.seen = [];
document.addEventListener('mien:result', ({ detail }) => window.seen.push({
  at: performance.now(), ids: detail.faces.map(({ id }) => id), detected: detail.detected,
  detect: detail.timings.detect,
}));
window.drawn = [];
const frame = (now) => {
  window.drawn.push(now);
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
"""


def throttle(page: Page, rate: float) -> None:
    """Slow down the page's thread and those of its workers."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": rate})


def measure(page: Page, seconds: float) -> dict[str, Any]:
    """The page's results for so many seconds."""
    page.evaluate("window.seen.length = window.drawn.length = 0")
    page.wait_for_timeout(seconds * 1000)
    seen, drawn = page.evaluate("[window.seen, window.drawn]")
    detections = [one["detect"] for one in seen if one["detected"]]
    return {
        "rate": (len(seen) - 1) * 1000 / (seen[-1]["at"] - seen[0]["at"]),
        "detect": statistics.median(detections),
        "share": len(detections) / len(seen),
        "ids": len({number for one in seen for number in one["ids"]}),
        "missed": sum(not one["ids"] for one in seen),
        "gap": max(b - a for a, b in pairwise(drawn)),
    }


def report(rate: float, one: dict[str, Any], base: dict[str, Any]) -> None:
    """Print a line."""
    print(
        f"{rate:4.0f}x: {one['rate']:5.1f} results/s ({one['rate'] / base['rate']:.2f}), "
        f"a detection {one['detect']:6.1f} ms ({one['detect'] / base['detect']:.1f}), "
        f"in {one['share']:.0%} of the results; {one['ids']} ids, "
        f"{one['missed']} results without a face; longest gap of the page {one['gap']:.0f} ms",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--rates", type=float, nargs="+", default=[1, 6, 20])
    options = parser.parse_args()
    base = None
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        film = write_film(folder / "astronaut.y4m")
        with serve(folder) as server:
            for rate in options.rates:
                browser = launch(playwright, film)
                page = browser.new_page(base_url=server.url)
                page.add_init_script(LISTEN)
                page.goto("/")
                page.click("#start")
                wait_for_state(page, "running")
                throttle(page, rate)
                page.wait_for_timeout(3000)
                one = measure(page, options.seconds)
                browser.close()
                base = base or one
                report(rate, one, base)


if __name__ == "__main__":
    main()
