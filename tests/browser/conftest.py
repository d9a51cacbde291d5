"""Fixtures: the served app, Chromium with a fake camera, and pages whose requests are checked."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, sync_playwright
from skimage import data

from ..support.browser import ROOT, Server, find_chromium, launch, serve, time_limit
from ..support.film import write_film

START_TIMEOUT = 120_000
"""Milliseconds within which the live page must run, also on a busy machine."""
TEST_LIMIT = 300.0
"""Seconds after which a test's browser counts as hung and is ended."""
HUNG = ROOT / ".make" / "browser-hung"
"""Names the tests whose browser hung: only then does `make test-browser` run again what failed."""
SET_HIDDEN = """hidden => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}"""
"""Makes the page believe that its tab is hidden, or shown again."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, served with gunicorn as the Procfile does."""
    with serve(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What the fake camera shows."""
    written = write_film(tmp_path_factory.mktemp("film") / "astronaut.y4m")
    yield written
    written.unlink()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright, film: Path) -> Iterator[Browser]:
    """An installed Chromium whose camera plays the film; a new one for each module, so that one
    that hangs takes no other module with it."""
    try:
        find_chromium()
    except RuntimeError as error:
        pytest.fail(str(error))
    chromium = launch(playwright, film)
    yield chromium
    chromium.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    def on_hang() -> None:
        HUNG.parent.mkdir(exist_ok=True)
        with HUNG.open("a", encoding="utf-8") as file:
            file.write(f"{item.nodeid}\n")

    with time_limit(TEST_LIMIT, on_hang):
        return (yield)


class Watch:
    """Records what the pages of a context do: requests, console messages, CSP violations."""

    def __init__(self, context: BrowserContext) -> None:
        self.urls: list[str] = []
        self.messages: list[str] = []
        context.on("request", lambda request: self.urls.append(request.url))
        context.on("console", lambda line: self.messages.append(f"{line.type}: {line.text}"))
        context.on("weberror", lambda error: self.messages.append(f"error: {error.error}"))

    def foreign(self, origin: str) -> list[str]:
        """Requests to other origins; blob: and data: URLs are not requests."""
        own = (origin, "blob:", "data:", "about:")
        return [url for url in self.urls if not url.startswith(own)]

    def violations(self) -> list[str]:
        """Console lines about the content security policy."""
        pattern = re.compile(r"content.security.policy|violates the following", re.IGNORECASE)
        return [line for line in self.messages if pattern.search(line)]

    def errors(self) -> list[str]:
        """Console errors and uncaught exceptions."""
        return [line for line in self.messages if line.startswith("error:")]


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[OpenPage]:
    """Open a page of the app in a new context; keywords go to `browser.new_context`.

    After the test, no page may have made a request to another origin, violated the CSP, set a
    cookie, or logged an error that does not match `expected_errors`, a pattern.
    """
    opened: list[tuple[Page, BrowserContext, Watch, str, str | None]] = []

    def open_it(
        path: str | None = "/",
        *,
        init: str = "",
        host: str = "",
        expected_errors: str | None = None,
        **context_options: Any,
    ) -> Page:
        origin = server.url.replace("127.0.0.1", host) if host else server.url
        # Requests that a service worker answers do not reach the routes of a test.
        context_options.setdefault("service_workers", "block")
        context = browser.new_context(base_url=origin, **context_options)
        context.set_default_timeout(30_000)
        watch = Watch(context)
        page = context.new_page()
        if init:
            page.add_init_script(init)
        opened.append((page, context, watch, origin, expected_errors))
        if path is not None:
            page.goto(path)
        return page

    yield open_it
    for _page, context, watch, origin, expected in opened:
        cookies = context.cookies()
        context.close()
        assert watch.foreign(origin) == []
        assert watch.violations() == []
        errors = [e for e in watch.errors() if not (expected and re.search(expected, e))]
        assert errors == []
        assert cookies == []


def contract_of(page: Page) -> dict[str, Any]:
    """The contract of the live page's model."""
    response = page.request.get("/")
    match = re.search(r'data-model-url="([^"]+)"', response.text())
    assert match, "the live page names no model"
    model = page.request.get(match[1]).json()
    contract: dict[str, Any] = model["userDefinedMetadata"]["contract"]
    return contract


def labels_of(page: Page) -> list[str]:
    """The labels of the live page's model."""
    labels = contract_of(page)["labels"]
    assert len(labels) >= 2
    return [str(label) for label in labels]


def wait_until(page: Page, condition: str, arg: Any = None, timeout: float = 60_000) -> None:
    """Wait until the JavaScript expression or function `condition` is true.

    Playwright's own `wait_for_function` polls by `eval` within the page, which the CSP forbids.
    """
    deadline = time.monotonic() + timeout / 1000

    def holds() -> bool:
        try:
            return bool(page.evaluate(condition, arg))
        except Error as error:
            # The page is being reloaded.
            if "context was destroyed" not in str(error):
                raise
            return False

    while not holds():
        assert time.monotonic() < deadline, f"not within {timeout / 1000:.0f} s: {condition}"
        page.wait_for_timeout(100)


def wait_for(page: Page, condition: Callable[[], object], timeout: float = 60_000) -> None:
    """Wait until the Python function `condition` returns something true."""
    deadline = time.monotonic() + timeout / 1000
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout / 1000:.0f} s"
        page.wait_for_timeout(50)


def animation_frames(page: Page, count: int) -> None:
    """Wait until the page has drawn `count` more frames."""
    page.evaluate(
        """async (count) => {
          for (let i = 0; i < count; i += 1) await new Promise(requestAnimationFrame);
        }""",
        count,
    )


def worker_memory(page: Page) -> dict[str, int]:
    """What TensorFlow.js holds in the page's worker: {numTensors, numBytes}."""
    # Threads of WebAssembly are workers, too; their script's name begins with tfjs.
    own = [one for one in page.workers if re.search(r"/(recognizer|compare)\.worker\.js", one.url)]
    assert len(own) == 1, [one.url for one in page.workers]
    found: dict[str, int] = own[0].evaluate(
        """() => {
          const { numTensors, numBytes } = self._tfengine.memory();
          return { numTensors, numBytes };
        }"""
    )
    return found


def state(page: Page) -> str:
    """The page's state, e.g. "running"."""
    return str(page.evaluate("document.documentElement.dataset.state"))


def wait_for_state(
    page: Page, wanted: str, timeout: float = START_TIMEOUT, errors: bool = True
) -> None:
    """Wait until the page's state is `wanted`; if it is "error" instead, say why, unless `errors`
    is False: then it may pass."""
    either = "states => states.includes(document.documentElement.dataset.state)"
    wait_until(page, either, [wanted, "error"] if errors else [wanted], timeout)
    now = state(page)
    assert now == wanted, f"the page is in state {now}: {page.inner_text('main')}"


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a file to upload: "astronaut" (a face), "two astronauts", "brick" (no face), or "text",
    which is not a picture."""

    def make(name: str) -> Path:
        if name == "text":
            path = tmp_path / "text.jpg"
            path.write_text("This is not a picture.", encoding="utf-8")
            return path
        path = tmp_path / f"{name}.png"
        astronaut = data.astronaut()
        image = {
            "astronaut": astronaut,
            "two astronauts": np.hstack([astronaut, astronaut]),
            "brick": data.brick(),
        }[name]
        cv2.imwrite(str(path), image if image.ndim == 2 else image[:, :, ::-1])
        return path

    return make
