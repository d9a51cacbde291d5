"""The page about mien.js: its examples run and are copied as they are shown, and what it says about
other sites' policies is true."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, send_file
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from app import create_app

from ..support.browser import ROOT
from .conftest import OpenPage, wait_until
from .live.test_live_errors import KEEP, REJECT

Picture = Callable[[str], Path]
BRIGHT = """() => {
  const canvas = document.querySelector('#picture-example canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let white = 0;
  for (let i = 0; i < data.length; i += 4) white += data[i] + data[i + 1] + data[i + 2] === 765;
  return { width: canvas.width, height: canvas.height, white };
}"""
RECOGNISE = """async (mien) => {
  const { createRecognizer } = await import(mien);
  const picture = new Image();
  picture.src = '/picture.png';
  await picture.decode();
  const recognizer = await createRecognizer();
  const { faces } = await recognizer.recognize(picture);
  const { threads } = recognizer.info;
  recognizer.dispose();
  return { labels: faces.map(({ label }) => label), threads, isolated: crossOriginIsolated };
}"""


def says(page: Page, where: str, words: str) -> None:
    wait_until(page, f"document.querySelector('{where}').textContent.includes({words!r})")


def test_the_picture_example(open_page: OpenPage, picture: Picture) -> None:
    page = open_page("/embed")
    page.set_input_files("#picture-example input", picture("two astronauts"))
    says(page, "#picture-example output", "happy")
    assert re.fullmatch(r"happy \d+ %, happy \d+ %", page.inner_text("#picture-example output"))
    drawn = page.evaluate(BRIGHT)
    assert (drawn["width"], drawn["height"]) == (1024, 512)
    assert drawn["white"] > 1000, "no box is drawn"
    page.set_input_files("#picture-example input", picture("text"))
    says(page, "#picture-example output", "The picture cannot be read")
    assert not page.is_visible("#picture-example canvas")
    page.set_input_files("#picture-example input", picture("brick"))
    says(page, "#picture-example output", "No face")


def test_the_camera_example(open_page: OpenPage) -> None:
    page = open_page("/embed", init=KEEP)
    page.click("#camera-example button")
    says(page, "#camera-example p", "happy")
    assert page.is_visible("#camera-example video")
    page.click("#camera-example button")
    assert page.inner_text("#camera-example button") == "Start camera"
    assert not page.is_visible("#camera-example video")
    assert page.evaluate("window.streams[0].getTracks()[0].readyState") == "ended"
    page.click("#camera-example button")
    says(page, "#camera-example p", "happy")


def test_the_camera_example_without_a_camera(open_page: OpenPage) -> None:
    page = open_page("/embed", init=REJECT.format(name="NotAllowedError"))
    page.click("#camera-example button")
    says(page, "#camera-example p", "The camera could not be opened: no.")
    assert page.inner_text("#camera-example button") == "Start camera"


def test_the_shown_code_is_the_code_that_runs_and_is_copied(open_page: OpenPage) -> None:
    page = open_page("/embed", permissions=["clipboard-read", "clipboard-write"])
    runs = page.locator("script[src*='/static/examples/']")
    texts = [page.request.get(one.get_attribute("src") or "").text() for one in runs.all()]
    assert len(texts) == 2
    shown = page.locator("figure.code code").all_inner_texts()
    assert {text.rstrip() for text in texts} <= set(shown)
    for name in ("picture", "camera"):
        markup = (ROOT / "templates" / "examples" / f"{name}.html").read_text(encoding="utf-8")
        assert markup.rstrip() in shown
        assert page.locator(f".demo > #{name}-example").count() == 1
    buttons = page.locator("button.copy")
    assert buttons.count() == len(shown) == 7
    for index, text in enumerate(shown):
        buttons.nth(index).click()
        assert page.evaluate("navigator.clipboard.readText()") == text
    assert page.inner_text("#announcement") == "Copied"
    page.wait_for_selector("button.copy:has-text('Copied')", state="detached")
    refused = "navigator.clipboard.writeText = () => Promise.reject(new Error('no'));"
    page.evaluate(f"() => {{ {refused} }}")
    buttons.first.click()
    assert "Selected" in buttons.first.inner_text()
    assert page.evaluate("getSelection().toString()").strip() == shown[0].strip()


@contextmanager
def running(app: Any, port: int = 0) -> Iterator[str]:
    """The app on a port of its own; its address."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()


def another_site(policy: str, isolated: bool, picture: Path) -> Flask:
    """A site with a page, a picture, copies of our static files, and a policy of its own."""
    site = Flask("another", static_folder=str(ROOT / "static"))
    site.add_url_rule("/", "page", lambda: "<!doctype html><title>Another</title>")
    site.add_url_rule("/picture.png", "picture", lambda: send_file(picture))

    @site.after_request
    def add_headers(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; img-src 'self'; {policy}"
        )
        if isolated:
            response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
            response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
        return response

    return site


def policies(text: str) -> dict[str, str]:
    """The policies that the page shows, by "own copies" and "imported"."""
    found = re.findall(r"<figcaption>policy, ([a-z ]+)<.*?<code>(.*?)</code>", text, re.DOTALL)
    return {name: html.unescape(code) for name, code in found}


@pytest.mark.parametrize("isolated", [False, True])
@pytest.mark.parametrize("way", ["own copies", "imported"])
def test_another_site(browser: Browser, picture: Picture, way: str, isolated: bool) -> None:
    """What the page says it takes is enough, in a page that is isolated and in one that is not."""
    ours = create_app({"MIEN_CORS_ORIGINS": "*", "MIEN_RATE_LIMIT": ""})
    with running(ours) as here:
        shown = policies(ours.test_client().get("/embed", base_url=here).text)
        assert set(shown) == {"own copies", "imported"}
        with running(another_site(shown[way], isolated, picture("astronaut"))) as there:
            context = browser.new_context()
            page = context.new_page()
            page.goto(there)
            base = there if way == "own copies" else here
            found = page.evaluate(RECOGNISE, f"{base}/static/dist/mien.js")
            context.close()
    assert found["labels"] == ["happy"]
    assert found["isolated"] is isolated
    if not isolated or way == "imported":
        assert found["threads"] == 1


def test_another_site_that_is_not_allowed(browser: Browser, picture: Picture) -> None:
    ours = create_app({"MIEN_CORS_ORIGINS": "https://example.org", "MIEN_RATE_LIMIT": ""})
    with running(ours) as here, running(another_site("", False, picture("astronaut"))) as there:
        context = browser.new_context()
        page = context.new_page()
        page.goto(there)
        refused = page.evaluate(
            "(mien) => import(mien).then(() => '', ({ message }) => message)",
            f"{here}/static/dist/mien.js",
        )
        context.close()
    assert "Failed to fetch dynamically imported module" in refused
