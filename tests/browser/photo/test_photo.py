"""The photo page with and without scripts: the same results for the same pictures."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageColor
from playwright.sync_api import FilePayload, Page

from app.photos.overlay_layout import STYLE

from ...support.film import FACE
from ..conftest import OpenPage, labels_of, wait_for_state, wait_until

Picture = Callable[[str], Path]
WITH_AND_WITHOUT = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


def send(page: Page, path: Path | list[Path], scripts: bool) -> None:
    """Choose the files; without scripts, also press the button."""
    page.set_input_files("#photo", path)
    if not scripts:
        # The click returns before the form's answer has come.
        with page.expect_navigation():
            page.click("#send")
        return
    wait_until(page, "['done', 'error'].includes(document.documentElement.dataset.state)")


def panel(page: Page) -> dict[str, Any]:
    """The content of the first face's panel."""
    face = page.locator(".photo .face").first
    return {
        "number": face.locator(".number").text_content(),
        "label": face.locator(".label").inner_text(),
        "score": face.locator(".score").inner_text(),
        "labels": face.locator("tbody th").all_inner_texts(),
        "values": face.locator(".value").all_inner_texts(),
        "widths": [
            float(bar.get_attribute("width") or "nan") for bar in face.locator(".fill").all()
        ],
    }


@WITH_AND_WITHOUT
def test_face_in_a_photo(open_page: OpenPage, picture: Picture, scripts: bool) -> None:
    page = open_page("/photo", java_script_enabled=scripts)
    assert "not kept" in page.inner_text("main")
    send(page, picture("astronaut"), scripts)
    assert page.locator(".photo .face").count() == 1
    shown = panel(page)
    assert shown["labels"] == labels_of(page)
    assert shown["label"] == "happy"
    assert sum(shown["widths"]) == pytest.approx(100, abs=0.5)
    assert [int(value.rstrip("%")) for value in shown["values"]] == pytest.approx(
        shown["widths"], abs=0.56
    )
    assert shown["score"].endswith(f"{max(shown['widths']):.0f}%")
    assert "One face in a photo of 512 × 512 pixels" in page.inner_text(".photo .summary")
    assert not page.is_visible("#photo-error")
    assert page.inner_text("header nav a[aria-current=page]") == "Photo"


def test_same_markup_with_and_without_scripts(open_page: OpenPage, picture: Picture) -> None:
    panels = []
    for scripts in (True, False):
        page = open_page("/photo", java_script_enabled=scripts)
        send(page, picture("astronaut"), scripts)
        html = page.locator(".photo .faces").inner_html()
        panels.append(
            re.sub(r"\s+", " ", re.sub(r">\s+|\s+<", lambda m: m[0].strip(), html)).strip()
        )
    assert panels[0] == panels[1]


def data_url(page: Page, selector: str, attribute: str) -> bytes:
    """What the address of an element within the page holds."""
    head, _, content = (page.get_attribute(selector, attribute) or "").partition(";base64,")
    assert head.startswith("data:")
    return base64.b64decode(content)


def accent(picture: bytes) -> tuple[float, float, float, float]:
    """Where a drawn picture has the accent colour of captions, of its size: left, top, right,
    bottom. The same for all of its captions together."""
    with Image.open(BytesIO(picture)) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    found = np.argwhere(
        np.abs(pixels - ImageColor.getrgb(STYLE["colors"]["chip"])).max(axis=2) < 12
    )
    assert len(found) > 100, "no caption is drawn"
    (top, left), (bottom, right) = found.min(axis=0), found.max(axis=0)
    height, width = pixels.shape[:2]
    return left / width, top / height, right / width, bottom / height


def assert_captioned(picture: bytes) -> None:
    """That the drawn astronaut has her caption above her face."""
    left, _, _, bottom = accent(picture)
    assert left * 512 == pytest.approx(FACE[0], abs=25)
    assert bottom * 512 == pytest.approx(FACE[1], abs=25)


def test_without_scripts_the_picture_has_its_faces_drawn(
    open_page: OpenPage, picture: Picture
) -> None:
    page = open_page("/photo", java_script_enabled=False)
    send(page, picture("astronaut"), scripts=False)
    assert page.locator(".picture").bounding_box() is not None
    assert page.get_attribute(".picture", "alt") == "astronaut.png, one face marked"
    assert_captioned(data_url(page, ".picture", "src"))


@WITH_AND_WITHOUT
def test_two_faces_are_numbered(open_page: OpenPage, picture: Picture, scripts: bool) -> None:
    page = open_page("/photo", java_script_enabled=scripts)
    send(page, picture("two astronauts"), scripts)
    faces = page.locator(".photo .face")
    assert faces.count() == 2
    assert faces.locator(".number").all_inner_texts() == ["1", "2"]
    assert faces.locator(".number").first.is_visible()
    assert "2 faces in a photo of 1024 × 512 pixels" in page.inner_text(".photo .summary")


def test_box_is_around_the_face(open_page: OpenPage, picture: Picture) -> None:
    page = open_page("/photo")
    send(page, picture("astronaut"), scripts=True)
    ink = page.evaluate(
        """() => {
          const canvas = document.querySelector('.preview canvas');
          const { width, height } = canvas;
          const pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data;
          const scale = Math.min(width, height) / 512;
          const left = (width - 512 * scale) / 2;
          const row = Math.round((height - 512 * scale) / 2 + 115 * scale);
          const marked = [];
          for (let x = 0; x < width; x += 1) {
            if (pixels[(row * width + x) * 4 + 3] > 200) marked.push(x);
          }
          return [marked[0], marked.at(-1)].map((x) => (x - left) / scale);
        }"""
    )
    assert ink == pytest.approx([FACE[0], FACE[0] + FACE[2]], abs=25)


def test_unsure_face(open_page: OpenPage, picture: Picture) -> None:
    """With the server's own answer, but for the one field."""
    page = open_page("/photo")
    path = picture("astronaut")
    photo: FilePayload = {"name": path.name, "mimeType": "image/png", "buffer": path.read_bytes()}
    found = page.request.post("/api/v1/recognize", multipart={"photo": photo}).json()
    found["faces"][0]["unsure"] = True
    page.route("**/api/v1/recognize", lambda route: route.fulfill(json=found))
    send(page, path, scripts=True)
    shown = panel(page)
    assert shown["label"] == "unsure"
    assert shown["score"].startswith("perhaps happy ")


@WITH_AND_WITHOUT
def test_photo_without_a_face(open_page: OpenPage, picture: Picture, scripts: bool) -> None:
    page = open_page("/photo", java_script_enabled=scripts)
    send(page, picture("brick"), scripts)
    assert page.inner_text("#photo-status") == "No face in one photo."
    assert page.inner_text(".photo .no-face").startswith("No face found.")
    assert page.locator(".photo .face").count() == 0
    assert not page.is_visible("#photo-error")
    shown = ".preview img" if scripts else ".picture"
    assert page.is_visible(shown)


@WITH_AND_WITHOUT
def test_file_that_is_no_picture(open_page: OpenPage, picture: Picture, scripts: bool) -> None:
    page = open_page("/photo", java_script_enabled=scripts, expected_errors="status of 4")
    path = picture("text")
    send(page, path, scripts)
    shown = page.inner_text(".photo .message" if scripts else "#photo-error")
    with path.open("rb") as file:
        answer = page.request.post(
            "/api/v1/recognize",
            multipart={"photo": {"name": "t.jpg", "mimeType": "image/jpeg", "buffer": file.read()}},
        )
    assert answer.status == 400
    assert shown == answer.json()["detail"] != ""
    # After the mistake, the right file works.
    send(page, picture("astronaut"), scripts)
    if scripts:
        wait_for_state(page, "done")
    assert page.locator(".photo .face").count() == 1


def test_too_large_file_is_not_sent(open_page: OpenPage) -> None:
    page = open_page("/photo")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("document.getElementById('photo-form').dataset.maxBytes = '1048576'")
    page.set_input_files(
        "#photo", {"name": "big.png", "mimeType": "image/png", "buffer": b"\0" * 1_572_864}
    )
    wait_for_state(page, "error")
    assert page.inner_text(".photo .message") == "The file has 1.5 MiB; the limit is 1 MiB."
    assert [url for url in asked if "/api/" in url] == []


def test_server_that_does_not_answer(open_page: OpenPage, picture: Picture) -> None:
    page = open_page("/photo", expected_errors="Failed to load resource")
    page.route("**/api/v1/recognize", lambda route: route.abort())
    send(page, picture("astronaut"), scripts=True)
    assert "could not be reached" in page.inner_text(".photo .message")
    page.unroute("**/api/v1/recognize")
    page.click(".retry button")
    wait_for_state(page, "done")
    assert panel(page)["label"] == "happy"
    assert not page.is_visible(".photo .message")


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_photo_dropped_or_pasted(open_page: OpenPage, picture: Picture, way: str) -> None:
    page = open_page("/photo")
    page.evaluate(
        """([way, bytes]) => {
          const given = new DataTransfer();
          const content = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
          given.items.add(new File([content], 'a.png', { type: 'image/png' }));
          const options = { bubbles: true, cancelable: true };
          document.body.dispatchEvent(way === 'drop'
            ? new DragEvent('drop', { ...options, dataTransfer: given })
            : new ClipboardEvent('paste', { ...options, clipboardData: given }));
        }""",
        [way, base64.b64encode(picture("astronaut").read_bytes()).decode()],
    )
    wait_for_state(page, "done")
    assert panel(page)["labels"] == labels_of(page)
