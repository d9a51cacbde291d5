"""The live page offline: its service worker caches and replaces complete releases."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Response, request
from playwright.sync_api import Browser, BrowserContext, Error, Page
from werkzeug.serving import BaseWSGIServer, make_server

from app import create_app
from app.web.security_headers import HEADERS

from ...support.browser import ROOT
from ..conftest import Watch, animation_frames, wait_for_state, wait_until

CACHES = """async () => {
  const found = {};
  for (const name of await caches.keys()) {
    const keys = await (await caches.open(name)).keys();
    found[name] = keys.map(({ url }) => url.slice(location.origin.length));
  }
  return found;
}"""
RESULTS = "window.seen = 0; document.addEventListener('mien:result', () => { window.seen += 1; });"


class Site:
    """The app in this process, at a fixed address, with a copy of the static files that a test may
    change."""

    def __init__(self, folder: Path) -> None:
        self.static = folder / "static"
        ignored = shutil.ignore_patterns("encoded", "*.map")
        shutil.copytree(ROOT / "static", self.static, ignore=ignored)
        self.app = create_app({"TESTING": True, "MIEN_RATE_LIMIT": ""})
        self.app.static_folder = str(self.static)
        self.asked: list[str] = []
        self.script: bytes | None = None
        """The answer for the service worker, instead of that of the present release."""
        self.app.before_request(self._note)
        self.port = 0
        self._server: BaseWSGIServer | None = None

    def _note(self) -> Response | None:
        self.asked.append(request.path)
        if request.path == "/sw.js" and self.script:
            return Response(self.script, mimetype="text/javascript")
        return None

    def up(self) -> None:
        self._server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        self.port = self._server.port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def down(self) -> None:
        assert self._server
        self._server.shutdown()
        self._server.server_close()

    def write(self, name: str, more: str) -> None:
        """Append to a static file."""
        file = self.static / name
        file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    one = Site(tmp_path)
    one.up()
    yield one
    one.down()


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=f"http://localhost:{site.port}")
    made.set_default_timeout(30_000)
    watch = Watch(made)
    yield made
    made.close()
    assert watch.foreign(f"http://localhost:{site.port}") == []
    assert watch.violations() == []


def visit(context: BrowserContext) -> Page:
    page = context.new_page()
    page.add_init_script(RESULTS)
    page.goto("/")
    return page


def keep(page: Page) -> None:
    """Start the camera, which starts the service worker, and wait until the release is cached."""
    page.click("#start")
    wait_for_state(page, "running")
    wait_until(page, "navigator.serviceWorker.getRegistration().then((r) => !!r?.active)")


def assert_runs(page: Page) -> None:
    page.click("#start")
    wait_for_state(page, "running")
    wait_until(page, "window.seen >= 5")


def release_of(page: Page) -> str:
    """The mark that a test has added to the style sheet."""
    return str(page.evaluate("getComputedStyle(document.body).getPropertyValue('--release')"))


def test_live_page_works_offline_after_the_first_visit(context: BrowserContext, site: Site) -> None:
    page = visit(context)
    keep(page)
    kept = page.evaluate(CACHES)
    assert len(kept) == 1
    page.close()

    site.down()
    context.set_offline(True)
    page = visit(context)
    assert_runs(page)
    # With its headers, which threads need.
    assert page.evaluate("crossOriginIsolated") is True
    answers = page.evaluate("fetch('/about').catch(() => null)")
    assert answers is None
    headers: dict[str, str] = page.evaluate(
        """async () => {
          const [name] = await caches.keys();
          return Object.fromEntries((await (await caches.open(name)).match('/')).headers);
        }"""
    )
    assert {name: headers[name.lower()] for name in HEADERS} == HEADERS
    # Pages that need the server say so, instead of showing old content.
    page.goto("/photo")
    assert page.inner_text("h1") == "No connection"
    page.click("main a")
    wait_until(page, "document.documentElement.dataset.state === 'idle'")
    context.set_offline(False)
    site.up()
    page.goto("/photo")
    assert page.inner_text("h1") == "Expressions in a photo"


def test_only_the_live_page_is_cached(context: BrowserContext, site: Site) -> None:
    page = visit(context)
    keep(page)
    [urls] = page.evaluate(CACHES).values()
    paths = {url.split("?")[0] for url in urls}
    assert {"/", "/offline", "/static/css/live.css", "/static/dist/live.js"} <= paths
    assert not [path for path in paths if path.startswith(("/photo", "/api", "/models", "/about"))]
    # Files that only some browsers need are not fetched in advance.
    assert "/static/dist/tfjs-backend-wasm.wasm" not in paths
    assert not [path for path in paths if path.startswith("/static/models/mien_plain")]
    page.goto("/about")
    site.asked.clear()
    for path in ("/photo", "/about", "/api/v1/models"):
        page.goto(path)
        assert path in site.asked
    # The live page comes from the cache: only the service worker is requested.
    site.asked.clear()
    page.goto("/")
    assert_runs(page)
    assert {path for path in site.asked if path != "/favicon.ico"} <= {"/sw.js"}


def test_new_release_replaces_the_old_one_completely(context: BrowserContext, site: Site) -> None:
    site.write("css/mien.css", ":root { --release: 1 }\n")
    page = visit(context)
    keep(page)
    first = page.evaluate(CACHES)
    page.close()

    site.write("css/mien.css", ":root { --release: 2 }\n")
    site.write("dist/live.js", "\ndocument.documentElement.dataset.two = 'yes';\n")
    page = visit(context)
    # The old release is shown until the new one is complete. As nobody has used the page, it is
    # replaced at once.
    wait_until(page, "document.documentElement.dataset.two === 'yes'")
    assert release_of(page) == "2"
    wait_until(page, "caches.keys().then((names) => names.length === 1)")
    second = page.evaluate(CACHES)
    assert first.keys().isdisjoint(second.keys())
    assert_runs(page)
    page.close()
    site.down()
    page = visit(context)
    assert release_of(page) == "2"
    assert_runs(page)
    site.up()


def test_a_running_page_keeps_its_release(context: BrowserContext, site: Site) -> None:
    site.write("css/mien.css", ":root { --release: 1 }\n")
    page = visit(context)
    keep(page)
    page.goto("/")
    assert_runs(page)
    site.write("css/mien.css", ":root { --release: 2 }\n")
    page.evaluate("navigator.serviceWorker.getRegistration().then((r) => r.update())")
    wait_until(page, "navigator.serviceWorker.getRegistration().then((r) => !!r.waiting)")
    # A second page of the old release, opened meanwhile, does not replace it either.
    second = visit(context)
    wait_until(second, "navigator.serviceWorker.getRegistration().then((r) => !!r.waiting)")
    animation_frames(second, 30)
    assert release_of(second) == "1"
    assert len(page.evaluate(CACHES)) == 2
    assert release_of(page) == "1"
    page.click("#stop")
    assert_runs(page)
    page.close()
    second.close()
    third = visit(context)
    assert release_of(third) == "2"
    wait_until(third, "caches.keys().then((names) => names.length === 1)")


def test_an_incomplete_release_is_not_cached(context: BrowserContext, site: Site) -> None:
    """As while a server changes its release: the hash of one file is not that of the list."""
    site.write("css/mien.css", ":root { --release: 1 }\n")
    page = visit(context)
    keep(page)
    page.close()
    site.write("css/mien.css", ":root { --release: 2 }\n")
    site.script = site.app.test_client().get("/sw.js").data
    site.write("dist/blazeface.json", " ")
    page = visit(context)
    with pytest.raises(Error, match=r"installing failed|ServiceWorker"):
        page.evaluate(
            """async () => {
              const registration = await navigator.serviceWorker.getRegistration();
              const coming = (await registration.update()).installing;
              if (!coming) return;
              await new Promise((resolve) => coming.addEventListener('statechange', resolve));
              if (coming.state === 'redundant') throw new Error('installing failed');
            }"""
        )
    page.reload()
    assert release_of(page) == "1"
    assert len(page.evaluate(CACHES)) == 1
    assert_runs(page)
    # When the server has one release again, it is installed.
    site.script = None
    page.click("#stop")
    page.close()
    page = visit(context)
    wait_until(page, "getComputedStyle(document.body).getPropertyValue('--release') === '2'")


def test_it_can_be_installed(context: BrowserContext, site: Site) -> None:
    page = visit(context)
    devtools = context.new_cdp_session(page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].startswith(
        f"http://localhost:{site.port}/static/manifest.webmanifest?v="
    )
    problems = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A problem of the context that tests run in, not of the page.
    assert [one["errorId"] for one in problems] == ["in-incognito"]
    for icon in page.request.get(manifest["url"]).json()["icons"]:
        answer = page.request.get(f"/static/{icon['src']}")
        assert answer.ok
        if icon["type"] == "image/png":
            assert answer.headers["content-type"] == "image/png"
