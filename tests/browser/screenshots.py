"""Make docs/screenshot.png of the running live page and docs/compare.png of the compare page.

python -m tests.browser.screenshots [FOLDER]
python -m tests.browser.screenshots --pages FOLDER

The second command takes a picture of every page as it opens: wide and 390 pixels wide, light and
dark.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from ..support.browser import ROOT, launch, serve
from ..support.film import write_film
from ..support.pages import all_pages
from .conftest import wait_for_state, wait_until

WIDTH, HEIGHT = 1280, 860
SETTLED = 60
"""Frames after which scores, rate and box are steady."""
SHOTS = {"screenshot.png": ("/", "mien:result"), "compare.png": ("/compare", "mien:comparison")}
"""File -> page, and the event that it dispatches for each frame."""
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


def take_pages(browser: Browser, url: str, folder: Path) -> None:
    """Save a picture of every page to `folder`, in both colour schemes and two widths."""
    for scheme in ("light", "dark"):
        for width, height in ((WIDTH, HEIGHT), (390, 844)):
            page = browser.new_page(
                base_url=url,
                viewport={"width": width, "height": height},
                color_scheme=scheme,
            )
            for path in all_pages():
                page.goto(path)
                name = path.strip("/").replace("/", "-") or "live"
                page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
            page.close()


def main(folder: Path, every_page: bool) -> None:
    """Serve the app and take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as name,
        sync_playwright() as playwright,
        serve(Path(name)) as server,
    ):
        browser = launch(playwright, write_film(Path(name) / "astronaut.y4m"))
        if every_page:
            take_pages(browser, server.url, folder)
        else:
            for file, (path, event) in SHOTS.items():
                take(browser, server.url, path, event, folder / file)
        browser.close()
    print(folder)


if __name__ == "__main__":
    folders = [one for one in sys.argv[1:] if one != "--pages"]
    main(Path(folders[0]) if folders else ROOT / "docs", "--pages" in sys.argv)
