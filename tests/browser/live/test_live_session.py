"""Tests of the recording, of what the page stores, of preferences and keyboard shortcuts."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

import cv2
import numpy as np
from playwright.sync_api import Page

from ..conftest import OpenPage, contract_of, labels_of, state, wait_for_state, wait_until
from .test_live import LISTEN, NO_MORE_RESULTS, frames, results, start
from .test_live_files import saved

INK = """() => {
  const canvas = document.getElementById('timeline');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const accent = getComputedStyle(canvas).getPropertyValue('--accent').trim();
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(accent.slice(at, at + 2), 16));
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    count += data[i] === r && data[i + 1] === g && data[i + 2] === b;
  }
  return count;
}"""
KEPT = """async () => ({
  local: { ...localStorage },
  session: { ...sessionStorage },
  databases: (await indexedDB.databases()).length,
  caches: await caches.keys(),
  cookies: document.cookie,
})"""


def seen(page: Page) -> int:
    return int(page.evaluate("window.seen.length"))


def test_pause_timeline_summary_and_files(open_page: OpenPage) -> None:
    page = open_page(init=LISTEN, viewport={"width": 1280, "height": 900})
    labels = labels_of(page)
    before = datetime.now(UTC)
    start(page)
    frames(page, 30)
    wait_until(page, "Number(document.getElementById('timeline').ariaValueNow) > 2")
    assert page.evaluate(INK) > 100

    page.click("#pause")
    assert state(page) == "paused"
    assert page.inner_text("#pause") == "Resume"
    wait_until(page, NO_MORE_RESULTS)
    count = seen(page)
    # The pause must be long enough to be a gap in the recording.
    paused = page.evaluate("performance.now()")
    wait_until(page, "start => performance.now() > start + 800", arg=paused)
    assert seen(page) == count

    page.focus("#timeline")
    page.keyboard.press("ArrowLeft")
    reading = page.inner_text("#readout")
    assert "happy" in reading and "%" in reading
    assert page.get_attribute("#timeline", "aria-valuetext") == page.text_content("#readout")
    page.evaluate("document.getElementById('session-panel').open = true")
    wait_until(page, "document.querySelectorAll('#summary tbody tr').length >= 1")
    heads = page.locator("#summary thead th").all_inner_texts()
    assert heads == ["Face", "In view", *labels, "unsure"]
    page.evaluate("document.getElementById('segments').open = true")
    wait_until(page, "document.querySelectorAll('#segment-rows tr').length >= 1")
    assert "happy" in page.inner_text("#segment-rows")

    page.click("#pause")
    wait_for_state(page, "running")
    frames(page, count + 10)
    page.click("#stop")
    assert page.is_visible("#panels"), "the recording can be saved after the stop"

    _, content = saved(page, "#save-json")
    recording = json.loads(content)
    assert recording["labels"] == labels
    contract = contract_of(page)
    assert recording["contract_version"] == contract["contract_version"]
    assert recording["model"] == contract["model"]
    began = datetime.fromisoformat(recording["started"])
    assert before - timedelta(seconds=1) < began < datetime.now(UTC)
    rows = list(csv.DictReader(io.StringIO(saved(page, "#save-csv")[1].decode())))
    assert len(rows) == len(recording["samples"]) > 10
    for row in rows:
        when = datetime.fromisoformat(row["time"])
        assert abs((when - began).total_seconds() - float(row["seconds"])) < 0.002
        scores = [float(row[f"score_{label}"]) for label in labels]
        assert abs(sum(scores) - 1) < 1e-3
        assert row["label"] == labels[int(np.argmax(scores))]
    times = sorted({float(row["seconds"]) for row in rows})
    assert max(b - a for a, b in pairwise(times)) > 0.7, "the pause is a gap"

    kept = page.evaluate(KEPT)
    assert set(kept.pop("local")) <= {"mien.live"}
    assert kept == {"session": {}, "databases": 0, "caches": [], "cookies": ""}
    page.click("#clear")
    assert not page.is_visible("#panels")
    page.reload()
    assert not page.is_visible("#panels")


def test_saved_picture_is_mirrored_but_its_captions_are_not(open_page: OpenPage) -> None:
    page = open_page(init=LISTEN)
    start(page)
    wait_until(page, "window.seen.at(-1)?.faces.length === 1")
    page.click("#pause")
    pictures = []
    for mirrored in (False, True):
        page.set_checked("#mirror", mirrored)
        content = saved(page, "#save-picture")[1]
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert picture.shape == (480, 640)
        pictures.append(picture)
    plain, mirrored_one = pictures
    same = np.abs(plain.astype(int) - mirrored_one[:, ::-1]) < 12
    assert same.mean() > 0.85
    # Only the caption differs: find it where the pictures are not mirror images.
    ys, xs = np.where(~same)
    top, bottom = int(np.percentile(ys, 2)), int(np.percentile(ys, 98)) + 1
    left, right = int(np.percentile(xs, 2)), int(np.percentile(xs, 98)) + 1
    text = (plain[top:bottom, left:right] > 235).astype(np.uint8)
    white = (mirrored_one > 235).astype(np.uint8)
    upright = cv2.matchTemplate(white, text, cv2.TM_CCOEFF_NORMED).max()
    flipped = cv2.matchTemplate(white, text[:, ::-1].copy(), cv2.TM_CCOEFF_NORMED).max()
    assert upright > flipped + 0.1


def test_preferences_are_stored(open_page: OpenPage) -> None:
    page = open_page(init=LISTEN)
    start(page)
    page.uncheck("#mirror")
    page.select_option("#span", "300")
    page.click("#timeline-panel summary")
    page.click("#session-panel > summary")
    wait_until(page, "JSON.parse(localStorage['mien.live']).session")
    page.reload()
    start(page)
    assert not page.is_checked("#mirror")
    assert page.input_value("#span") == "300"
    assert page.evaluate("document.getElementById('timeline-panel').open") is False
    assert page.evaluate("document.getElementById('session-panel').open") is True


def test_browser_with_blocked_storage(open_page: OpenPage) -> None:
    blocked = """
    Object.defineProperty(window, 'localStorage', {
      get() { throw new DOMException('blocked', 'SecurityError'); } });
    """
    page = open_page(init=LISTEN + blocked)
    start(page)
    page.uncheck("#mirror")
    frames(page, 5)
    page.click("#stop")
    start(page)
    assert not page.is_checked("#mirror"), "the value must hold for this visit"


def test_keyboard_shortcuts(open_page: OpenPage) -> None:
    page = open_page(init=LISTEN)
    page.keyboard.press("s")
    wait_for_state(page, "running")
    frames(page, 5)
    page.keyboard.press("p")
    assert state(page) == "paused"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    wait_for_state(page, "running")
    page.keyboard.press("m")
    assert not page.is_checked("#mirror")
    page.keyboard.press("t")
    assert page.evaluate("document.getElementById('timeline-panel').open") is False
    page.keyboard.press("t")
    frames(page, seen(page) + 5)
    for key, ending in (("i", ".png"), ("e", ".csv"), ("j", ".json")):
        with page.expect_download() as download:
            page.keyboard.press(key)
        assert download.value.suggested_filename.endswith(ending)
    page.evaluate(
        "document.getElementById('file').addEventListener('click', () => { window.opened = 1; })"
    )
    page.keyboard.press("o")
    assert page.evaluate("window.opened") == 1
    page.keyboard.press("f")
    wait_until(page, "document.fullscreenElement?.id === 'content'")
    stage, controls = (page.locator(one).bounding_box() for one in ("#stage", ".toolbar"))
    assert stage and controls
    assert stage["y"] + stage["height"] <= controls["y"], "the picture covers the controls"
    wait_until(
        page, "document.getElementById('full-screen').getAttribute('aria-pressed') === 'true'"
    )
    page.keyboard.press("f")
    wait_until(page, "document.fullscreenElement === null")

    # Letters in a form field are no shortcuts.
    page.focus("#span")
    page.keyboard.press("p")
    assert state(page) == "running"
    page.focus("#pause")
    page.keyboard.press("Control+p")
    assert state(page) == "running"
    page.keyboard.press("?")
    assert page.is_visible("#shortcuts-dialog")
    page.keyboard.press("p")
    assert state(page) == "running"
    page.uncheck("#shortcuts-enabled")
    page.keyboard.press("Escape")
    assert not page.is_visible("#shortcuts-dialog")
    assert page.evaluate("document.activeElement.id") == "pause"
    page.keyboard.press("p")
    assert state(page) == "running", "shortcuts are turned off"
    page.click("#show-shortcuts")
    page.check("#shortcuts-enabled")
    page.click("#shortcuts-dialog .primary")
    page.keyboard.press("s")
    assert state(page) == "idle"


def test_results_are_announced_politely(open_page: OpenPage) -> None:
    note = """
    window.said = [];
    addEventListener('DOMContentLoaded', () => {
      const observer = new MutationObserver(() => said.push(performance.now()));
      observer.observe(document.getElementById('announcement'), { childList: true, subtree: true });
    });
    """
    page = open_page(init=LISTEN + note)
    assert page.get_attribute("#announcement", "aria-live") == "polite"
    start(page)
    # Long enough for two more announcements, if the sentence changes.
    wait_until(page, "performance.now() > window.said[0] + 4500")
    times = page.evaluate("window.said")
    assert times
    assert all(b - a > 1900 for a, b in pairwise(times))
    assert len(results(page)) > 10


def test_reduced_motion(open_page: OpenPage) -> None:
    count = """
    window.drawn = [];
    const clear = CanvasRenderingContext2D.prototype.clearRect;
    CanvasRenderingContext2D.prototype.clearRect = function (...place) {
      if (this.canvas.id === 'timeline') window.drawn.push(performance.now());
      return clear.apply(this, place);
    };
    """
    between = {}
    for motion in ("reduce", "no-preference"):
        page = open_page(init=LISTEN + count, reduced_motion=motion)
        start(page)
        page.evaluate("window.drawn.length = 0")
        wait_until(page, "window.drawn.length >= 4")
        times = page.evaluate("window.drawn")
        between[motion] = median(b - a for a, b in pairwise(times))
        duration = page.evaluate(
            "getComputedStyle(document.querySelector('.fill')).transitionProperty"
        )
        assert (duration == "none") == (motion == "reduce")
    assert between["reduce"] > 800
    assert between["no-preference"] < 500
