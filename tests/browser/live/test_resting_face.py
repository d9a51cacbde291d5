"""The resting face on the live page and in the API for other pages; the film smiles throughout, so
that her smile becomes the rest."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from ...support.browser import Server
from ..conftest import OpenPage, wait_for_state, wait_until
from ..test_pages import assert_contrast, too_wide

LISTEN = """
document.addEventListener('mien:result', ({ detail }) => (window.latest = structuredClone(detail)));
"""
LABEL = "window.latest?.faces[0]?.label"
BUTTON = "#resting-face-button"


def text_is(page: Page, text: str) -> None:
    wait_until(page, f"text => document.querySelector('{BUTTON}').textContent === text", arg=text)


def test_the_live_page_compares_with_the_resting_face(open_page: OpenPage) -> None:
    page = open_page("/", init=LISTEN)
    assert page.is_hidden(BUTTON)
    page.click("#start")
    wait_for_state(page, "running")
    wait_until(page, f"{LABEL} === 'happy'")
    assert page.locator("#scores [data-change]").count() == 0

    page.click(BUTTON)
    assert page.get_attribute(BUTTON, "aria-disabled") == "true"
    text_is(page, "Forget my resting face")
    wait_until(page, f"{LABEL} === 'neutral'")
    face: dict[str, Any] = page.evaluate("window.latest.faces[0]")
    assert max(face["plain_scores"], key=face["plain_scores"].__getitem__) == "happy"
    assert set(face["change"]) == set(face["scores"])
    wait_until(page, "document.querySelectorAll('#scores [data-change]').length === 7")
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert too_wide(page) == []
        assert_contrast(page)

    page.click(BUTTON)
    text_is(page, "Use my resting face")
    wait_until(page, f"{LABEL} === 'happy'")
    wait_until(page, "document.querySelectorAll('#scores [data-change]').length === 0")


def test_without_a_face_the_page_says_so(open_page: OpenPage) -> None:
    page = open_page("/", init=LISTEN)
    page.click("#start")
    wait_for_state(page, "running")
    # Black frames from here on.
    page.evaluate(
        """() => {
          const stream = document.getElementById('video').srcObject;
          for (const track of stream.getVideoTracks()) track.enabled = false;
        }"""
    )
    wait_until(page, "window.latest?.faces.length === 0")
    page.click(BUTTON)
    hint = page.locator("#resting-face-hint")
    assert hint.inner_text() == "There is no face in view."
    text_is(page, "Use my resting face")


def test_other_pages_take_keep_and_give_up_a_resting_face(
    open_page: OpenPage, server: Server
) -> None:
    page = open_page("/embed")
    found = page.evaluate(
        """async () => {
          const { createRecognizer } = await import('/static/dist/mien.js');
          const recognizer = await createRecognizer();
          const stream = await navigator.mediaDevices.getUserMedia({ video: true });
          const video = document.createElement('video');
          Object.assign(video, { srcObject: stream, muted: true });
          await video.play();
          let latest = null;
          let next = () => {};
          const running = recognizer.start(video, (result) => { latest = result; next(); });
          const face = async (is) => {
            for (;;) {
              if (latest?.faces.length && is(latest.faces[0])) return latest.faces[0];
              await new Promise((resolve) => (next = resolve));
            }
          };
          const say = (error) => `${error.code ?? error.name}: ${error.message}`;
          const refusal = (call) => call.then(() => 'no error', say);
          const before = await face(() => true);
          const baseline = await recognizer.setBaseline(before.id);
          const compared = await face(({ change }) => change);
          await recognizer.clearBaseline(before.id);
          const plain = await face(({ change }) => !change);
          await recognizer.setBaseline(before.id, baseline);
          const again = await face(({ change }) => change);
          const refused = [
            await refusal(recognizer.setBaseline(99)),
            await refusal(recognizer.setBaseline('me')),
            await refusal(recognizer.setBaseline(before.id, 3)),
            await refusal(recognizer.setBaseline(before.id, { rest: {}, spread: {} })),
            await refusal(createRecognizer({ baseline: true })),
          ];
          running.stop();
          for (const track of stream.getTracks()) track.stop();
          recognizer.dispose();
          return { before, baseline, compared, plain, again, refused };
        }"""
    )
    assert found["before"]["label"] == found["plain"]["label"] == "happy"
    assert found["compared"]["label"] == found["again"]["label"] == "neutral"
    assert set(found["baseline"]["rest"]) == set(found["before"]["scores"])
    assert found["refused"] == [
        "baseline: There is no face 99 in view.",
        "TypeError: setBaseline was given a string, expected the id of a face.",
        "TypeError: setBaseline was given a number, expected what an earlier setBaseline gave.",
        "baseline: The resting face has no number for angry.",
        "TypeError: The option baseline is a boolean, expected auto or null.",
    ]
