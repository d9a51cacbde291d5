"""Check that the recogniser's memory does not grow: many frames through mien.js in Chromium.

    python -m tests.benchmarks.endurance [--frames 10000] [--faces 2] [--backend webgl]
        [--control] [--young 2]

Frames of a film are sent as fast as results come. Every 500 frames the benchmark prints: the
tensors and bytes of TensorFlow.js in the worker; the memory of page and worker together
(JavaScript, buffers, WebAssembly) after a garbage collection, from
`performance.measureUserAgentSpecificMemory`; and the resident memory of the renderer process. It
fails if, after the first 500 frames, a tensor is added or the memory of page and worker grows by
more than 5 MB.

The renderer's memory rises in steps while frames come fast, because V8 doubles the space for young
objects, and falls when the system is short of memory (the last line). `--young` limits that space,
so that what is left of the rise is not caused by V8. With `--control` the frames go to a worker
that only draws them and reads a part of their pixels.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, sync_playwright

from ..support.browser import launch
from ..support.film import write_film
from .peers import FILM_FRAMES, Files, _until, files

STEP = 500
MOST = 5.0
"""Megabytes of growth."""
SETTLE_MS = 1000
REST_S = 10
EAGER = "--enable-blink-features=ForceEagerMeasureMemory"
HELD = "async () => (await performance.measureUserAgentSpecificMemory()).bytes"
FEED = """async (count) => {
  const { contender, film, next } = bench.inside();
  let left = count;
  const feed = async () => {
    while (left-- > 0) await contender.look(film[next()], performance.now());
  };
  await Promise.all([feed(), feed()]);
}"""
CONTROL = """async (count) => {
  const { film, next } = bench.inside();
  const script = `
    const canvas = new OffscreenCanvas(640, 480).getContext('2d', { willReadFrequently: true });
    onmessage = ({ data }) => {
      canvas.drawImage(data, 0, 0);
      canvas.getImageData(100, 100, 150, 150);
      data.close();
      postMessage(0);
    };`;
  window.control ??= new Worker(URL.createObjectURL(new Blob([script])));
  while (count-- > 0) {
    const frame = await createImageBitmap(film[next()]);
    await new Promise((resolve) => {
      control.onmessage = resolve;
      control.postMessage(frame, [frame]);
    });
  }
}"""


def renderer_megabytes(session: CDPSession) -> float:
    """Resident anonymous memory of the largest renderer process, the page's, in megabytes."""
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    sizes = []
    for process in processes:
        if process["type"] != "renderer":
            continue
        status = Path(f"/proc/{process['id']}/status").read_text(encoding="ascii")
        sizes += [int(line.split()[1]) for line in status.splitlines() if "RssAnon" in line]
    return max(sizes) * 1024 / 1e6


class Isolated(Files):
    """`Files` for a cross-origin isolated page; only such a page may measure its memory."""

    def end_headers(self) -> None:
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()


def run(browser: Browser, url: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Send the frames; the measurements after each `STEP` frames."""
    page = browser.new_page(base_url=url)
    page.goto(f"/bench/page.html?contender=mien&backend={options.backend}")
    _until(page, "window.bench !== undefined")
    page.evaluate("async () => void (await bench.open())")
    page.evaluate("n => bench.load([...Array(n).keys()].map((i) => `/film/${i}`))", FILM_FRAMES)
    system = browser.new_browser_cdp_session()
    rows = []
    for done in range(STEP, options.frames + 1, STEP):
        page.evaluate(CONTROL if options.control else FEED, STEP)
        row = page.evaluate("bench.memory()")
        row["frames"] = done
        row["held"] = page.evaluate(HELD) / 1e6
        page.evaluate("gc()")
        page.workers[0].evaluate("gc()")
        page.wait_for_timeout(SETTLE_MS)
        row["resident"] = renderer_megabytes(system)
        rows.append(row)
        print(
            f"{done:>6} frames: {row['numTensors']} tensors, {row['numBytes'] / 1e6:.2f} MB in "
            f"them; page and worker {row['held']:.2f} MB; renderer {row['resident']:.1f} MB",
            flush=True,
        )
    system.send("Memory.simulatePressureNotification", {"level": "critical"})
    page.wait_for_timeout(SETTLE_MS)
    page.evaluate("gc()")
    page.workers[0].evaluate("gc()")
    page.wait_for_timeout(REST_S * 1000)
    print(f"under memory pressure: renderer {renderer_megabytes(system):.1f} MB")
    page.close()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--faces", type=int, default=2)
    parser.add_argument("--backend", default="")
    parser.add_argument("--control", action="store_true")
    parser.add_argument("--young", type=int, help="maximum size of each of V8's semi-spaces in MB")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        sync_playwright() as playwright,
        files(options.faces, Isolated) as url,
    ):
        young = f" --max-semi-space-size={options.young}" if options.young else ""
        flags = f"--js-flags=--expose-gc{young}"
        browser = launch(playwright, write_film(Path(name) / "film.y4m"), EAGER, flags)
        rows = run(browser, url, options)
        browser.close()
    first, rest = rows[0], rows[1:]
    tensors = max(row["numTensors"] for row in rest) - first["numTensors"]
    grown = max(row["held"] for row in rest) - first["held"]
    print(f"after the first {STEP}: {tensors:+} tensors, {grown:+.2f} MB at most")
    if tensors > 0 or grown > MOST:
        sys.exit(f"it grows by more than {MOST} MB, or by tensors")


if __name__ == "__main__":
    main()
