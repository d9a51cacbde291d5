"""Makes docs/screenshot.png from the running live page and docs/compare.png from the comparing one.

python -m tests.browser.screenshots [FOLDER]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from ..support.browser import ROOT, launch, serve
from ..support.film import write_film
from .conftest import wait_for_state, wait_until

WIDTH, HEIGHT = 1280, 860
SETTLED = 60
"""Frames after which scores, rate and box have settled."""
SHOTS = {"screenshot.png": ("/", "mien:result"), "compare.png": ("/compare", "mien:comparison")}
"""File -> page, and the event that it has for each frame."""
COUNT = "window.frames_seen = 0; document.addEventListener('%s', () => frames_seen++);"
LOADED = "!document.querySelector('[data-status=waiting], [data-status=loading]')"


def take(browser: Browser, url: str, path: str, event: str, file: Path) -> None:
    """Start a page on the film, and save what it shows to `file`."""
    page = browser.new_page(
        base_url=url,
        viewport={"width": WIDTH, "height": HEIGHT},
        device_scale_factor=1.5,
        color_scheme="light",
    )
    page.add_init_script(COUNT % event)
    page.goto(path)
    page.click("#start")
    wait_for_state(page, "running")
    wait_until(page, LOADED)
    wait_until(page, f"frames_seen >= {SETTLED}")
    page.mouse.move(0, 0)
    page.screenshot(path=file, full_page=path == "/compare")
    page.close()


def main(folder: Path) -> None:
    """Serve the app and take every shot."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as name,
        sync_playwright() as playwright,
        serve(Path(name)) as server,
    ):
        browser = launch(playwright, write_film(Path(name) / "astronaut.y4m"))
        for file, (path, event) in SHOTS.items():
            take(browser, server.url, path, event, folder / file)
            print(folder / file)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs")
