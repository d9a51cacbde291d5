"""A page that never answers must fail its test, not stop the run."""

from pathlib import Path

import pytest
from playwright.sync_api import Error, Playwright

from ..support.browser import launch, time_limit


def test_a_page_that_never_answers_loses_its_browser(playwright: Playwright, film: Path) -> None:
    hung: list[bool] = []
    page = launch(playwright, film).new_page()
    with time_limit(2, lambda: hung.append(True)), pytest.raises(Error, match=r"closed|crashed"):
        page.evaluate("() => { for (;;); }")
    assert hung == [True]


def test_a_page_that_answers_keeps_its_browser(playwright: Playwright, film: Path) -> None:
    hung: list[bool] = []
    browser = launch(playwright, film)
    page = browser.new_page()
    with time_limit(60, lambda: hung.append(True)):
        assert page.evaluate("1 + 1") == 2
    assert browser.is_connected()
    assert hung == []
    browser.close()
