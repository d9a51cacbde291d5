"""The compare page: every model on the same face; the fake camera plays the astronaut film."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from ...support.browser import Server
from ..conftest import SET_HIDDEN, Watch, state, wait_for_state, wait_until, worker_memory
from ..test_pages import assert_contrast, too_wide

LISTEN = """
window.seen = [];
document.addEventListener('mien:comparison', (event) => {
  window.seen.push(structuredClone(event.detail));
});
"""
ALL_ON = "document.querySelector('#models tr[data-model]:not([data-status=on])') === null"
READY = f"""document.documentElement.dataset.state === 'running'
  && document.getElementById('video').srcObject !== null && {ALL_ON}"""
VIDEO_FRAMES = """count => new Promise((resolve, reject) => {
  const video = document.getElementById('video');
  const step = () => (count-- > 0 ? video.requestVideoFrameCallback(step) : resolve());
  step();
  setTimeout(() => reject(new Error('the video shows no more frames')), 30000);
})"""
"""Waits until the video has shown some frames."""
ANNOUNCED = """() => {
  window.announced = [];
  const announcement = document.getElementById('announcement');
  new MutationObserver(() => window.announced.push(announcement.textContent))
    .observe(announcement, { childList: true, characterData: true, subtree: true });
}"""
"""Keeps the sentences that are announced from now on."""
GIVE = """([kind, name, base64]) => {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  if (name) transfer.items.add(new File([bytes], name, { type: 'image/png' }));
  for (const step of kind === 'drop' ? ['dragenter', 'dragover', 'drop'] : ['paste']) {
    const event = new Event(step, { bubbles: true, cancelable: true });
    event[kind === 'drop' ? 'dataTransfer' : 'clipboardData'] = transfer;
    document.dispatchEvent(event);
  }
}"""


def start(page: Page) -> None:
    page.click("#start")
    wait_for_state(page, "running")
    wait_until(page, ALL_ON, timeout=120_000)


def frames(page: Page, count: int) -> list[dict[str, Any]]:
    """The next `count` frames' results."""
    page.evaluate("window.seen.length = 0")
    wait_until(page, "n => window.seen.length >= n", arg=count, timeout=120_000)
    found: list[dict[str, Any]] = page.evaluate("window.seen.slice()")
    return found


def models_of(page: Page) -> dict[str, dict[str, Any]]:
    """The page's data, by model."""
    data = json.loads(page.text_content("#compare-models") or "[]")
    return {model["name"]: model for model in data}


def give(page: Page, how: str, name: str = "", content: bytes = b"") -> None:
    """Drop or paste a file, or something that is none."""
    page.evaluate(GIVE, [how, name, base64.b64encode(content).decode()])


def order(page: Page) -> list[str]:
    names: list[str] = page.evaluate(
        "[...document.querySelectorAll('#models tr[data-model]')].map((row) => row.dataset.model)"
    )
    return names


def row(name: str) -> str:
    return f"#models tr[data-model='{name}']"


@pytest.fixture
def page(opened: Page) -> Page:
    """The page with the camera on and all models loaded; each test leaves it so. One that failed
    may not have: then the page is opened again, so that the next test does not fail for that."""
    if not opened.evaluate(READY):
        opened.goto("/compare")
        opened.set_viewport_size({"width": 1280, "height": 900})
        opened.emulate_media(color_scheme="light")
        start(opened)
    return opened


@pytest.fixture(scope="module")
def opened(browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context(
        base_url=server.url, viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    context.set_default_timeout(30_000)
    watch = Watch(context)
    page = context.new_page()
    page.add_init_script(LISTEN)
    page.goto("/compare")
    start(page)
    yield page
    context.close()
    assert watch.foreign(server.url) == []
    assert watch.violations() == []
    assert watch.errors() == []


def test_all_models_give_bars_on_the_same_frames(page: Page) -> None:
    models = models_of(page)
    assert models
    seen = frames(page, 12)
    with_face = [one for one in seen if one["box"]]
    assert len(with_face) > 0.9 * len(seen)
    together = sum({score["name"] for score in one["scores"]} == set(models) for one in with_face)
    # Heavy models may receive fewer frames, then those that the light ones receive.
    assert together >= 1
    assert all(len(one["scores"]) >= len(models) / 2 for one in with_face)
    for score in [score for one in with_face for score in one["scores"]]:
        assert list(score["scores"]) == models[score["name"]]["labels"]
        assert sum(score["scores"].values()) == pytest.approx(1, abs=1e-3)
        assert score["score"] == max(score["scores"].values()) == score["scores"][score["label"]]
        assert score["ms"] > 0
    shown = page.evaluate(
        """() => new Promise((resolve) => {
          document.addEventListener('mien:comparison', ({ detail }) => resolve({
            scores: detail.scores,
            rows: Object.fromEntries(detail.scores.map(({ name }) => {
              const row = document.querySelector(`#models tr[data-model="${name}"]`);
              const cells = [...row.querySelectorAll('.score[data-label]')];
              const height = (selector, cell) =>
                cell.querySelector(selector).getBoundingClientRect().height;
              const label = (cell) => cell.dataset.label;
              return [name, {
                bars: Object.fromEntries(cells.map((cell) => [label(cell),
                  height('.level span', cell) / height('.level', cell)])),
                best: cells.filter((cell) => cell.classList.contains('best')).map(label),
                ms: Number(row.querySelector('.ms .figure').textContent),
                says: row.querySelector('.sees .label').textContent,
              }];
            })),
          }), { once: true });
        })"""
    )
    for score in shown["scores"]:
        drawn = shown["rows"][score["name"]]
        assert drawn["bars"] == pytest.approx(score["scores"], abs=0.02)
        assert drawn["best"] == [score["label"]]
        assert 0 < drawn["ms"] < 5000
        assert drawn["says"] in (*models[score["name"]]["labels"], "unsure")


def test_the_vote_of_the_models_is_shown_and_announced(page: Page) -> None:
    """The astronaut smiles, and our own models know it."""
    wait_until(
        page,
        """count => {
          const of = (name) => document.querySelector(`.outcome .${name}`).textContent;
          return of('label') === 'happy' && of('count').endsWith(` of ${count} models`);
        }""",
        len(models_of(page)),
    )
    shown = page.evaluate(
        """() => ({
          count: document.querySelector('.outcome .count').textContent,
          votes: Object.fromEntries([...document.querySelectorAll('.votes tr')].map((row) => (
            [row.dataset.label, Number(row.querySelector('.value').textContent)]))),
        })"""
    )
    votes = shown["votes"]
    assert shown["count"] == f"{max(votes.values())} of {len(models_of(page))} models"
    assert votes["happy"] == max(votes.values()) > 0
    wait_until(page, "document.getElementById('announcement').textContent.includes('see happy')")


def test_sorting_by_every_column_by_keyboard(page: Page) -> None:
    models = models_of(page)
    first = order(page)
    page.evaluate(ANNOUNCED)

    def sorted_by(column: str) -> str | None:
        return page.get_attribute(f"#models th[data-sort='{column}']", "aria-sort")

    assert sorted_by("accuracy") == "descending"
    facts = {
        "bytes": lambda name: models[name]["bytes"],
        "parameters": lambda name: models[name]["parameters"],
        "name": lambda name: name,
        "ms": lambda name: float(page.inner_text(f"{row(name)} .ms .figure")),
        "year": lambda name: models[name]["year"],
        "accuracy": lambda name: (models[name]["accuracy"] or {}).get("share"),
    }
    for column, fact in facts.items():
        page.focus(f"#models th[data-sort='{column}'] button")
        directions = []
        for _ in range(2):
            page.keyboard.press("Enter")
            directions.append(sorted_by(column))
            now = order(page)
            assert sorted(now) == sorted(first)
            known = [value for value in map(fact, now) if value is not None]
            if column == "ms":
                continue  # they change all the time
            assert known == sorted(known, reverse=directions[-1] == "descending"), column
            missing = [fact(name) is None for name in now]
            assert missing == sorted(missing), "unknown values come last"
        assert sorted(filter(None, directions)) == ["ascending", "descending"]
        assert page.locator("#models th[aria-sort]").count() == 1
        assert page.evaluate("document.activeElement.parentElement.dataset.sort") == column
    # What the models see may have been announced since.
    sentences = page.evaluate("window.announced")
    assert [one for one in sentences if one.startswith("Sorted by")][-1].startswith(
        "Sorted by Agreement"
    )
    if sorted_by("accuracy") == "ascending":
        page.keyboard.press("Enter")
    assert order(page) == first, "as the server wrote it"


def test_the_order_by_time_follows_the_times(page: Page) -> None:
    page.click("#models th[data-sort='ms'] button")
    wait_until(
        page,
        """() => {
          const cells = [...document.querySelectorAll('#models .ms .figure')];
          const times = cells.map((cell) => Number(cell.textContent));
          return times.every((time, i) => i === 0 || time >= times[i - 1] - 1);
        }""",
    )
    page.click("#models th[data-sort='accuracy'] button")


def test_switched_off_and_on_again_and_no_tensor_is_lost(page: Page) -> None:
    names = order(page)
    before = worker_memory(page)
    frames(page, 20)
    assert worker_memory(page) == before, "tensors grow from frame to frame"

    for name in names:
        page.focus(f"{row(name)} input")
        page.keyboard.press("Space")
        wait_until(page, f"document.querySelector(\"{row(name)}\").dataset.status === 'off'")
        less = worker_memory(page)
        assert less["numTensors"] < before["numTensors"]
        assert less["numBytes"] < before["numBytes"]
        assert name not in {score["name"] for one in frames(page, 3)[1:] for score in one["scores"]}
        assert page.inner_text(f"{row(name)} .sees .label") == ""
        wait_until(
            page,
            "words => document.querySelector('.outcome .count').textContent.endsWith(words)",
            f"of {len(names) - 1} models",
        )
        page.keyboard.press("Space")
        wait_until(page, ALL_ON)
        assert page.evaluate("document.activeElement.closest('tr').dataset.model") == name
    assert worker_memory(page) == before
    frames(page, 3)


def test_with_every_model_off_the_camera_goes_on(page: Page) -> None:
    for name in order(page):
        page.uncheck(f"{row(name)} input")
    wait_until(page, "window.seen.at(-1).scores.length === 0")
    assert all(one["scores"] == [] for one in frames(page, 3))
    wait_until(page, "document.querySelector('.outcome .label').textContent === 'No model yet'")
    for name in order(page):
        page.check(f"{row(name)} input")
    wait_until(page, ALL_ON)


def test_a_picture_instead_of_the_camera(page: Page, picture: Callable[[str], Path]) -> None:
    models = models_of(page)
    file: Path = picture("astronaut")
    page.set_input_files("#file", file)
    wait_until(page, "document.getElementById('picture').checkVisibility()")
    wait_for_state(page, "running")
    assert page.evaluate("document.getElementById('video').srcObject") is None
    page.evaluate("window.seen.length = 0")
    # A dropped picture is classified again, by all models.
    give(page, "drop", "her.png", file.read_bytes())
    # A result of the picture before may still be under way.
    wait_until(page, "document.getElementById('picture').alt === 'Picture: her.png'")
    wait_until(page, "window.seen.length > 0")
    first = page.evaluate("window.seen.at(-1)")
    assert {score["name"] for score in first["scores"]} == set(models)
    assert first["image"] == {"width": 512, "height": 512}
    box = first["box"]
    assert (box["x"], box["y"]) == pytest.approx((177, 66), abs=20)
    assert page.get_attribute("#picture", "alt") == "Picture: her.png"
    wait_until(page, "document.querySelector('.outcome .label').textContent === 'happy'")
    assert not page.is_visible("#rate-line")
    # A file that is no picture changes nothing but the message.
    give(page, "paste", "words.png", b"These are words.")
    wait_until(page, "!document.getElementById('problem').hidden")
    assert "cannot be read as a picture by this browser" in page.inner_text("#problem")
    # Text that is dragged or pasted within the page is ignored.
    for how in ("drop", "paste"):
        give(page, how)
    assert "cannot be read as a picture by this browser" in page.inner_text("#problem")
    assert page.is_visible("#picture")
    page.evaluate("window.seen.length = 0")
    give(page, "paste", "wall.png", picture("brick").read_bytes())
    wait_until(page, "window.seen.at(-1)?.box === null")
    wait_until(page, "document.querySelector('.outcome .label').textContent === 'No face in view'")
    assert page.is_hidden("#problem")
    page.click("#stop")
    assert state(page) == "idle"
    start(page)


def test_a_picture_gives_the_scores_of_the_live_page(
    page: Page, picture: Callable[[str], Path]
) -> None:
    """mien.js, which the live page uses, on the same picture."""
    page.set_input_files("#file", picture("astronaut"))
    wait_until(page, "document.getElementById('picture').checkVisibility()")
    wait_until(page, "window.seen.at(-1)?.image.width === 512")
    live = page.evaluate(
        """async () => {
          const { createRecognizer } = await import('/static/dist/mien.js');
          const recognizer = await createRecognizer();
          const { faces } = await recognizer.recognize(document.getElementById('picture'));
          const { model } = recognizer.info;
          recognizer.dispose();
          return { model, scores: faces[0].scores, box: faces[0].box };
        }"""
    )
    compared = page.evaluate("window.seen.at(-1)")
    [score] = [one for one in compared["scores"] if one["name"] == live["model"]]
    assert score["scores"] == pytest.approx(live["scores"], abs=1e-4)
    assert compared["box"] == pytest.approx(live["box"], abs=0.01)
    page.click("#stop")
    start(page)


def test_a_picture_is_classified_again_when_a_model_is_switched_on(
    page: Page, picture: Callable[[str], Path]
) -> None:
    name = order(page)[0]
    page.uncheck(f"{row(name)} input")
    page.set_input_files("#file", picture("astronaut"))
    wait_until(page, "document.getElementById('picture').checkVisibility()")
    wait_until(page, "document.querySelector('.outcome .label').textContent === 'happy'")
    wait_until(page, f"document.querySelector(\"{row(name)} .sees .label\").textContent === ''")
    page.check(f"{row(name)} input")
    wait_until(page, f"document.querySelector(\"{row(name)} .sees .label\").textContent !== ''")
    wait_until(page, f"document.querySelector(\"{row(name)} .ms .figure\").textContent > '0'")
    page.click("#stop")
    start(page)


def test_a_hidden_tab_does_no_work(page: Page) -> None:
    page.evaluate(SET_HIDDEN, True)
    assert state(page) == "paused"
    count = page.evaluate("window.seen.length")
    page.evaluate(VIDEO_FRAMES, 10)
    assert page.evaluate("window.seen.length") == count
    page.evaluate(SET_HIDDEN, False)
    assert state(page) == "running"
    frames(page, 2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 820, 1280])
def test_running_it_can_be_read_and_pressed_at_any_width(
    page: Page, width: int, scheme: Any
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    assert too_wide(page) == []
    assert_contrast(page)
    small = page.evaluate(
        """() => ['button', 'input', 'select', 'summary']
          .flatMap((kind) => [...document.querySelectorAll(`main ${kind}`)])
          .filter((one) => one.checkVisibility())
          .map((one) => [one, (one.closest('label') ?? one).getBoundingClientRect()])
          .filter(([, { width, height }]) => width < 24 || height < 24)
          .map(([one]) => one.outerHTML)"""
    )
    assert small == []
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")


def test_on_a_phone_the_picture_stays_in_sight_and_hides_no_focus(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    last = f"{row(order(page)[-1])} input"
    page.evaluate("selector => document.querySelector(selector).focus()", last)
    page.evaluate("() => new Promise((ready) => setTimeout(() => requestAnimationFrame(ready)))")
    places = page.evaluate(
        """(selector) => ['#stage', selector].map((one) => {
          const { top, bottom } = document.querySelector(one).getBoundingClientRect();
          return { top, bottom };
        })""",
        last,
    )
    stage, focused = places
    assert stage["top"] >= 0
    assert stage["bottom"] < 400
    assert stage["bottom"] <= focused["top"] and focused["bottom"] <= 844
    assert page.is_visible("#chip")
    page.set_viewport_size({"width": 1280, "height": 900})
