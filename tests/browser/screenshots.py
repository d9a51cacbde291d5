"""Makes docs/screenshot.png from the running live page.

python -m tests.browser.screenshots [FILE]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from .conftest import wait_for_state, wait_until
from .film import write_film
from .harness import ROOT, launch, serve

WIDTH, HEIGHT = 1280, 860
SETTLED = 60
"""Frames after which scores, rate and box have settled."""
COUNT = "window.frames_seen = 0; document.addEventListener('mien:result', () => frames_seen++);"


def take(file: Path) -> None:
    """Serve the app, start the live page on the film, and save what it shows to `file`."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        with serve(folder) as server:
            browser = launch(playwright, write_film(folder / "astronaut.y4m"))
            page = browser.new_page(
                base_url=server.url,
                viewport={"width": WIDTH, "height": HEIGHT},
                device_scale_factor=1.5,
                color_scheme="light",
            )
            page.add_init_script(COUNT)
            page.goto("/")
            page.click("#start")
            wait_for_state(page, "running")
            wait_until(page, f"frames_seen >= {SETTLED}")
            page.mouse.move(0, 0)
            file.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=file)
            browser.close()


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshot.png"
    take(target)
    print(target)
