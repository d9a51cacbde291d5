"""Tests of the live page with a camera; the fake camera plays a video of the astronaut picture."""

from __future__ import annotations

import math
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from ...support.browser import Server
from ...support.film import FRAMES, face_in_frame
from ..conftest import (
    SET_HIDDEN,
    OpenPage,
    labels_of,
    state,
    wait_for,
    wait_for_state,
    wait_until,
    worker_memory,
)

LISTEN = """
window.seen = [];
document.addEventListener('mien:result', ({ detail }) => window.seen.push(structuredClone(detail)));
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.asked = [];
window.streams = [];
navigator.mediaDevices.getUserMedia = async (wish) => {
  window.asked.push(wish);
  const stream = await ask(wish);
  window.streams.push(stream);
  return stream;
};
"""

NO_MORE_RESULTS = """async () => {
  const before = window.seen.length;
  for (let i = 0; i < 60; i += 1) await new Promise(requestAnimationFrame);
  return window.seen.length === before;
}"""
"""Whether no result comes while the page draws 60 frames."""


def start(page: Page) -> None:
    page.click("#start")
    wait_for_state(page, "running")


def frames(page: Page, count: int) -> None:
    """Wait until `count` frames were processed in all."""
    wait_until(page, "n => window.seen.length >= n", arg=count, timeout=240_000)


def results(page: Page) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = page.evaluate("window.seen")
    return seen


@pytest.mark.parametrize("saving", [False, True])
def test_only_the_workers_script_is_preloaded(open_page: OpenPage, saving: bool) -> None:
    saves = "Object.defineProperty(navigator, 'connection', { value: { saveData: %s } });"
    page = open_page(None, init=saves % str(saving).lower())
    urls: list[str] = []
    page.context.on("request", lambda request: urls.append(request.url))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert sum("recognizer.worker.js" in url for url in urls) == (0 if saving else 1)
    assert not any(".wasm" in url or "/models/" in url or "blazeface" in url for url in urls)


def test_camera_is_requested_only_after_the_button_is_pressed(open_page: OpenPage) -> None:
    page = open_page(init=LISTEN)
    assert page.is_visible("#welcome")
    assert "Nothing leaves this browser" in page.inner_text("#welcome")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.asked") == []
    assert state(page) == "idle"
    start(page)
    asked = page.evaluate("window.asked")
    assert len(asked) == 1
    assert asked[0]["audio"] is False


def test_face_in_the_video_is_recognised(open_page: OpenPage) -> None:
    """A face in over 90 % of frames, mostly happy, with its box where the video has the face."""
    page = open_page(init=LISTEN)
    labels = labels_of(page)
    start(page)
    frames(page, 150)
    seen = results(page)
    with_face = [result for result in seen if result["faces"]]
    assert len(with_face) / len(seen) > 0.9
    assert all(result["image"] == {"width": 640, "height": 480} for result in seen)
    assert all(set(result["timings"]) >= {"detect", "crop", "predict", "total"} for result in seen)

    faces = [face for result in with_face for face in result["faces"]]
    for face in faces:
        assert list(face["scores"]) == labels
        assert sum(face["scores"].values()) == pytest.approx(1, abs=1e-3)
        assert face["score"] == max(face["scores"].values()) == face["scores"][face["label"]]
    assert len(faces) / len(with_face) < 1.05, "faces are seen where there is none"
    happy = sum(face["label"] == "happy" for face in faces)
    assert happy / len(faces) > 0.5

    path = [face_in_frame(turn / FRAMES) for turn in range(FRAMES)]

    def distance(face: dict[str, Any]) -> float:
        """Smallest distance between the box and the face's path, in sides of the face."""
        box = face["box"]
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        side = max(box["width"], box["height"])
        return min(math.dist((x, y, side), where) / where[2] for where in path)

    distances = sorted(distance(face) for face in faces)
    assert distances[len(distances) // 2] < 0.2
    assert distances[int(len(distances) * 0.95)] < 0.35
    travelled = [face["box"]["x"] + face["box"]["width"] / 2 for face in faces]
    should = [x for x, _, _ in path]
    assert max(travelled) - min(travelled) > 0.7 * (max(should) - min(should))


def test_page_shows_the_scores(open_page: OpenPage) -> None:
    page = open_page(init=LISTEN, viewport={"width": 1280, "height": 900})
    labels = labels_of(page)
    start(page)
    frames(page, 30)
    rows = page.locator("#scores .face:not(.empty) tbody tr")
    assert rows.locator("th").all_inner_texts() == labels
    shown = page.evaluate(
        """() => {
          const last = window.seen.at(-1).faces[0];
          const face = document.querySelector('#scores .face:not(.empty)');
          const fills = [...face.querySelectorAll('.fill')];
          const wide = (element) => element.getBoundingClientRect().width;
          return {
            last,
            label: face.querySelector('.label').textContent,
            values: [...face.querySelectorAll('.value')].map((cell) => cell.textContent),
            widths: fills.map((fill) => Number(fill.getAttribute('width'))),
            drawn: fills.map((fill) => wide(fill) / wide(fill.closest('svg'))),
          };
        }"""
    )
    scores = list(shown["last"]["scores"].values())
    assert shown["label"] == ("unsure" if shown["last"]["unsure"] else shown["last"]["label"])
    assert [int(value.rstrip("%")) for value in shown["values"]] == pytest.approx(
        [score * 100 for score in scores], abs=0.51
    )
    assert shown["widths"] == pytest.approx([score * 100 for score in scores], abs=0.06)
    assert shown["drawn"] == pytest.approx(scores, abs=0.02)
    wait_until(page, "Number(document.getElementById('rate').value) > 0")
    wait_until(page, "document.getElementById('announcement').textContent.startsWith('One face: ')")


def test_overlay_is_over_the_face_mirrored_or_not(open_page: OpenPage) -> None:
    page = open_page(init=LISTEN, viewport={"width": 1280, "height": 900})
    start(page)
    frames(page, 10)
    # Compare the drawn pixels of the overlay with the box of the same frame.
    ink = """() => new Promise((resolve) => {
      document.addEventListener('mien:result', ({ detail }) => {
        const canvas = document.getElementById('overlay');
        const { width, height } = canvas;
        const pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data;
        const ink = [];
        const line = Math.round((detail.faces[0].box.y + detail.faces[0].box.height / 2)
          * height / detail.image.height);
        for (let x = 0; x < width; x += 1) {
          if (pixels[(line * width + x) * 4 + 3] > 200) ink.push(x);
        }
        resolve({ box: detail.faces[0].box, ink: [ink[0], ink.at(-1)], width, height,
          style: getComputedStyle(document.getElementById('video')).transform });
      }, { once: true });
    })"""
    for mirrored in (True, False):
        page.set_checked("#mirror", mirrored)
        found = page.evaluate(ink)
        # The picture is centred in the view, as large as possible.
        scale = min(found["width"] / 640, found["height"] / 480)
        margin = (found["width"] - 640 * scale) / 2
        edges = [found["box"]["x"], found["box"]["x"] + found["box"]["width"]]
        if mirrored:
            edges = [640 - edges[1], 640 - edges[0]]
        assert found["ink"] == pytest.approx([margin + edge * scale for edge in edges], abs=6)
        assert found["style"].startswith("matrix(-1") == mirrored


def test_500_frames_leak_no_tensor_and_make_no_request(open_page: OpenPage, server: Server) -> None:
    page = open_page(init=LISTEN)
    start(page)
    frames(page, 20)
    page.click("#stop")
    before = worker_memory(page)
    assert before["numTensors"] > 0
    page.evaluate("window.seen.length = 0")
    requests_before = server.requests()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    start(page)
    frames(page, 500)
    page.click("#stop")
    assert worker_memory(page)["numTensors"] == before["numTensors"]
    assert [url for url in asked if not url.startswith("blob:")] == []
    assert server.requests() == requests_before


def test_stop_releases_the_camera(open_page: OpenPage) -> None:
    page = open_page(init=LISTEN)
    start(page)
    frames(page, 5)
    page.click("#stop")
    assert state(page) == "idle"
    assert page.is_visible("#welcome")
    assert page.evaluate("window.streams[0].getTracks().map((track) => track.readyState)") == [
        "ended"
    ]
    wait_until(page, NO_MORE_RESULTS)


def test_no_frames_are_analysed_while_the_page_is_hidden(open_page: OpenPage) -> None:
    page = open_page(init=LISTEN)
    start(page)
    frames(page, 5)
    page.evaluate(SET_HIDDEN, True)
    assert state(page) == "paused"
    wait_until(page, NO_MORE_RESULTS)
    count = len(results(page))
    page.evaluate(SET_HIDDEN, False)
    assert state(page) == "running"
    frames(page, count + 5)


def test_cancel_while_loading_closes_the_camera(open_page: OpenPage) -> None:
    page = open_page(init=LISTEN)
    held: list[Route] = []
    page.route("**/model.json*", lambda route: held.append(route))
    page.click("#start")
    wait_until(page, "window.streams.length === 1", timeout=60_000)
    wait_for(page, lambda: held)
    page.click("#cancel")
    assert state(page) == "idle"
    held[0].continue_()
    wait_until(page, "window.streams[0].getTracks().every((t) => t.readyState === 'ended')")
    start(page)
    frames(page, 3)


def test_camera_can_be_changed(open_page: OpenPage) -> None:
    """Chromium has one fake camera; listing it twice gives the page a second one."""
    two = (
        LISTEN
        + """
    const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
    navigator.mediaDevices.enumerateDevices = async () => {
      const one = (await list()).find((device) => device.kind === 'videoinput');
      const { deviceId, kind } = one;
      return [one, { kind, deviceId, groupId: '', label: 'Second camera' }];
    };"""
    )
    page = open_page(init=two)
    start(page)
    page.wait_for_selector("#camera-field:not([hidden])")
    options = page.locator("#camera option")
    assert options.count() == 2
    assert options.nth(1).inner_text() == "Second camera"
    count = len(results(page))
    page.select_option("#camera", index=1)
    wait_until(page, "window.asked.length === 2")
    wait_for_state(page, "running")
    assert page.evaluate("window.asked[1].video.deviceId.exact") == options.nth(1).get_attribute(
        "value"
    )
    assert page.evaluate("window.streams[0].getTracks()[0].readyState") == "ended"
    frames(page, count + 5)


def test_keyboard_alone_starts_and_stops(open_page: OpenPage) -> None:
    page = open_page(init=LISTEN)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "start"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    wait_for_state(page, "running")
    assert page.evaluate("document.activeElement.id") == "stop"
    page.keyboard.press("Enter")
    wait_for_state(page, "idle")
    assert page.evaluate("document.activeElement.id") == "start"
