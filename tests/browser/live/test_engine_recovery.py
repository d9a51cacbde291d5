"""The recognizer recovers: lost graphics context, crashed worker, no SIMD, damaged files."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route

from ..conftest import OpenPage, wait_for_state, wait_until
from .test_live_errors import expect_error

COUNT = """
window.results = 0;
document.addEventListener('mien:result', () => { window.results += 1; });
"""
LOSE_CONTEXTS = """{
const make = OffscreenCanvas.prototype.getContext;
let gl = null;
OffscreenCanvas.prototype.getContext = function (kind, ...rest) {
  const made = make.call(this, kind, ...rest);
  if (kind.startsWith('webgl')) gl = made;
  return made;
};
let frames = 0;
self.addEventListener('message', ({ data }) => {
  if (data.action === 'recognize' && ++frames === 2 && gl) {
    gl.getExtension('WEBGL_lose_context').loseContext();
  }
});
}"""
CRASH_ONCE = """{
let frames = 0;
self.addEventListener('message', ({ data }) => {
  if (data.action === 'recognize' && ++frames === 8) throw new Error('crash for the test');
});
}"""
NO_SIMD = "WebAssembly.validate = () => false;\n"


def add_to_worker(page: Page, code: str, times: int = -1) -> None:
    """Add `code` to the recognizer's worker, the first `times` times it is loaded; -1: always."""
    loaded = 0

    def answer(route: Route) -> None:
        nonlocal loaded
        loaded += 1
        response = route.fetch()
        body = response.text() + (code if times < 0 or loaded <= times else "")
        route.fulfill(response=response, body=body)

    page.route("**/recognizer.worker.js*", answer)


def requested(page: Page) -> list[str]:
    """Addresses that the page and its workers request from now on."""
    urls: list[str] = []
    page.context.on("request", lambda request: urls.append(request.url))
    return urls


def test_lost_graphics_context(open_page: OpenPage) -> None:
    page = open_page(None, init=COUNT, expected_errors="WebGL")
    urls = requested(page)
    add_to_worker(page, LOSE_CONTEXTS)
    page.goto("/?backend=webgl")
    page.click("#start")
    wait_until(page, "window.results >= 1", timeout=120_000)
    assert not any(".wasm" in url for url in urls)
    # After the first loss, WebGL is started again; after the second, WebAssembly is used.
    wait_until(page, "window.results >= 8", timeout=120_000)
    assert sum("recognizer.worker.js" in url for url in urls) == 3
    assert any(".wasm" in url for url in urls)
    assert page.evaluate("document.documentElement.dataset.state") == "running"


def test_worker_that_crashes_once(open_page: OpenPage) -> None:
    page = open_page(None, init=COUNT, expected_errors="crash for the test")
    urls = requested(page)
    add_to_worker(page, CRASH_ONCE, times=1)
    page.goto("/")
    page.click("#start")
    # The first worker answers seven frames and no more.
    wait_until(page, "window.results > 20")
    assert sum("recognizer.worker.js" in url for url in urls) == 2
    assert page.evaluate("document.documentElement.dataset.state") == "running"


def test_browser_without_simd(open_page: OpenPage) -> None:
    page = open_page(None, init=COUNT)
    urls = requested(page)
    add_to_worker(page, NO_SIMD)
    page.goto("/")
    page.click("#start")
    wait_until(page, "window.results >= 1")
    binaries = {url.partition("?")[0].rpartition("/")[2] for url in urls if ".wasm" in url}
    assert binaries == {"tfjs-backend-wasm.wasm"}


@pytest.mark.parametrize(
    ("files", "cut", "code", "part"),
    [
        ("**/blazeface.bin*", True, "model-damaged", "its weight files hold"),
        ("**/models/**/*.bin*", False, "model-missing", "could not be loaded"),
    ],
)
def test_weights_that_do_not_load(
    open_page: OpenPage, files: str, cut: bool, code: str, part: str
) -> None:
    page = open_page(init=COUNT, expected_errors="404|Failed to load resource")

    def fail(route: Route) -> None:
        if cut:
            route.fulfill(status=200, body=route.fetch().body()[:1000])
        else:
            route.fulfill(status=404, body="not here")

    page.route(files, fail)
    page.click("#start")
    expect_error(page, code, part)
    page.unroute(files)
    page.click("#retry")
    wait_for_state(page, "running")
    wait_until(page, "window.results >= 1")
