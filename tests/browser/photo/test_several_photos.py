"""Several photos on the photo page: what becomes of each, and the files that can be saved."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, Route
from skimage import data

from ..conftest import OpenPage, state, wait_for, wait_for_state, wait_until
from ..test_pages import assert_contrast, too_wide
from .test_photo import WITH_AND_WITHOUT, Picture, assert_captioned, send


@pytest.fixture
def three(picture: Picture, tmp_path: Path) -> list[Path]:
    """A photo with one face, a file that is no picture, and a photo with two faces, of different
    sizes so that their order is certain."""
    astronaut = data.astronaut()[:, :, ::-1]
    smaller = cv2.copyMakeBorder(
        cv2.resize(astronaut, (384, 384)), 64, 64, 64, 64, cv2.BORDER_REPLICATE
    )
    two = tmp_path / "two people.png"
    cv2.imwrite(str(two), np.hstack([smaller, astronaut]))
    return [picture("astronaut"), picture("text"), two]


def saved(page: Page, selector: str) -> tuple[str, bytes]:
    """(suggested name, content) of the file that a link saves."""
    with page.expect_download() as download:
        page.click(selector)
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def rows(page: Page) -> list[dict[str, str]]:
    name, content = saved(page, "#csv")
    assert name == "mien.csv"
    return list(csv.DictReader(io.StringIO(content.decode())))


@WITH_AND_WITHOUT
def test_each_photo_has_its_own_result(
    open_page: OpenPage, three: list[Path], scripts: bool
) -> None:
    page = open_page("/photo", java_script_enabled=scripts, expected_errors="status of 400")
    send(page, three, scripts)
    photos = page.locator(".photo")
    names = page.locator(".photo .name").all_inner_texts()
    assert names == [path.name for path in three]
    assert [photos.nth(n).locator(".face").count() for n in range(3)] == [1, 0, 2]
    assert "not a picture" in photos.nth(1).locator(".message").inner_text()
    assert not photos.nth(0).locator(".message").is_visible()
    said = page.inner_text("#photo-status")
    assert said == "3 faces in 2 photos. One photo could not be read."
    assert not page.is_visible("#photo-error")


def test_saved_files_are_the_same_with_and_without_scripts(
    open_page: OpenPage, three: list[Path]
) -> None:
    tables, objects = [], []
    for scripts in (True, False):
        page = open_page("/photo", java_script_enabled=scripts, expected_errors="status of 400")
        send(page, three, scripts)
        tables.append(rows(page))
        name, content = saved(page, "#json")
        assert name == "mien.json"
        objects.append([without_times(one) for one in json.loads(content)["photos"]])
    assert tables[0] == tables[1]
    assert [row["name"] for row in tables[0]] == [
        "astronaut.png", "text.jpg", "two people.png", "two people.png"
    ]  # fmt: skip
    assert [row["label"] for row in tables[0]] == ["happy", "", "happy", "happy"]
    # Of a problem the page keeps what it shows, its sentence.
    sentences = [photos[1].pop("problem")["detail"] for photos in objects]
    assert sentences[0] == sentences[1]
    assert objects[0] == objects[1]


def without_times(result: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in result.items() if key != "timings_ms"}


@WITH_AND_WITHOUT
def test_photo_with_the_face_drawn_is_saved(
    open_page: OpenPage, picture: Picture, scripts: bool
) -> None:
    page = open_page("/photo", java_script_enabled=scripts)
    send(page, picture("astronaut"), scripts)
    page.wait_for_selector(".photo .save a[href]")
    for _ in range(2):
        name, content = saved(page, ".photo .save a")
        assert name == ("astronaut-mien.jpg" if scripts else "mien-1.jpg")
        assert content.startswith(b"\xff\xd8\xff")
        assert_captioned(content)


def test_server_draws_a_photo_that_the_browser_cannot_show(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page("/photo")
    path = tmp_path / "scan.tiff"
    cv2.imwrite(str(path), data.astronaut()[:, :, ::-1])
    send(page, path, scripts=True)
    page.wait_for_selector(".photo .save a[href]")
    wait_until(page, "document.querySelector('.preview img').naturalWidth === 512")
    assert page.is_visible(".preview img")
    name, content = saved(page, ".photo .save a")
    assert name == "scan-mien.jpg"
    assert_captioned(content)


ADDRESSES = """
window.addresses = new Set();
const { createObjectURL, revokeObjectURL } = URL;
URL.createObjectURL = (blob) => {
  const address = createObjectURL(blob);
  addresses.add(address);
  return address;
};
URL.revokeObjectURL = (address) => (addresses.delete(address), revokeObjectURL(address));
// What a browser is handed to save it is let go of after a minute; here after a moment.
const later = window.setTimeout.bind(window);
window.setTimeout = (act, ms, ...more) => later(act, ms === 60_000 ? 300 : ms, ...more);
"""


def test_clear_frees_all_memory_of_the_photos(
    open_page: OpenPage, picture: Picture, tmp_path: Path
) -> None:
    page = open_page("/photo", init=ADDRESSES)
    scan = tmp_path / "scan.tiff"
    cv2.imwrite(str(scan), data.astronaut()[:, :, ::-1])
    send(page, [picture("astronaut"), scan], scripts=True)
    wait_until(page, "document.querySelectorAll('.photo .save:not([hidden])').length === 2")
    for selector in (".photo >> nth=0 >> .save a", ".photo >> nth=0 >> .save a", "#csv", "#json"):
        saved(page, selector)
    assert page.evaluate("addresses.size") > 2
    page.click("#clear")
    wait_until(page, "addresses.size === 0")


def test_errors_while_drawing_and_in_the_answer(open_page: OpenPage, picture: Picture) -> None:
    page = open_page("/photo", expected_errors="TypeError")
    page.evaluate("() => { HTMLCanvasElement.prototype.toBlob = (then) => then(null); }")
    send(page, picture("astronaut"), scripts=True)
    page.click(".photo .save a")
    page.wait_for_selector(".photo .message:not([hidden])")
    said = page.inner_text(".photo .message")
    assert said.startswith("This browser could not draw the faces on the photo")
    assert page.locator(".photo .face").count() == 1
    # An answer of another form than ours, as from something in between.
    page.route("**/api/v1/recognize", lambda route: route.fulfill(json={"ok": True}))
    page.set_input_files("#photo", picture("brick"))
    wait_for_state(page, "error", errors=False)
    said = page.locator(".photo .message").first.inner_text()
    assert said == "The answer could not be shown. Reload the page and try again."


def test_progress_of_each_photo_is_shown(open_page: OpenPage, picture: Picture) -> None:
    page = open_page("/photo")
    held: list[Route] = []
    page.route("**/api/v1/recognize", lambda route: held.append(route))

    def release() -> None:
        wait_for(page, lambda: held)
        held.pop().continue_()

    page.set_input_files("#photo", [picture("astronaut"), picture("brick")])
    assert page.locator(".photo .state").all_inner_texts() == ["Sending, 0%", "Waiting"]
    assert page.locator(".photo progress:visible").count() == 2
    assert page.inner_text("#photo-status") == "Looking for faces in 2 photos"
    assert page.locator("#photo-status").get_attribute("role") == "status"
    release()
    page.wait_for_selector(".photo:nth-child(1) .face")
    assert not page.locator(".photo progress").first.is_visible()
    wait_until(page, "document.getElementById('photo-status').textContent === 'Looking for faces'")
    assert state(page) == "loading"
    release()
    wait_for_state(page, "done")
    assert page.inner_text("#photo-status") == "One face in 2 photos."


def test_upload_progress_is_shown(open_page: OpenPage, picture: Picture) -> None:
    page = open_page("/photo")
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 150_000}
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", slow)
    page.evaluate(
        """() => {
          window.states = [];
          const note = () => states.push(document.querySelector('.photo .state')?.textContent);
          new MutationObserver(note).observe(
            document.getElementById('photos'), { subtree: true, childList: true });
        }"""
    )
    send(page, picture("astronaut"), scripts=True)
    assert state(page) == "done"
    steps = list(dict.fromkeys(page.evaluate("states")))
    shares = [int(found[1]) for step in steps if (found := re.fullmatch(r"Sending, (\d+)%", step))]
    assert shares == sorted(shares)
    assert any(0 < share < 100 for share in shares), steps
    assert "Looking for faces" in steps[steps.index(f"Sending, {shares[-1]}%") :]


def test_photo_is_sent_again_to_a_busy_server(open_page: OpenPage, picture: Picture) -> None:
    page = open_page("/photo", expected_errors="status of 503")
    times: list[Route] = []

    def answer(route: Route) -> None:
        times.append(route)
        if len(times) > 1:
            route.continue_()
        else:
            route.fulfill(status=503, headers={"Retry-After": "1"}, json={"detail": "Busy."})

    page.route("**/api/v1/recognize", answer)
    send(page, picture("astronaut"), scripts=True)
    assert len(times) == 2
    assert page.locator(".photo .face").count() == 1


def test_later_photos_come_first_and_clear_removes_all(
    open_page: OpenPage, picture: Picture
) -> None:
    page = open_page("/photo")
    send(page, picture("astronaut"), scripts=True)
    send(page, picture("brick"), scripts=True)
    assert page.locator(".photo .name").all_inner_texts() == ["brick.png", "astronaut.png"]
    assert [row["name"] for row in rows(page)] == ["brick.png", "astronaut.png"]
    page.click("#clear")
    assert page.locator(".photo").count() == 0
    assert not page.is_visible("#result")
    assert page.evaluate("document.activeElement.id") == "photo"
    send(page, picture("astronaut"), scripts=True)
    assert [row["name"] for row in rows(page)] == ["astronaut.png"]


def test_clear_stops_uploads(open_page: OpenPage, picture: Picture) -> None:
    page = open_page("/photo", expected_errors="Failed to load")
    page.route("**/api/v1/recognize", lambda route: None)
    page.set_input_files("#photo", [picture("astronaut"), picture("brick")])
    assert page.locator(".photo .state").all_inner_texts() == ["Sending, 0%", "Waiting"]
    page.click("#clear")
    assert page.locator(".photo").count() == 0
    page.unroute("**/api/v1/recognize")
    send(page, picture("brick"), scripts=True)
    assert page.locator(".photo .name").all_inner_texts() == ["brick.png"]
    assert page.inner_text("#photo-status") == "No face in one photo."


def test_everything_is_reached_by_keyboard(open_page: OpenPage, picture: Picture) -> None:
    page = open_page("/photo")
    send(page, picture("astronaut"), scripts=True)
    page.wait_for_selector(".photo .save a[href]")
    page.focus("#photo")
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.name || document.activeElement.innerText")
        )
    assert reached == ["model", "Save JSON", "Save CSV", "Clear", "Save picture\nastronaut.png"]
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "astronaut-mien.jpg"


@pytest.mark.parametrize(("scripts", "scheme"), [(True, "light"), (True, "dark"), (False, "dark")])
def test_contrast_and_width_of_results_on_a_phone(
    open_page: OpenPage, three: list[Path], scripts: bool, scheme: str
) -> None:
    page = open_page(
        "/photo",
        java_script_enabled=scripts,
        color_scheme=scheme,
        viewport={"width": 360, "height": 740},
        expected_errors="status of 400",
    )
    send(page, three, scripts)
    assert too_wide(page) == []
    assert_contrast(page)
