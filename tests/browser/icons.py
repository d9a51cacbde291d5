"""Makes the PNG icons of the installed page from static/icons/mien.svg.

python -m tests.browser.icons
"""

from __future__ import annotations

import re

from playwright.sync_api import sync_playwright

from ..support.browser import ROOT, find_chromium

FOLDER = ROOT / "static" / "icons"
PLAIN = {"mien-192.png": 192, "mien-512.png": 512}
FILLED = {"mien-maskable-512.png": 512, "apple-touch-icon.png": 180}
"""These are cut to a shape by the system: the ground goes to the edges, the drawing stays in the
middle, within a circle of 80 % (W3C, Web Application Manifest, 5.5.2)."""


def filled(svg: str) -> str:
    """The icon for systems that cut it to a shape of their own."""
    square = re.sub(r' rx="\d+"', "", svg)
    return square.replace("<g ", '<g transform="translate(16 16) scale(0.74) translate(-16 -16)" ')


def main() -> None:
    """Write the icons."""
    svg = (FOLDER / "mien.svg").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--headless=new", "--no-sandbox"]
        )
        for names, text in ((PLAIN, svg), (FILLED, filled(svg))):
            for name, size in names.items():
                page = browser.new_page(viewport={"width": size, "height": size})
                sized = text.replace("<svg ", f'<svg width="{size}" height="{size}" ')
                page.set_content(f"<style>*{{margin:0;display:block}}</style>{sized}")
                page.screenshot(path=FOLDER / name, omit_background=True)
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
