"""axe-core (WCAG 2.2 A and AA, and best practices) finds no violation on any page in any state."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from ..support.browser import ROOT
from ..support.pages import all_pages
from .conftest import OpenPage, wait_for_state
from .live.test_live_errors import REJECT
from .photo.test_photo import Picture, send
from .test_pages import NOT_FOUND

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATHS = (*all_pages(), "/none")


def assert_accessible(page: Page) -> None:
    # By the browser's own tools, which the page's policy does not concern.
    page.evaluate(f"() => {{ {AXE} }}")
    found: list[dict[str, Any]] = page.evaluate(
        "tags => axe.run(document, { runOnly: tags }).then(({ violations }) => violations)", TAGS
    )
    said = [
        f"{one['id']}: {node['html'][:120]} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages(open_page: OpenPage, scheme: str) -> None:
    page = open_page(PATHS[0], color_scheme=scheme, expected_errors=NOT_FOUND)
    for path in PATHS:
        page.goto(path)
        assert_accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_live_page_in_every_state(open_page: OpenPage, picture: Picture, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    assert_accessible(page)
    page.click("#start")
    wait_for_state(page, "running")
    page.wait_for_selector("#scores .face:not(.empty)", timeout=60_000)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert_accessible(page)
    page.click("#pause")
    assert_accessible(page)
    page.keyboard.press("?")
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.set_input_files("#file", picture("two astronauts"))
    wait_for_state(page, "done")
    assert_accessible(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert_accessible(page)
    page = open_page(color_scheme=scheme, init=REJECT.format(name="NotFoundError"))
    page.click("#start")
    page.wait_for_selector("#failure:not([hidden])")
    assert_accessible(page)


def test_photo_page_with_results(open_page: OpenPage, picture: Picture) -> None:
    page = open_page("/photo")
    send(page, picture("two astronauts"), scripts=True)
    assert_accessible(page)
