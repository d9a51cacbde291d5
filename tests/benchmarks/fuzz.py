"""Fuzz the decoding of images and the API with damaged files.

    python -m tests.benchmarks.fuzz [--inputs 10000] [--seed 0]
    python -m tests.benchmarks.fuzz --guided [--inputs 10000]

The inputs are damaged copies of valid files of every format, and random bytes. Each is decoded in
this process and sent to POST /api/v1/recognize with Flask's test client. The exit code is 1 if an
answer is 5xx, if an exception is not one of app/inference/errors.py, or if the memory grows by more
than 32 MB after the first tenth of the inputs.

With --guided, atheris (libFuzzer) chooses the inputs by the branches that they reach in Pillow's
plug-ins and in app/inference; it starts with the valid files.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections import Counter
from io import BytesIO
from pathlib import Path
from random import Random

INPUTS_HERE = 0.85
"""Share of inputs of the formats that the server's own process decodes, the likeliest ones."""

GROWTH_MB = 32


def resident_mb() -> float:
    """Resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class Target:
    """The decoding and the route under test; counts their results and raises on failures."""

    def __init__(self) -> None:
        import cv2

        from app import create_app
        from app.inference.images import ImageLimits
        from app.server import malloc

        malloc.configure()  # as the served process does (gunicorn.conf.py)
        cv2.setNumThreads(1)  # threads are slower for images of this size
        self.limits = ImageLimits(max_bytes=2_000_000, max_pixels=2_000_000)
        app = create_app(
            {"MIEN_MAX_BYTES": 2_000_000, "MIEN_MAX_MEGAPIXELS": 2.0, "MIEN_RATE_LIMIT": ""}
        )
        app.extensions["mien"].preload()  # once, so that it does not count as growth
        self.client = app.test_client()
        self.statuses: Counter[int] = Counter()
        self.decoded: Counter[str] = Counter()
        self.slowest_ms = 0.0

    def decode(self, content: bytes) -> None:
        """Decode `content` as the server does, but most formats in this process."""
        from app.inference.decoding import pillow_reader
        from app.inference.errors import ImageError
        from app.inference.images import IN_PROCESS, _kinds, decode

        started = time.perf_counter()
        try:
            kinds = _kinds(content) if content else ("",)
            if kinds[0] in ("AVIF", "HEIF"):
                return  # only through the route: their libraries could end this process
            if kinds[0] in IN_PROCESS or not content:
                decode(content, self.limits)
            else:
                pillow_reader.read(content, kinds, self.limits.max_pixels, 1280)
            self.decoded["picture"] += 1
        except (ImageError, pillow_reader.RefusedError):
            self.decoded["refused"] += 1
        self.slowest_ms = max(self.slowest_ms, (time.perf_counter() - started) * 1000)

    def post(self, content: bytes) -> None:
        """Send `content` to the API."""
        form = {"photo": (BytesIO(content), "photo.jpg")}
        answer = self.client.post("/api/v1/recognize", data=form)
        self.statuses[answer.status_code] += 1
        if answer.status_code not in (200, 400, 413):
            raise AssertionError(f"{answer.status_code}: {answer.text[:300]}")
        if answer.status_code != 200:
            sentence = answer.get_json()["detail"]
            assert sentence.endswith(".") and "where it was taken" not in sentence, sentence


def keep(content: bytes) -> Path:
    """Store `content` in a file for debugging; returns the path."""
    with tempfile.NamedTemporaryFile(prefix="fuzz-", delete=False) as file:
        file.write(content)
    return Path(file.name)


def inputs(count: int, seed: int):
    """Generate `count` inputs; the same for the same seed."""
    from app.inference.images import FORMATS, IN_PROCESS

    from ..support.image_mutations import TOKENS, damaged, valid_files

    random = Random(seed)
    files = valid_files()
    here, apart = sorted(IN_PROCESS), sorted(set(FORMATS) - IN_PROCESS)
    for _ in range(count):
        if random.random() < 0.05:
            yield random.choice((b"", *TOKENS)) + random.randbytes(random.randrange(600))
            continue
        kind = random.choice(here if random.random() < INPUTS_HERE else apart)
        yield damaged(random.choice(files[kind]), random)


def run(count: int, seed: int) -> int:
    """Test `count` inputs; returns the exit code."""
    target = Target()
    started, warm, peak = time.perf_counter(), 0.0, 0.0
    for number, content in enumerate(inputs(count, seed)):
        try:
            target.decode(content)
            target.post(content)
        except BaseException:
            print(f"input {number} of seed {seed} is in {keep(content)}")
            raise
        if number == count // 10:
            warm = resident_mb()
        if number >= count // 10:
            peak = max(peak, resident_mb())
        if number % max(1, count // 20) == 0:
            print(f"{number:6} {resident_mb():7.1f} MB  {dict(target.statuses)}", flush=True)
    took = time.perf_counter() - started
    print(f"inputs               {count} in {took:.0f} s")
    print(f"decoding             {dict(target.decoded)}, slowest {target.slowest_ms:.0f} ms")
    print(f"answers              {dict(sorted(target.statuses.items()))}")
    print(f"memory after warm-up {warm:.1f} MB, most since {peak:.1f} MB, at the end "
          f"{resident_mb():.1f} MB")  # fmt: skip
    return int(peak - warm > GROWTH_MB)


def guided(count: int) -> None:
    """Let atheris choose `count` inputs; it ends the process itself."""
    import atheris

    with atheris.instrument_imports(include=["PIL", "app.inference"]):
        from PIL import (  # noqa: F401
            AvifImagePlugin,
            BmpImagePlugin,
            GifImagePlugin,
            JpegImagePlugin,
            MpoImagePlugin,
            PngImagePlugin,
            TiffImagePlugin,
            WebPImagePlugin,
        )

        from app.inference import images
    from app.inference.images import IN_PROCESS

    from ..support.image_mutations import valid_files

    target = Target()
    runs = 0

    def one(content: bytes) -> None:
        nonlocal runs
        target.decode(content)
        # Every twentieth input of the formats that need a process each.
        if runs % 20 == 0 or not content or is_here(content):
            target.post(content)
        runs += 1
        if runs % 1000 == 0:
            print(f"{runs:6} {resident_mb():7.1f} MB  {dict(target.decoded)} "
                  f"{dict(target.statuses)}", flush=True)  # fmt: skip

    def is_here(content: bytes) -> bool:
        try:
            return images._kinds(content)[0] in IN_PROCESS
        except images.ImageDecodeError:
            return True

    with tempfile.TemporaryDirectory() as folder:
        for kind, files in valid_files().items():
            for number, file in enumerate(files):
                (Path(folder) / f"{kind}-{number}").write_bytes(file)
        atheris.Setup([sys.argv[0], f"-runs={count}", "-max_len=20000", "-timeout=60", folder], one)
        atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--guided", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("KERAS_BACKEND", "openvino")
    warnings.simplefilter("ignore")  # Pillow's warnings about damaged tags
    if options.guided:
        guided(options.inputs)
    else:
        sys.exit(run(options.inputs, options.seed))


if __name__ == "__main__":
    main()
