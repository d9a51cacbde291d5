"""Measure the server's time for a photo over HTTP, served as the Procfile does.

    python -m tests.benchmarks.photo [--requests 15] [--photos folder] [--backends]

The photos, all JPEG: three sizes with 1, 5 and 10 faces in front of a table with much detail, one
in front of a plain background, one of 1920x1080 without a face, and the portraits of a folder,
cropped to 1920x1080 around their faces. The baseline of the same run is a plain detector: one Haar
cascade (frontalface_default) on the photo at full resolution. Both are measured alternately, and
the ratio is that of the medians. With --backends, the time of predicting on Keras's two backends is
printed too, if TensorFlow is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from skimage import data

from ..support.browser import ROOT, serve
from .photo_faces import PHOTO_FACES

SIZES = ((640, 480), (1920, 1080), (4000, 3000))
FACES = (1, 5, 10)

PREDICT = """
import time, numpy as np
from pathlib import Path
from app.inference.model_store import ModelStore
classifier = ModelStore(Path("app/models")).classifier("mien_small.ferplus")
for count in (1, 5, 10):
    batch, times = np.random.rand(count, 48, 48, 1).astype("float32") * 255, []
    classifier.predict(batch)
    for _ in range(60):
        started = time.perf_counter()
        classifier.predict(batch)
        times.append(time.perf_counter() - started)
    print(count, sorted(times)[30] * 1000)
"""


def full_hd() -> np.ndarray:
    """(1080, 1920, 3) uint8: the astronaut photo with replicated edges."""
    return cv2.copyMakeBorder(data.astronaut(), 284, 284, 704, 704, cv2.BORDER_REPLICATE)


def photo(width: int, height: int, faces: int) -> np.ndarray:
    """(height, width, 3) uint8: a table with coffee, `faces` astronauts and sensor noise."""
    image = cv2.resize(data.coffee(), (width, height)).astype(np.int16)
    side = height // 3
    person = cv2.resize(data.astronaut()[:300, 80:380], (side, side), interpolation=cv2.INTER_AREA)
    for number in range(faces):
        row, column = divmod(number, 4)
        top = row * side
        left = round(column * (width - side) / 3)
        image[top : top + side, left : left + side] = person
    noise = np.random.default_rng(0).integers(-4, 5, (height, width, 1))
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def portrait(file: Path) -> np.ndarray:
    """(1080, 1920, 3) uint8: the part of a portrait around its face, enlarged."""
    image = np.asarray(Image.open(file).convert("RGB"))
    height, width = image.shape[:2]
    part = width * 9 // 16
    middle = round(PHOTO_FACES[file.stem][0][1] * height)
    top = min(max(0, middle - part // 2), height - part)
    return cv2.resize(image[top : top + part], (1920, 1080), interpolation=cv2.INTER_CUBIC)


def post(url: str, photo: bytes, model: str | None = None) -> dict:
    """The API's answer to a photo."""
    boundary = uuid.uuid4().hex
    head = (
        f"--{boundary}\r\nContent-Disposition: form-data; name=photo; filename=photo.jpg\r\n"
        "Content-Type: image/jpeg\r\n\r\n"
    )
    request = urllib.request.Request(
        f"{url}/api/v1/recognize" + (f"?model={model}" if model else ""),
        data=head.encode() + photo + f"\r\n--{boundary}--\r\n".encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def measure(url: str, name: str, image: np.ndarray, requests: int) -> None:
    """Print a row of the table."""
    file = BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=90)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    folder = Path(cv2.__file__).parent / "data"
    cascade = cv2.CascadeClassifier(str(folder / "haarcascade_frontalface_default.xml"))
    whole, baseline, answers = [], [], []
    post(url, file.getvalue())
    for number in range(requests):
        started = time.perf_counter()
        answers.append(post(url, file.getvalue()))
        whole.append((time.perf_counter() - started) * 1000)
        if number % 3 == 0:
            started = time.perf_counter()
            cascade.detectMultiScale(grey, 1.1, 5)
            baseline.append((time.perf_counter() - started) * 1000)
    steps = {
        step: statistics.median(answer["timings_ms"][step] for answer in answers)
        for step in answers[0]["timings_ms"]
    }
    ours, plain = statistics.median(whole), statistics.median(baseline)
    print(
        f"{name:22}{len(answers[0]['faces']):>5}{ours:>9.1f}{min(whole):>9.1f}{plain:>9.1f}"
        f"{ours / plain:>7.2f}   " + "  ".join(f"{step} {ms:.1f}" for step, ms in steps.items()),
        flush=True,
    )


def backends() -> None:
    """Print the time of predicting 1, 5 and 10 faces on each of Keras's backends."""
    names = ["openvino"] + ["tensorflow"] * bool(importlib.util.find_spec("tensorflow"))
    for name in names:
        environment = {**os.environ, "KERAS_BACKEND": name}
        done = subprocess.run(
            [sys.executable, "-c", PREDICT], cwd=ROOT, env=environment, capture_output=True,
            text=True, check=True,
        )  # fmt: skip
        rows = [line.split() for line in done.stdout.splitlines()]
        print(f"predict on {name:12}" + "   ".join(f"{n} faces {float(ms):.2f} ms"
              for n, ms in rows), flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=15)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--backends", action="store_true")
    options = parser.parse_args()
    portraits = sorted(options.photos.glob("portrait-*.jpg")) if options.photos else []
    with tempfile.TemporaryDirectory() as name, serve(Path(name)) as server:
        print(f"{'photo':22}{'found':>5}{'p50 ms':>9}{'least':>9}{'plain':>9}{'ratio':>7}")
        measure(server.url, "1920x1080, framed", full_hd(), options.requests)
        measure(server.url, "1920x1080, no face", photo(1920, 1080, 0), options.requests)
        for file in portraits:
            measure(server.url, f"1920x1080, {file.stem}", portrait(file), options.requests)
        for width, height in SIZES:
            for faces in FACES:
                image = photo(width, height, faces)
                measure(server.url, f"{width}x{height}, {faces}", image, options.requests)
    if options.backends:
        backends()


if __name__ == "__main__":
    main()
