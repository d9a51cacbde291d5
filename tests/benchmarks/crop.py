"""Measure the browser's way from image to label in Chromium, and compare it with the server's.

    python -m tests.benchmarks.crop --data fer2013.csv [--check 800]
        [--ferplus fer2013new.csv] [--model NAME] [--photos FOLDER]

FER2013's validation faces are placed into frames of 640x480 at 64 to 400 pixels, as in faces.py,
which measures the server. Each frame is recognised in Chromium by mien.js and by the route
`/api/v1/recognize`. The benchmark prints how many faces the browser detects, false boxes, errors of
its boxes (as fractions of the true side), and the accuracy on the detected faces. The baseline is
the accuracy of the same network on the original images. For faces that both browser and server
detect, it prints the overlap of their crops (IoU) and how often the labels agree; the same for the
photos of a folder. A face counts as detected if the IoU of a box and its own box is more than 0.4.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
from flask.testing import FlaskClient
from playwright.sync_api import Page, sync_playwright

from app import create_app
from app.inference.model_store import ModelStore
from app.inference.preprocess import crop_box, to_batch
from app.inference.types import Box
from training.data.fer2013 import ferplus_majority, read_fer2013, read_ferplus

from ..support.browser import ROOT, launch
from ..support.film import write_film
from .faces import FOUND, in_frame, overlap, sample
from .peers import Files, _until

BATCH = 50
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


class Pictures(Files):
    """Serves `pictures` at /picture/INDEX, in addition to `Files`."""

    pictures: ClassVar[dict[int, bytes]] = {}

    def do_GET(self) -> None:
        if not self.path.startswith("/picture/"):
            return super().do_GET()
        content = self.pictures[int(self.path.rpartition("/")[2])]
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        return None


@contextmanager
def browser_page(model: str) -> Iterator[Page]:
    """A page in which `bench.recognize(urls)` recognises images with `model`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = launch(playwright, write_film(Path(name) / "film.y4m"))
        page = browser.new_page(base_url=f"http://127.0.0.1:{server.server_port}")
        page.goto(f"/bench/page.html?contender=mien&model={model}")
        _until(page, "window.bench !== undefined")
        page.evaluate("async () => void (await bench.open())")
        yield page
        browser.close()
    server.shutdown()


def look(page: Page, pictures: list[bytes]) -> list[list[dict[str, Any]]]:
    """The faces that the browser recognises in each image."""
    Pictures.pictures = dict(enumerate(pictures))
    urls = [f"/picture/{index}" for index in Pictures.pictures]
    seen: list[list[dict[str, Any]]] = page.evaluate("urls => bench.recognize(urls)", urls)
    return seen


def ask(client: FlaskClient, model: str, picture: bytes) -> list[dict[str, Any]]:
    """The faces that the server recognises in an image."""
    form = {"photo": (io.BytesIO(picture), "picture"), "model": model}
    answer = client.post("/api/v1/recognize", data=form)
    assert answer.status_code == 200, answer.text
    faces: list[dict[str, Any]] = answer.json["faces"] if answer.json else []
    return faces


def best(faces: list[dict[str, Any]], box: Box) -> tuple[dict[str, Any] | None, float]:
    """The face whose box has the largest IoU with `box`, and that IoU."""
    rated = [(overlap(Box(**face["box"]), box), face) for face in faces]
    if not rated:
        return None, 0.0
    most, face = max(rated, key=lambda one: one[0])
    return face, most


class Agreement:
    """Agreement of browser and server."""

    def __init__(self) -> None:
        self.overlaps: list[float] = []
        self.same: list[bool] = []
        self.sure: list[bool] = []
        self.alone = [0, 0]

    def add(self, here: list[dict[str, Any]], there: list[dict[str, Any]]) -> None:
        """Add the faces of one image from the browser and from the server."""
        shared = 0
        for face in there:
            other, most = best(here, Box(**face["box"]))
            if other is None or most <= FOUND:
                continue
            shared += 1
            self.overlaps.append(most)
            self.same.append(other["label"] == face["label"])
            self.sure.append(not face["unsure"])
        self.alone[0] += len(here) - shared
        self.alone[1] += len(there) - shared

    def report(self, name: str) -> None:
        same, sure = np.array(self.same), np.array(self.sure)
        low, middle = np.quantile(self.overlaps, [0.1, 0.5])
        print(
            f"{name}: {len(same)} faces detected by both, {self.alone[0]} only by the browser and"
        )
        print(f"  {self.alone[1]} only by the server; IoU of the crops {middle:.3f} (median; 90 %")
        print(f"  above {low:.3f}); labels agree on {same.mean():.1%}", end="")
        print(f", where the server is sure on {same[sure].mean():.1%} of {sure.sum()}")


def check(
    page: Page, client: FlaskClient, options: argparse.Namespace, see: Callable[[str], None] = print
) -> None:
    """Measure FER2013's faces in frames."""
    random = np.random.default_rng(0)
    chosen = sample(read_fer2013(options.data), options.check, random)
    classifier = ModelStore(ROOT / "app" / "models").classifier(options.model)
    contract = classifier.contract
    truths, whole, found_at, told, errors, agreement = [], [], [], [], [], Agreement()
    elsewhere = 0
    for start in range(0, len(chosen.images), BATCH):
        frames = [
            in_frame(picture, contract.crop.margin, random)
            for picture in chosen.images[start : start + BATCH]
        ]
        files = [cv2.imencode(".png", frame)[1].tobytes() for frame, _ in frames]
        for index, faces in enumerate(look(page, files)):
            frame, truth = frames[index]
            truths.append(truth)
            agreement.add(faces, ask(client, options.model, files[index]))
            face, most = best(faces, truth)
            elsewhere += len(faces) - (most > FOUND)
            if face is None or most <= FOUND:
                continue
            box = Box(**face["box"])
            whole.append(to_batch(frame, [crop_box(truth, contract.crop)], contract.input))
            found_at.append(start + index)
            told.append(contract.labels.index(face["label"]))
            errors.append(
                (
                    (box.x + box.width / 2 - truth.x - truth.width / 2) / truth.width,
                    (box.y + box.height / 2 - truth.y - truth.height / 2) / truth.width,
                    np.log(box.width / truth.width),
                )
            )
    see(f"found {len(told)} of {len(truths)} ({len(told) / len(truths):.1%})")
    see(f"{elsewhere} boxes elsewhere")
    for name, values in zip(("right", "down", "log size"), np.array(errors).T, strict=True):
        shown = "  ".join(f"{v:+.3f}" for v in np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95]))
        see(f"box off, {name:9} 5, 25, 50, 75, 95 %: {shown}")
    here = np.array(told)
    there = classifier.predict(np.concatenate(whole)).argmax(axis=1)
    labels = {"FER2013's labels": chosen.labels[found_at]}
    if options.ferplus:
        majority = ferplus_majority(read_ferplus(options.ferplus))
        labels["FER+'s majority"] = majority[chosen.rows[found_at]]
    for name, right in labels.items():
        known = right >= 0
        of = [float((one[known] == right[known]).mean()) for one in (there, here)]
        see(
            f"right by {name}: {of[0]:.1%} of {known.sum()} pictures as they are, {of[1]:.1%} of "
            f"the crops, {100 * (of[0] - of[1]):.1f} points less"
        )
    agreement.report("FER2013's faces in frames")


def compare_photos(page: Page, client: FlaskClient, model: str, folder: Path) -> None:
    """Compare browser and server on the photos of a folder."""
    agreement = Agreement()
    files = [file for file in sorted(folder.iterdir()) if file.suffix.lower() in SUFFIXES]
    for file in files:
        content = file.read_bytes()
        agreement.add(look(page, [content])[0], ask(client, model, content))
    agreement.report(f"{len(files)} photos")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--ferplus", type=Path)
    parser.add_argument("--check", type=int, default=800)
    parser.add_argument("--model", default="mien_plain.fer2013")
    parser.add_argument("--photos", type=Path)
    options = parser.parse_args()
    client = create_app({"MIEN_RATE_LIMIT": "", "MIEN_PRELOAD": False}).test_client()
    with browser_page(options.model) as page:
        if options.photos:
            compare_photos(page, client, options.model, options.photos)
        if options.check:
            check(page, client, options)


if __name__ == "__main__":
    main()
