"""The model of the live page: from its address, from the stored selection, or the default."""

from __future__ import annotations

from playwright.sync_api import Page

from ..conftest import OpenPage, wait_for_state, wait_until
from .test_live import LISTEN, frames

SELECT = "#model-select select"


def names(page: Page) -> list[str]:
    return page.locator(f"{SELECT} option").all_inner_texts()


def loaded(page: Page) -> list[str]:
    """The models whose bundles were loaded, in order."""
    urls: list[str] = page.evaluate("window.bundles")
    return urls


WATCH = (
    LISTEN
    + """
window.bundles = [];
const make = window.Worker;
window.Worker = class extends make {
  postMessage(message, transfer) {
    if (message.action === 'load') window.bundles.push(message.payload.modelUrl.split('/').at(-2));
    super.postMessage(message, transfer ?? []);
  }
};
"""
)


def test_selected_model_is_loaded_and_stored(open_page: OpenPage) -> None:
    page = open_page("/", init=WATCH)
    default, other = names(page)[:2]
    assert page.input_value(SELECT) == default
    page.click("#start")
    wait_for_state(page, "running")
    frames(page, 2)
    page.select_option(SELECT, other)
    wait_until(page, "window.bundles.length === 2")
    wait_for_state(page, "running")
    assert loaded(page) == [default, other]
    count = page.evaluate("window.seen.length")
    frames(page, count + 2)
    page.reload()
    assert page.input_value(SELECT) == other
    page.click("#start")
    wait_for_state(page, "running")
    assert loaded(page) == [other]


def test_address_overrides_the_stored_model(open_page: OpenPage) -> None:
    page = open_page("/")
    first, second, *_ = names(page)
    page.select_option(SELECT, second)
    page.goto(f"/?model={first}")
    assert page.input_value(SELECT) == first
    page.select_option(SELECT, second)
    assert page.evaluate("location.search") == "", "a reload keeps the choice"


def test_unknown_model(open_page: OpenPage) -> None:
    page = open_page("/?model=none.such")
    said = page.inner_text("#model-select .message")
    known = ", ".join(names(page))
    assert said.startswith(f"There is no model 'none.such'; the known ones: {known}.")
    assert page.input_value(SELECT) == names(page)[0]
    page.select_option(SELECT, names(page)[1])
    assert page.is_hidden("#model-select .message")
