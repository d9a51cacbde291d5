"""Each error of the live page says what to do, and links to the photo page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route

from ...support.browser import INSECURE_HOST
from ..conftest import OpenPage, wait_for_state, wait_until

REJECT = """
navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('no', '{name}'); }};
"""
CRASH = """
let messages = 0;
self.addEventListener('message', () => {
  messages += 1;
  if (messages === 15) throw new Error('crash for the test');
});
"""
KEEP = """
window.results = 0;
document.addEventListener('mien:result', () => { window.results += 1; });
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.streams = [];
navigator.mediaDevices.getUserMedia = async (wish) => {
  const stream = await ask(wish);
  window.streams.push(stream);
  return stream;
};
"""


def expect_error(page: Page, code: str, part: str) -> None:
    """The page shows the error and a link to the photo page; no camera is on."""
    wait_for_state(page, "error")
    assert page.get_attribute("#failure", "data-code") == code
    text = page.inner_text("#failure")
    assert part in text
    assert page.inner_text("#failure-title") != ""
    assert page.locator("#failure a[href='/photo']").is_visible()
    assert page.is_visible("#retry")
    assert page.evaluate("document.getElementById('video').srcObject") is None


@pytest.mark.parametrize(
    ("name", "code", "part"),
    [
        ("NotAllowedError", "refused", "was not allowed to use the camera"),
        ("NotFoundError", "missing", "No camera was found"),
        ("NotReadableError", "busy", "Close other programs that use it"),
        ("NobodyKnowsError", "failed", "The camera could not be started. The browser says: no"),
    ],
)
def test_camera_that_does_not_open(open_page: OpenPage, name: str, code: str, part: str) -> None:
    page = open_page(init=REJECT.format(name=name))
    page.click("#start")
    expect_error(page, code, part)


def test_browser_without_cameras(open_page: OpenPage) -> None:
    page = open_page(init="delete Navigator.prototype.mediaDevices;")
    page.click("#start")
    expect_error(page, "unsupported", "This browser gives pages no camera")


def test_page_that_is_not_secure(open_page: OpenPage) -> None:
    page = open_page(host=INSECURE_HOST, expected_errors="Cross-Origin-Opener-Policy")
    assert page.evaluate("isSecureContext") is False
    page.click("#start")
    expect_error(page, "insecure", "only to pages served over HTTPS or from localhost")


def test_camera_unplugged_while_running(open_page: OpenPage) -> None:
    page = open_page(init=KEEP)
    page.click("#start")
    wait_for_state(page, "running")
    # Stopping a track by script fires no event; the browser's own end of it does.
    page.evaluate(
        """() => {
          const [track] = window.streams[0].getVideoTracks();
          track.stop();
          track.dispatchEvent(new Event('ended'));
        }"""
    )
    expect_error(page, "unplugged", "The camera stopped sending pictures")
    page.click("#retry")
    wait_for_state(page, "running")


@pytest.mark.parametrize("answer", ["missing", "damaged"])
def test_model_that_does_not_load(open_page: OpenPage, answer: str) -> None:
    page = open_page(init=KEEP, expected_errors="404|Failed to load resource")

    def fail(route: Route) -> None:
        if answer == "missing":
            route.fulfill(status=404, body="not here")
        else:
            route.fulfill(status=200, content_type="application/json", body='{"format": "graph')

    page.route("**/model.json*", fail)
    page.click("#start")
    titles = {"missing": "could not be loaded", "damaged": "could not be read"}
    expect_error(page, f"model-{answer}", titles[answer])
    wait_until(page, "window.streams.every((s) => s.getTracks()[0].readyState === 'ended')")
    page.unroute("**/model.json*")
    page.click("#retry")
    wait_for_state(page, "running")


def test_detector_that_does_not_load(open_page: OpenPage) -> None:
    page = open_page(expected_errors="404|Failed to load resource")
    page.route("**/blazeface.json*", lambda route: route.fulfill(status=404, body="not here"))
    page.click("#start")
    expect_error(page, "detector-missing", "The face detector could not be loaded")


def test_webassembly_unavailable(open_page: OpenPage) -> None:
    page = open_page("/?backend=wasm", expected_errors="wasm|404|Failed to load resource")
    page.route("**/*.wasm*", lambda route: route.fulfill(status=404, body="not here"))
    page.click("#start")
    expect_error(page, "backend", "This browser cannot run the neural network")


def test_worker_crash_while_running(open_page: OpenPage) -> None:
    page = open_page(None, init=KEEP, expected_errors="crash for the test")

    def crash_later(route: Route) -> None:
        body = route.fetch().text()
        body += CRASH
        route.fulfill(
            status=200,
            content_type="text/javascript",
            body=body,
            headers={
                "Cross-Origin-Embedder-Policy": "require-corp",
                "Content-Security-Policy": "default-src 'none'; connect-src 'self'; "
                "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'",
            },
        )

    page.route("**/recognizer.worker.js*", crash_later)
    page.goto("/")
    page.click("#start")
    wait_until(page, "window.results > 5")
    expect_error(page, "worker-crashed", "Try again")
    page.unroute("**/recognizer.worker.js*")
    page.click("#retry")
    wait_for_state(page, "running")


def test_without_scripts_the_live_page_points_to_the_photo_page(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    assert "needs JavaScript" in page.inner_text("#welcome")
    assert not page.is_visible("#start")
    assert page.locator("#welcome noscript a, #welcome .actions a").first.is_visible()
