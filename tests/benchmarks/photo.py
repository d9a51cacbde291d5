"""How long the server takes for a photo: 1920x1080, one face, over HTTP, served by the Procfile.

    python -m tests.benchmarks.photo [--requests 50]

The baseline of the same run is what a plain detector costs alone: one Haar cascade
(frontalface_default) on the picture at full resolution.
"""

from __future__ import annotations

import argparse
import json
import statistics
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

from ..browser.harness import serve


def full_hd() -> np.ndarray:
    """(1080, 1920, 3) uint8: the astronaut picture in a frame of its own edge pixels."""
    return cv2.copyMakeBorder(data.astronaut(), 284, 284, 704, 704, cv2.BORDER_REPLICATE)


def post(url: str, photo: bytes) -> dict:
    """The API's answer to a photo."""
    boundary = uuid.uuid4().hex
    head = (
        f"--{boundary}\r\nContent-Disposition: form-data; name=photo; filename=photo.jpg\r\n"
        "Content-Type: image/jpeg\r\n\r\n"
    )
    request = urllib.request.Request(
        f"{url}/api/v1/recognize",
        data=head.encode() + photo + f"\r\n--{boundary}--\r\n".encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=50)
    options = parser.parse_args()
    image = full_hd()
    file = BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=90)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    folder = Path(cv2.__file__).parent / "data"
    cascade = cv2.CascadeClassifier(str(folder / "haarcascade_frontalface_default.xml"))
    whole, baseline, answers = [], [], []
    with tempfile.TemporaryDirectory() as name, serve(Path(name)) as server:
        post(server.url, file.getvalue())
        for _ in range(options.requests):
            started = time.perf_counter()
            answers.append(post(server.url, file.getvalue()))
            whole.append((time.perf_counter() - started) * 1000)
            started = time.perf_counter()
            cascade.detectMultiScale(grey, 1.1, 5)
            baseline.append((time.perf_counter() - started) * 1000)
    ratios = [ours / plain for ours, plain in zip(whole, baseline, strict=True)]
    steps = {
        step: statistics.median(answer["timings_ms"][step] for answer in answers)
        for step in answers[0]["timings_ms"]
    }
    print(f"photo over HTTP, p50     {statistics.median(whole):6.1f} ms")
    print(f"plain cascade alone, p50 {statistics.median(baseline):6.1f} ms  (baseline)")
    print(f"ratio, median of pairs   {statistics.median(ratios):6.2f}")
    print("ms a step                " + "  ".join(f"{k} {v:.1f}" for k, v in steps.items()))
    print("found                    " + ", ".join(f["label"] for f in answers[0]["faces"]))


if __name__ == "__main__":
    main()
