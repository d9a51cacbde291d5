"""Tests of the live page with a video or a picture, and with files that it cannot read."""

from __future__ import annotations

import base64
import csv
import io
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page
from skimage import data

from ...support.film import FACE, SECONDS, face_in_frame, write_video
from ..conftest import OpenPage, labels_of, state, wait_for_state, wait_until
from .test_live import LISTEN, frames, start

ASTRONAUT = data.astronaut()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video, pictures, and files that are neither."""
    made = tmp_path_factory.mktemp("files")
    write_video(made / "film.webm")
    large = cv2.resize(ASTRONAUT, (3072, 3072), interpolation=cv2.INTER_CUBIC)
    Image.fromarray(np.hstack([large, large])).save(made / "two.jpg")
    Image.fromarray(ASTRONAUT).save(made / "one.png")
    (made / "empty.png").write_bytes(b"")
    (made / "text.png").write_bytes(b"This is not a picture.")
    (made / "text.mp4").write_bytes(b"This is not a film." * 100)
    (made / "letter.txt").write_bytes(b"This is a letter.")
    Image.new("1", (10_000, 7_000)).save(made / "huge.png")
    return made


def saved(page: Page, press: str) -> tuple[str, bytes]:
    """Name and content of the file that pressing a button saves."""
    with page.expect_download() as download:
        page.evaluate("selector => document.querySelector(selector).click()", press)
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_video_is_analysed_in_the_browser_and_its_recording_is_saved(
    open_page: OpenPage, folder: Path
) -> None:
    page = open_page(init=LISTEN)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.set_input_files("#file", folder / "film.webm")
    wait_for_state(page, "running")
    assert page.evaluate("window.asked") == []
    assert not page.is_checked("#mirror")
    wait_until(page, "document.documentElement.dataset.state === 'paused'")
    assert page.inner_text("#toast") == "The video has ended"
    assert page.inner_text("#position-text") == "0:03 / 0:03"

    name, content = saved(page, "#save-csv")
    assert name.startswith("mien-") and name.endswith(".csv")
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    seconds = [float(row["seconds"]) for row in rows]
    assert 0 <= seconds[0] < 1.5 and seconds == sorted(set(seconds)) and seconds[-1] <= 3
    assert {(row["time"], row["face"], row["label"]) for row in rows} == {("", "1", "happy")}
    name, content = saved(page, "#save-json")
    recording = json.loads(content)
    assert recording["source"] == {"kind": "video", "name": "film.webm"}
    assert recording["labels"] == labels_of(page)
    assert len(recording["samples"]) == len(rows)

    # Playing it again shows results but does not record them again.
    page.click("#pause")
    wait_for_state(page, "running")
    wait_until(page, "document.documentElement.dataset.state === 'paused'")
    again = json.loads(saved(page, "#save-json")[1])
    assert len({one["seconds"] for one in again["samples"]}) == len(again["samples"])
    assert {one["face"] for one in again["samples"]} == {1}
    # Enter on the timeline seeks to the time of the cursor.
    page.focus("#timeline")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    wait_until(page, "Math.abs(document.getElementById('video').currentTime - 1) < 0.1")
    assert set(sent) == {"GET"}


@pytest.mark.parametrize("way", ["choose", "drop", "paste"])
def test_picture_is_analysed_in_the_browser(open_page: OpenPage, folder: Path, way: str) -> None:
    page = open_page(init=LISTEN)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    if way == "choose":
        page.set_input_files("#file", folder / "two.jpg")
    else:
        page.evaluate(
            """([way, bytes]) => {
              const given = new DataTransfer();
              const content = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
              given.items.add(new File([content], 'a.png', { type: 'image/png' }));
              const options = { bubbles: true, cancelable: true };
              if (way === 'drop') {
                for (const kind of ['dragenter', 'dragover', 'drop']) {
                  const event = new DragEvent(kind, { ...options, dataTransfer: given });
                  document.body.dispatchEvent(event);
                }
              } else {
                const event = new ClipboardEvent('paste', { ...options, clipboardData: given });
                document.body.dispatchEvent(event);
              }
            }""",
            [way, base64.b64encode((folder / "one.png").read_bytes()).decode()],
        )
    wait_for_state(page, "done")
    faces = 2 if way == "choose" else 1
    assert page.locator("#scores .face:not(.empty)").count() == faces
    assert not page.is_visible("#pause") and not page.is_visible("#timeline-panel")
    rows = list(csv.DictReader(io.StringIO(saved(page, "#save-csv")[1].decode())))
    assert [(row["seconds"], row["label"]) for row in rows] == [("0.0", "happy")] * faces
    # Boxes are in pixels of the original picture, although it was reduced for the analysis.
    scale = 6 if way == "choose" else 1
    box = min(rows, key=lambda row: float(row["x"]))
    for name, expected in zip(("x", "y", "width", "height"), FACE, strict=True):
        assert float(box[name]) == pytest.approx(expected * scale, abs=30 * scale)
    name, content = saved(page, "#save-picture")
    assert name.endswith(".png") and content.startswith(b"\x89PNG")
    size = Image.open(io.BytesIO(content)).size
    assert size == ((2048, 1024) if way == "choose" else (512, 512))
    assert set(sent) == {"GET"}
    page.click("#stop")
    assert state(page) == "idle"


def test_unreadable_files_change_nothing(open_page: OpenPage, folder: Path) -> None:
    page = open_page(init=LISTEN)
    sentences = {
        "empty.png": "empty.png is empty",
        "text.png": "text.png cannot be read as a picture by this browser",
        "text.mp4": "text.mp4 cannot be played by this browser",
        "letter.txt": "letter.txt is neither a picture nor a video but text/plain",
        "huge.png": "huge.png has 10000 × 7000 pixels, 70 megapixels; at most 64",
    }

    def refuse() -> None:
        for name, sentence in sentences.items():
            page.set_input_files("#file", folder / name)
            page.wait_for_selector(f"#message:has-text('{sentence}')")

    refuse()
    assert state(page) == "idle"
    start(page)
    refuse()
    assert state(page) == "running"
    frames(page, page.evaluate("window.seen.length") + 3)
    assert page.evaluate("window.streams[0].getTracks()[0].readyState") == "live"
    page.set_input_files("#file", folder / "one.png")
    wait_for_state(page, "done")
    assert not page.is_visible("#message")
    assert page.evaluate("window.streams[0].getTracks()[0].readyState") == "ended"


def test_video_damaged_in_the_middle(open_page: OpenPage, folder: Path) -> None:
    whole = (folder / "film.webm").read_bytes()
    middle = len(whole) // 2
    broken = folder / "broken.webm"
    broken.write_bytes(whole[:middle] + bytes(len(whole) - middle))
    page = open_page(init=LISTEN)
    page.set_input_files("#file", broken)
    wait_until(page, "document.documentElement.dataset.state === 'paused'")
    # The recording up to the damage is kept.
    assert len(json.loads(saved(page, "#save-json")[1])["samples"]) > 3


def face_at(page: Page, seconds: float, move: str) -> dict[str, float]:
    """The box of the face that is shown once `move`, a script, has moved the video there."""
    page.evaluate("window.seen = []")
    page.evaluate(move)
    wait_until(page, "window.seen.length > 0")
    (result,) = page.evaluate("window.seen")
    assert abs(page.evaluate("document.getElementById('video').currentTime") - seconds) < 0.1
    (face,) = result["faces"]
    box: dict[str, float] = face["box"]
    return box


def test_seeking_in_a_paused_video_analyses_the_frame_that_is_shown(
    open_page: OpenPage, folder: Path
) -> None:
    page = open_page(init=LISTEN)
    page.set_input_files("#file", folder / "film.webm")
    wait_for_state(page, "running")
    wait_until(page, "document.getElementById('video').currentTime > 1")
    page.click("#pause")
    wait_for_state(page, "paused")
    recorded = saved(page, "#save-csv")[1]
    slider = """const slider = document.getElementById('position');
        slider.value = '{}';
        slider.dispatchEvent(new Event('input', {{ bubbles: true }}));"""
    timeline = """const timeline = document.getElementById('timeline');
        for (const key of ['Home', 'ArrowRight', 'Enter']) {
          timeline.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        }"""
    for seconds, move in ((2.5, slider.format(2.5)), (0.4, slider.format(0.4)), (1.0, timeline)):
        box = face_at(page, seconds, move)
        x, y, side = face_in_frame(seconds / SECONDS)
        assert abs(box["x"] + box["width"] / 2 - x) < 0.2 * side, seconds
        assert abs(box["y"] + box["height"] / 2 - y) < 0.2 * side, seconds
    assert state(page) == "paused"
    assert "happy" in page.inner_text("#announcement")
    assert saved(page, "#save-csv")[1] == recorded, "looking around is not recorded"
    # The saved picture shows the box of this frame: the outer edge of its left side is marked.
    box = face_at(page, 2.5, slider.format(2.5))
    content = saved(page, "#save-picture")[1]
    drawn = np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)
    middle = drawn[int((box["y"] + box["height"] / 2) * drawn.shape[0] / 480)]
    left = int(box["x"] * drawn.shape[1] / 640)
    around = middle[max(0, left - 6) : left + 7]
    assert (around.max(axis=1) - around.min(axis=1)).max() > 40, "the box's colour"
    page.click("#pause")
    wait_for_state(page, "running")
