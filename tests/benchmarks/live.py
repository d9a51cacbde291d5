"""Measure the results per second of the live page in Chromium with a fake camera of 640x480.

    python -m tests.benchmarks.live [--seconds 20] [--camera-rate 60] [--query backend=wasm]

The benchmark prints results per second and their ratio to the worker's own speed (the baseline:
1000 / the median of `timings.total` in the same run). The ratio depends less on the machine. What
is missing to 1 is the cost of the page, or the camera is slower.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from ..browser.conftest import wait_for_state
from ..support.browser import launch, serve
from ..support.film import write_film

LISTEN = """
window.seen = [];
document.addEventListener('mien:result', ({ detail }) =>
  window.seen.push({ at: performance.now(), faces: detail.faces.length, ...detail.timings }));
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--camera-rate", type=int, default=60)
    parser.add_argument("--query", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        with serve(folder) as server:
            film = write_film(folder / "astronaut.y4m", options.camera_rate)
            browser = launch(playwright, film)
            page = browser.new_page(base_url=server.url)
            page.add_init_script(LISTEN)
            page.goto(f"/?{options.query}")
            page.click("#start")
            wait_for_state(page, "running")
            page.wait_for_timeout(3000)
            page.evaluate("window.seen.length = 0")
            page.wait_for_timeout(options.seconds * 1000)
            seen = page.evaluate("window.seen")
            browser.close()
    rate = (len(seen) - 1) * 1000 / (seen[-1]["at"] - seen[0]["at"])
    own = 1000 / statistics.median(one["total"] for one in seen)
    medians = {
        step: statistics.median(one[step] for one in seen)
        for step in ("detect", "crop", "predict", "total")
    }
    print(f"results per second       {rate:6.1f}  ({len(seen)} frames)")
    print(f"worker alone, per second {own:6.1f}  (baseline)")
    print(f"ratio                    {rate / own:6.2f}")
    print("ms per frame             " + "  ".join(f"{k} {v:.1f}" for k, v in medians.items()))
    print(f"faces per frame          {statistics.mean(one['faces'] for one in seen):6.2f}")


if __name__ == "__main__":
    main()
