"""The live page continues by itself when a problem of the camera is over."""

from __future__ import annotations

from playwright.sync_api import Page

from ..conftest import OpenPage, animation_frames, state, wait_for_state, wait_until
from .test_live_errors import expect_error

WORLD = """
window.results = 0;
document.addEventListener('mien:result', () => { window.results += 1; });
window.states = [];
new MutationObserver(() => states.push(document.documentElement.dataset.state))
  .observe(document, { subtree: true, attributeFilter: ['data-state'] });

// A camera that the test controls: getUserMedia's error, whether it is plugged in, the permission.
window.problem = '';
window.plugged = true;
window.streams = [];
const media = navigator.mediaDevices;
const ask = media.getUserMedia.bind(media);
window.tries = 0;
window.lookups = 0;
media.getUserMedia = async (wish) => {
  window.tries += 1;
  if (window.problem) throw new DOMException('no', window.problem);
  const stream = window.drawn ? window.drawn() : await ask(wish);
  window.streams.push(stream);
  return stream;
};
const list = media.enumerateDevices.bind(media);
media.enumerateDevices = async () => {
  window.lookups += 1;
  return window.plugged ? list() : [];
};
window.plug = (plugged) => {
  window.plugged = plugged;
  media.dispatchEvent(new Event('devicechange'));
};
window.permission = Object.assign(new EventTarget(), { state: 'granted' });
navigator.permissions.query = async () => window.permission;
window.allow = (state) => {
  window.permission.state = state;
  window.permission.dispatchEvent(new Event('change'));
};
// A script that stops a track fires no event; only the browser does.
window.end = () => {
  const [track] = window.streams.at(-1).getVideoTracks();
  track.stop();
  track.dispatchEvent(new Event('ended'));
};
window.hide = (hidden) => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event('visibilitychange'));
};
// A busy camera is tried every five seconds; here every half second.
const repeat = window.setInterval.bind(window);
window.setInterval = (act, ms, ...more) => repeat(act, ms === 5000 ? 500 : ms, ...more);
"""
DRAWN = """() => {
  // A camera with pictures that the test draws.
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
  const context = canvas.getContext('2d');
  window.draw = true;
  let turn = 0;
  const frame = () => {
    if (window.draw) {
      context.fillStyle = `hsl(${(turn += 9)} 50% 50%)`;
      context.fillRect(0, 0, 320, 240);
    }
    requestAnimationFrame(frame);
  };
  frame();
  window.drawn = () => canvas.captureStream(30);
}"""


def continues(page: Page) -> None:
    """The page starts to run by itself, and results come."""
    wait_for_state(page, "running", errors=False)
    count = page.evaluate("window.results")
    wait_until(page, f"window.results > {count + 2}")


def test_denied_then_allowed_and_withdrawn_then_allowed(open_page: OpenPage) -> None:
    page = open_page(init=WORLD)
    page.evaluate("problem = 'NotAllowedError'; allow('denied')")
    page.click("#start")
    expect_error(page, "refused", "Mien continues by itself as soon as the camera is allowed.")
    page.evaluate("problem = ''; allow('granted')")
    continues(page)

    page.evaluate("permission.state = 'denied'; end()")
    expect_error(page, "withdrawn", "The permission to use the camera was withdrawn.")
    page.evaluate("allow('granted')")
    continues(page)

    # The operating system denies it; pages get no event when that changes.
    page.evaluate("problem = 'NotAllowedError'; end()")
    wait_until(page, "document.getElementById('failure').dataset.code === 'refused'")
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect_error(page, "refused", "in your device's privacy settings")
    page.evaluate("problem = ''; dispatchEvent(new Event('focus'))")
    continues(page)


def test_busy_then_free(open_page: OpenPage) -> None:
    page = open_page(init=WORLD)
    page.evaluate("problem = 'NotReadableError'")
    page.click("#start")
    expect_error(page, "busy", "Mien continues by itself as soon as the camera is free")
    page.evaluate("states.length = tries = 0")
    wait_until(page, "tries >= 2")
    assert page.evaluate("states") == [], "the message flickers while the camera is tried"
    page.evaluate("problem = ''")
    continues(page)
    others = "window.streams.slice(0, -1)"
    assert page.evaluate(f"{others}.every((s) => s.getTracks()[0].readyState === 'ended')")


def test_unplugged_then_connected(open_page: OpenPage) -> None:
    page = open_page(init=WORLD)
    page.click("#start")
    wait_for_state(page, "running")
    page.evaluate("plug(false); problem = 'NotFoundError'; lookups = 0; end()")
    expect_error(page, "unplugged", "Mien continues by itself as soon as a camera is connected.")
    wait_until(page, "lookups > 0")  # it looks for a camera by itself, and finds none
    animation_frames(page, 3)
    assert state(page) == "error"
    page.evaluate("problem = ''; plug(true)")
    continues(page)

    # The same without a camera at the start; it is connected while the tab is hidden.
    page.click("#stop")
    page.evaluate("plug(false); problem = 'NotFoundError'")
    page.click("#start")
    expect_error(page, "missing", "Connect one or switch it on")
    page.evaluate("hide(true); problem = ''; lookups = 0; plug(true)")
    wait_until(page, "lookups > 0")
    animation_frames(page, 3)
    assert state(page) == "error"
    page.evaluate("hide(false)")
    continues(page)

    # The camera stops but is still connected, as after the sleep of a device.
    page.evaluate("end()")
    expect_error(page, "unplugged", "stopped sending pictures")
    continues(page)


def test_camera_that_sends_no_pictures(open_page: OpenPage) -> None:
    page = open_page(init=WORLD)
    page.evaluate(DRAWN)
    # No picture from the start: the page says so, and continues with the first picture.
    page.evaluate("draw = false")
    page.click("#start")
    wait_until(page, "document.getElementById('loading-hint').textContent.includes('no pictures')")
    assert page.is_visible("#loading-hint")
    assert state(page) == "loading"
    page.evaluate("draw = true")
    continues(page)
    assert page.inner_text("#toast") == ""

    page.evaluate("draw = false")
    wait_until(
        page, "document.getElementById('toast').textContent.includes('not sending pictures')"
    )
    assert state(page) == "running"
    page.evaluate("draw = true")
    continues(page)
    wait_until(page, "document.getElementById('toast').textContent === ''")

    # Events of the browser are shown at once.
    for event, words in (
        ("mute", "The camera is not sending pictures at the moment."),
        ("unmute", ""),
    ):
        page.evaluate(f"streams.at(-1).getVideoTracks()[0].dispatchEvent(new Event('{event}'))")
        assert page.inner_text("#toast") == words


def test_sleep_of_the_device(open_page: OpenPage) -> None:
    page = open_page(init=WORLD)
    page.click("#start")
    wait_for_state(page, "running")
    continues(page)
    # Date.now() jumps by ten minutes; performance.now() does not.
    page.evaluate("const day = Date.now.bind(Date); Date.now = () => day() + 600_000;")
    continues(page)
    wait_until(page, "Number(document.getElementById('timeline').ariaValueMax) > 600")
    page.click("#session-panel summary")
    page.wait_for_selector("#summary tbody tr")
    in_view = page.inner_text("#summary tbody tr td")
    minutes, seconds = map(int, in_view.split(":"))
    assert (minutes, seconds < 59) == (0, True), f"sleep counts as time in view: {in_view}"


def test_in_app_browser(open_page: OpenPage) -> None:
    agent = "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile/15E148 Instagram 350.0.0"
    for init in (
        "delete Navigator.prototype.mediaDevices;",
        WORLD + "window.problem = 'NotAllowedError';",
    ):
        page = open_page(init=init, user_agent=agent)
        page.click("#start")
        expect_error(page, "in-app", "opened inside Instagram, which gives it no camera")
        assert page.locator("#failure .open-file").is_visible()
