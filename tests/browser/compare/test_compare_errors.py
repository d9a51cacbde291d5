"""Errors on the compare page: each has a sentence, and what does not depend on it goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route

from ..conftest import OpenPage, state, wait_for_state, wait_until
from ..live.test_live_errors import REJECT
from .test_compare import ALL_ON, LISTEN, frames, order, row

IN_STATE = "state => document.documentElement.dataset.state === state"
HEADERS = {
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'; "
    "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'",
}
CRASH = """
self.addEventListener('message', ({ data: { action, payload } }) => {
  if (action === '%s' && (payload?.name ?? '') === '%s') throw new Error('crash for the test');
});
"""


def add_to_worker(page: Page, code: str) -> None:
    """Lets the comparison's worker run `code` besides its own."""

    def answer(route: Route) -> None:
        body = route.fetch().text() + code
        route.fulfill(status=200, content_type="text/javascript", body=body, headers=HEADERS)

    page.route("**/compare.worker.js*", answer)


def wait_for_status(page: Page, name: str, status: str) -> None:
    wait_until(page, f"document.querySelector(\"{row(name)}\").dataset.status === '{status}'")


@pytest.mark.parametrize("answer", ["missing", "damaged", "another"])
def test_a_model_that_does_not_load_is_marked_and_the_others_go_on(
    open_page: OpenPage, answer: str
) -> None:
    page = open_page("/compare", init=LISTEN, expected_errors="404|Failed to load resource")
    names = order(page)
    bad, other = names[:2]
    file, words = {
        "missing": ("model.json*", "The model cannot be loaded: the server answered 404"),
        "damaged": ("*.bin", "its weight files hold 99 bytes"),
        "another": ("*", f"is {other}, expected {bad}"),
    }[answer]

    def fail(route: Route) -> None:
        if answer == "missing":
            route.fulfill(status=404, body="not here")
        elif answer == "damaged":
            route.fulfill(status=200, body=bytes(99))
        else:
            route.fulfill(response=page.request.get(route.request.url.replace(bad, other)))

    pattern = f"**/models/{bad}/{file}"
    page.route(pattern, fail)
    page.click("#start")
    wait_for_state(page, "running")
    wait_for_status(page, bad, "failed")
    assert words in page.inner_text(f"{row(bad)} .status")
    assert page.inner_text(f"{row(bad)} .status").endswith(".")
    assert not page.is_checked(f"{row(bad)} input")
    for name in names[1:]:
        wait_for_status(page, name, "on")
    seen = {score["name"] for one in frames(page, 6) for score in one["scores"]}
    assert seen == set(names[1:])
    page.unroute(pattern)
    page.click(f"{row(bad)} .retry button")
    wait_until(page, ALL_ON)
    assert page.is_checked(f"{row(bad)} input")
    assert page.is_hidden(f"{row(bad)} .status")


def test_a_model_whose_loading_kills_the_worker_is_left_out(open_page: OpenPage) -> None:
    page = open_page("/compare", init=LISTEN, expected_errors="crash for the test")
    names = order(page)
    bad = names[1]
    add_to_worker(page, CRASH % ("load", bad))
    page.click("#start")
    wait_for_status(page, bad, "failed")
    assert "crash for the test" in page.inner_text(f"{row(bad)} .status")
    wait_for_state(page, "running")
    for name in names:
        wait_for_status(page, name, "failed" if name == bad else "on")
    seen = {score["name"] for one in frames(page, 6) for score in one["scores"]}
    assert seen == set(names) - {bad}


def test_a_worker_that_crashes_while_models_run(open_page: OpenPage) -> None:
    page = open_page("/compare", init=LISTEN, expected_errors="crash for the test")
    page.click("#start")
    wait_for_state(page, "running")
    wait_until(page, ALL_ON)
    [worker] = [one for one in page.workers if "/compare.worker.js" in one.url]
    worker.evaluate("() => { setTimeout(() => { throw new Error('crash for the test'); }) }")
    wait_until(page, IN_STATE, arg="error")
    assert page.get_attribute("#failure", "data-code") == "worker-crashed"
    assert "crash for the test" in page.inner_text("#failure-sentence")
    assert page.evaluate("document.getElementById('video').srcObject") is None
    page.click("#retry")
    wait_for_state(page, "running")
    wait_until(page, ALL_ON)
    frames(page, 2)


def test_a_camera_that_is_refused_leaves_the_picture(
    open_page: OpenPage, picture: Callable[[str], Path]
) -> None:
    page = open_page("/compare", init=LISTEN + REJECT.format(name="NotAllowedError"))
    page.click("#start")
    wait_for_state(page, "error")
    assert page.get_attribute("#failure", "data-code") == "refused"
    assert "was not allowed to use the camera" in page.inner_text("#failure-sentence")
    assert page.is_visible("#failure [data-choose]")
    page.set_input_files("#file", picture("astronaut"))
    wait_until(page, IN_STATE, arg="running")
    wait_until(page, "document.querySelector('.outcome .label').textContent === 'happy'")


def test_a_detector_that_does_not_load(open_page: OpenPage) -> None:
    page = open_page("/compare", expected_errors="404|Failed to load resource")
    page.route("**/blazeface.json*", lambda route: route.fulfill(status=404, body="not here"))
    page.click("#start")
    wait_for_state(page, "error")
    assert page.get_attribute("#failure", "data-code") == "detector-missing"
    assert page.inner_text("#failure-title") == "The face detector could not be loaded"


def test_only_the_models_asked_for(open_page: OpenPage) -> None:
    name = order(open_page("/compare"))[-1]
    page = open_page(f"/compare?model={name}", init=LISTEN)
    assert page.inner_text("#to-load").startswith("Loads one model, ")
    page.click("#start")
    wait_for_status(page, name, "on")
    assert {score["name"] for one in frames(page, 2) for score in one["scores"]} == {name}
    assert page.locator("#models tr[data-status='off']").count() == len(order(page)) - 1


def test_files_that_cannot_be_opened(open_page: OpenPage, tmp_path: Path) -> None:
    """By the same rules as on the live page; the page stays as it is."""
    page = open_page("/compare")
    for name, content, sentence in [
        ("empty.png", b"", "empty.png is empty: it has no bytes."),
        ("words.png", b"words", "words.png cannot be read as a picture by this browser."),
        ("words.txt", b"words", "words.txt is not a picture but text/plain."),
        ("film.mp4", b"film", "film.mp4 is a video; this page takes pictures."),
        ("huge.png", None, "huge.png has 10000 × 7000 pixels, 70 megapixels; at most 64"),
    ]:
        file = tmp_path / name
        if content is None:
            Image.new("1", (10_000, 7_000)).save(file)
        else:
            file.write_bytes(content)
        page.set_input_files("#file", file)
        wait_until(
            page,
            "words => document.getElementById('problem').textContent.includes(words)",
            sentence,
        )
        assert state(page) == "idle"


def test_unknown_model(open_page: OpenPage) -> None:
    page = open_page("/compare?model=none.such")
    said = page.inner_text("#problem")
    assert said.startswith("There is no model 'none.such'; the known ones: ")
    assert all(name in said for name in order(page))
    assert page.inner_text("#to-load").startswith(f"Loads {len(order(page))} models, ")


def test_stop_while_loading_loads_no_more(open_page: OpenPage) -> None:
    page = open_page("/compare", init=LISTEN)
    held: list[Route] = []
    first = "**/models/*/model.json*"
    page.route(first, lambda route: held.append(route))
    page.click("#start")
    wait_for_state(page, "running")
    wait_until(page, "document.querySelector('#models tr[data-status=loading]') !== null")
    with page.expect_event("requestfailed", lambda request: "/model.json" in request.url):
        page.click("#stop")
    # The worker has answered and the page has gone on, if it was to load another.
    page.workers[0].evaluate("() => new Promise((resolve) => setTimeout(resolve))")
    page.evaluate("() => new Promise((resolve) => setTimeout(resolve))")
    assert len(held) == 1
    assert page.locator("#models tr[data-status='waiting']").count() == len(order(page))
    page.unroute(first)
    page.click("#start")
    wait_until(page, ALL_ON)


def test_without_scripts_the_figures_are_there(open_page: OpenPage) -> None:
    page = open_page("/compare", java_script_enabled=False)
    assert "needs JavaScript" in page.inner_text("#welcome")
    assert not page.is_visible("#start")
    assert page.is_visible("#models .accuracy >> nth=1")
    assert page.locator("#models .score:visible, #models input:visible").count() == 0
    assert page.locator("#welcome a[href='/photo']").first.is_visible()
