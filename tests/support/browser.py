"""Serves the app as the Procfile does and starts an installed Chromium with a fake camera."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Playwright

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSECURE_HOST = "mien.test"
"""A name that Chromium resolves to this machine but, unlike localhost, does not hold for secure."""


@dataclass(frozen=True)
class Server:
    """A running app: where it answers, and its log of requests."""

    url: str
    access_log: Path

    def requests(self) -> list[str]:
        """The request lines answered so far, e.g. "GET / HTTP/1.1"."""
        lines = self.access_log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if not line.startswith("GET /api/v1/health ")]


def find_chromium() -> str:
    """The installed Chromium: MIEN_CHROMIUM, or the first of `NAMES` on the path.

    Raises:
        RuntimeError: there is none.
    """
    given = os.environ.get("MIEN_CHROMIUM")
    if given:
        if not Path(given).is_file():
            raise RuntimeError(f"MIEN_CHROMIUM is {given}, which is no file.")
        return given
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    raise RuntimeError(
        f"The browser tests need Chromium: none of {', '.join(NAMES)} is on the path. "
        "Install one (on Debian: apt-get install chromium) or set MIEN_CHROMIUM to its path."
    )


def procfile_command() -> list[str]:
    """The Procfile's web process, with the gunicorn that belongs to this Python."""
    for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines():
        name, _, command = line.partition(":")
        if name == "web":
            program, *arguments = shlex.split(command)
            assert program == "gunicorn", f"the Procfile starts {program}, expected gunicorn"
            return [sys.executable, "-m", program, *arguments]
    raise AssertionError("the Procfile has no web process")


@contextmanager
def serve(folder: Path) -> Iterator[Server]:
    """The app on a free port, its logs in `folder`."""
    pages = (ROOT / "static" / "js" / "pages").iterdir()
    for built in ("mien.js", *(f"{page.stem}.js" for page in pages)):
        if not (ROOT / "static" / "dist" / built).is_file():
            raise RuntimeError(
                f"static/dist/{built} is missing: run `npm ci && npm run build` first."
            )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    access_log = folder / "access.log"
    errors = folder / "gunicorn.log"
    command = [
        *procfile_command(),
        f"--bind=127.0.0.1:{port}",
        f"--access-logfile={access_log}",
        "--access-logformat=%(r)s",
    ]
    environment = {"MIEN_RATE_LIMIT": "", **os.environ, "PORT": str(port)}
    with errors.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process, errors)
        yield Server(url, access_log)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], errors: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/api/v1/health", timeout=10):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"The app did not come up:\n{errors.read_text(encoding='utf-8')[-4000:]}")


def launch(playwright: Playwright, film: Path, *arguments: str) -> Browser:
    """Chromium with a fake camera that plays `film` and is always allowed."""
    return playwright.chromium.launch(
        executable_path=find_chromium(),
        headless=True,
        args=[
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-quic",
            "--no-first-run",
            f"--host-resolver-rules=MAP {INSECURE_HOST} 127.0.0.1",
            *arguments,
        ],
    )


@contextmanager
def time_limit(seconds: float, on_hang: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Ends the browsers of this process when the block takes longer than `seconds`.

    A page whose script never returns control answers nothing, and `Page.evaluate` waits for it
    without end; once its browser is gone, the call raises an error, so that the test fails.
    `on_hang` is called first.
    """

    def end() -> None:
        on_hang()
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if "chrom" in process.name():
                    process.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
