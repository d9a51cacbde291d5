"""Tests of every page: contrast, width, structure, no request to another origin, no CSP violation.

`open_page` asserts the last two when it closes a page.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from ..support.browser import Server
from ..support.pages import all_pages
from ..support.requests import DEFAULT_MODEL
from .conftest import OpenPage, Watch, labels_of, wait_for, wait_for_state
from .live.test_live_errors import REJECT

PATHS = (*all_pages(), "/none")
NOT_FOUND = "status of 404"
CONTRAST = (Path(__file__).parents[1] / "support" / "contrast.js").read_text(encoding="utf-8")


def too_wide(page: Page) -> list[str]:
    """Elements that are wider than the window and not in a box that scrolls."""
    sticking: list[str] = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          const out = [...document.body.querySelectorAll('*')].filter((element) =>
            !element.closest('.scroll, .visually-hidden, svg svg, select')
            && element.checkVisibility() && element.getBoundingClientRect().right > width + 0.5);
          if (document.scrollingElement.scrollWidth > width) out.push(document.documentElement);
          return out.map((element) => `${element.tagName} ${element.id} ${element.className}`);
        }"""
    )
    return sticking


def assert_contrast(page: Page) -> None:
    texts: list[dict[str, Any]] = page.evaluate(CONTRAST)
    assert len(texts) > 8
    assert [text for text in texts if text["ratio"] < 4.5] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_contrast(open_page: OpenPage, path: str, scheme: str) -> None:
    page = open_page(path, color_scheme=scheme, expected_errors=NOT_FOUND)
    assert_contrast(page)


def test_light_and_dark_schemes_differ(open_page: OpenPage) -> None:
    grounds = [
        open_page("/", color_scheme=scheme).evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for scheme in ("light", "dark")
    ]
    levels = [sum(map(int, re.findall(r"\d+", ground)[:3])) for ground in grounds]
    assert levels[0] > 600
    assert levels[1] < 150


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_while_running_and_on_error(open_page: OpenPage, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    page.click("#start")
    wait_for_state(page, "running")
    page.wait_for_selector("#scores .face:not(.empty)", timeout=60_000)
    assert_contrast(page)
    page = open_page(color_scheme=scheme, init=REJECT.format(name="NotFoundError"))
    page.click("#start")
    page.wait_for_selector("#failure:not([hidden])")
    assert_contrast(page)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("width", [320, 360, 768])
def test_nothing_scrolls_sideways(open_page: OpenPage, path: str, width: int) -> None:
    page = open_page(path, viewport={"width": width, "height": 740}, expected_errors=NOT_FOUND)
    assert too_wide(page) == []


def test_start_button_is_in_view(open_page: OpenPage) -> None:
    page = open_page()
    for width, height in ((1280, 800), (768, 1024), (390, 844), (844, 390), (320, 568)):
        page.set_viewport_size({"width": width, "height": height})
        box = page.locator("#start").bounding_box()
        assert box and 0 < box["y"] < height - box["height"], f"not at {width}x{height}"


def test_running_page_on_small_screens(open_page: OpenPage) -> None:
    """A phone in portrait and landscape, and a window of 1280x1024 at 400 % zoom."""
    page = open_page(viewport={"width": 390, "height": 844})
    page.click("#start")
    wait_for_state(page, "running")
    page.wait_for_selector("#scores .face:not(.empty)", timeout=60_000)

    def top(selector: str) -> float:
        box = page.locator(selector).bounding_box()
        assert box
        return box["y"]

    assert too_wide(page) == []
    assert top("#stage") < top("#score-panel") < top("#controls") < top("#timeline-panel")
    for id_ in ("pause", "stop"):  # at the bottom, wherever the page is scrolled to
        assert 700 < top(f"#{id_}") < 844 - 44
    assert page.inner_text("#pause").strip() == "Pause", "the icon has no name"
    for width, height in ((360, 740), (320, 568), (320, 256), (844, 390)):
        page.set_viewport_size({"width": width, "height": height})
        assert too_wide(page) == []
        fixed = page.evaluate("getComputedStyle(document.getElementById('controls')).position")
        assert (fixed == "sticky") == (height > 592)


def test_forced_colours(open_page: OpenPage) -> None:
    page = open_page(forced_colors="active")
    page.click("#start")
    wait_for_state(page, "running")
    page.wait_for_selector("#scores .face:not(.empty)", timeout=60_000)
    fills = """() => ['.track', '.best .fill'].map((one) =>
      getComputedStyle(document.querySelector(`#scores ${one}`)).fill)"""
    track, fill = page.evaluate(fills)
    system = """() => ['Canvas', 'Highlight'].map((color) => {
      const probe = Object.assign(document.createElement('i'), { style: `color: ${color}` });
      document.body.append(probe);
      return getComputedStyle(probe).color;
    })"""
    assert [track, fill] == page.evaluate(system)
    assert track != fill


@pytest.mark.parametrize("path", PATHS)
def test_structure(open_page: OpenPage, path: str) -> None:
    page = open_page(path, expected_errors=NOT_FOUND)
    assert page.get_attribute("html", "lang") == "en"
    assert page.title().startswith("Mien")
    assert page.locator("h1:visible").count() == 1
    assert page.locator("main").count() == 1
    assert page.locator("meta[name=viewport], meta[name=description]").count() == 2
    assert page.locator("meta[name=theme-color]").count() == 2
    # In what is sent: scripts may set styles, which the CSP does not forbid.
    source = page.request.get(path).text()
    assert not re.search(r"<style|\sstyle=", source)
    assert page.locator("script:not([src]):not([type='application/json'])").count() == 0
    assert page.locator("header nav a").all_inner_texts() == [
        "Live",
        "Photo",
        "Compare",
        "Models",
        "About",
    ]
    assert page.locator("a.skip").get_attribute("href") == "#content"
    assert page.locator("#content").count() == 1
    for icon in page.locator("link[rel=icon]").all():
        assert page.request.get(icon.get_attribute("href") or "").ok
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('input, select, button')].filter((control) =>
          !(control.labels?.length || control.textContent.trim() || control.ariaLabel)).length"""
    )
    assert unnamed == 0
    links = page.evaluate(
        "[...document.querySelectorAll('header nav a')].map((a) => a.getAttribute('href'))"
    )
    within = [
        link for link in links if path == link or (link != "/" and path.startswith(f"{link}/"))
    ]
    assert page.locator("header nav a[aria-current=page]").count() == len(within) <= 1


def test_models_page_leads_to_the_card_with_the_labels(open_page: OpenPage) -> None:
    page = open_page("/models")
    labels = labels_of(page)
    page.locator("article.model h2 a").first.click()
    assert page.locator("h1").inner_text() == DEFAULT_MODEL
    text = page.inner_text("main")
    for label in labels:
        assert label in text


def test_csp_violations_are_detected(browser: Browser, server: Server) -> None:
    """`Watch` reports an inline style that the browser refuses."""
    context = browser.new_context(base_url=server.url)
    watch = Watch(context)
    page = context.new_page()
    page.goto("/about")
    assert watch.violations() == []
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
    wait_for(page, watch.violations)
    assert len(watch.violations()) == 1
    context.close()
