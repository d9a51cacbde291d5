"""Measure the web process: memory, size of the packed environment, time to start; check the limits.

    python -m tests.benchmarks.footprint [--keep FOLDER]

The benchmark makes a virtual environment of requirements.txt and a copy of the deployed files (the
tracked files without those in .slugignore, and static/dist), packs both, serves from there as the
Procfile does, sends photos, then a picture of 48 faces twice at once to each model, and reads
/proc. `--keep` stores both in FOLDER and uses them again. It
fails above a limit.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from skimage import data

from .photo import full_hd, post

ROOT = Path(__file__).resolve().parents[2]
RSS_MB = 320
PACKED_MB = 250
BOOT_S = 10
PHOTOS = 60


def environment(folder: Path) -> Path:
    """A virtual environment with requirements.txt in it, without pip, after bin/post_compile."""
    path = folder / "environment"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.is_dir():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", path], check=True)
        pip = [sys.executable, "-m", "pip", "--python", str(path / "bin" / "python")]
        quiet = ["--quiet", "--disable-pip-version-check"]
        wanted = ["-r", str(ROOT / "requirements.txt")]
        subprocess.run([*pip, "install", *quiet, *wanted], check=True)
        own = {**os.environ, "PYTHON": str(path / "bin" / "python")}
        subprocess.run([ROOT / "bin" / "post_compile"], env=own, check=True)
    return path


def slug(folder: Path) -> Path:
    """Copy the files that are deployed."""
    path = folder / "slug"
    shutil.rmtree(path, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    left_out = tuple(
        line.strip("/") for line in (ROOT / ".slugignore").read_text().splitlines() if line
    )
    built = (str(file.relative_to(ROOT)) for file in (ROOT / "static" / "dist").rglob("*"))
    for name in [*listed.stdout.split("\0"), *built]:
        if name and name.split("/")[0] not in left_out and (ROOT / name).is_file():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, path / name)
    return path


def packed_mb(path: Path) -> float:
    """Size as .tar.gz in MB (10**6 bytes), without Python's compiled files."""
    with tempfile.TemporaryFile() as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
            archive.add(
                path, path.name, filter=lambda item: None if "__pycache__" in item.name else item
            )
        return file.tell() / 1e6


def forget(path: Path) -> None:
    """Drop the folder's files from the page cache, so that the next start reads the disk."""
    os.sync()
    for file in path.rglob("*"):
        if file.is_file() and not file.is_symlink():
            handle = os.open(file, os.O_RDONLY)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)


@contextmanager
def served(environment: Path, slug: Path, **settings: str) -> Iterator[tuple[str, int, float]]:
    """(URL, pid of gunicorn's master, seconds from start to healthy)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = shlex.split((slug / "Procfile").read_text().partition("web:")[2])
    names = ("PATH", "HOME", "LANG")
    own = {name: os.environ[name] for name in names if name in os.environ}
    own |= {"PORT": str(port), "MIEN_RATE_LIMIT": "", "WEB_CONCURRENCY": "1", **settings}
    command[0] = str(environment / "bin" / command[0])
    url = f"http://127.0.0.1:{port}"
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=slug, env=own, stdout=subprocess.DEVNULL)
    try:
        while True:
            if process.poll() is not None or time.monotonic() - began > 120:
                raise SystemExit("The server did not come up.")
            try:
                with urllib.request.urlopen(f"{url}/api/v1/health", timeout=10):
                    break
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        yield url, process.pid, time.monotonic() - began
    finally:
        process.terminate()
        process.wait(60)


def photos() -> list[bytes]:
    """Photos of 0.3, 2 and 12 megapixels with a face, as JPEG, and one as PNG."""
    small, wide = data.astronaut(), full_hd()
    large = np.repeat(np.repeat(wide[:, 240:1680], 3, 0), 3, 1)[:3000, :4000]
    files = []
    for image, kind in ((small, "JPEG"), (small, "PNG"), (wide, "JPEG"), (large, "JPEG")):
        file = BytesIO()
        Image.fromarray(image).save(file, kind)
        files.append(file.getvalue())
    return files


def crowd() -> bytes:
    """A JPEG picture of 48 faces: the astronaut's, 8 times across and 6 times down."""
    face = Image.fromarray(data.astronaut()).crop((120, 0, 340, 220))
    picture = Image.new("RGB", (8 * 220, 6 * 220))
    for number in range(48):
        picture.paste(face, (number % 8 * 220, number // 8 * 220))
    file = BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


def attack(url: str, pid: int) -> float:
    """Send a picture of 48 faces twice at once to each model, three times. The largest RSS in MB
    after a model's answers."""
    with urllib.request.urlopen(f"{url}/api/v1/models") as answer:
        names = [model["name"] for model in json.load(answer)["models"]]
    picture, largest = crowd(), 0.0
    with ThreadPoolExecutor(2) as pool:
        for name in 3 * names:
            answers = list(pool.map(partial(post, url, picture), [name, name]))
            if min(len(one["faces"]) for one in answers) < 40:
                raise SystemExit(f"{name}: fewer than 40 of 48 faces were found.")
            largest = max(largest, memory(pid)["Rss"])
    return largest


def memory(pid: int) -> dict[str, float]:
    """Memory of a process in MB: "Rss", "Pss" (proportional set size), and the "peak" of Rss."""
    fields = {}
    for source in ("smaps_rollup", "status"):
        for line in Path(f"/proc/{pid}/{source}").read_text().splitlines():
            name, _, rest = line.partition(":")
            if rest.strip().endswith("kB"):
                fields[name] = int(rest.split()[0]) * 1024 / 1e6
    return {"Rss": fields["Rss"], "Pss": fields["Pss"], "peak": fields["VmHWM"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        web, deployed = environment(folder), slug(folder)
        sizes = {"environment": packed_mb(web), "application": packed_mb(deployed)}
        # Compiled once, as in a platform's build, then started with an empty page cache.
        subprocess.run([web / "bin" / "python", "-m", "compileall", "-q", web, deployed],
                       check=False, stdout=subprocess.DEVNULL)  # fmt: skip
        for path in (web, deployed):
            forget(path)
        with served(web, deployed) as (url, master, boot):
            own = psutil.Process(master).children()[0].cpu_times()
            files = photos()
            with ThreadPoolExecutor(2) as pool:
                answers = list(pool.map(lambda i: post(url, files[i % 4]), range(PHOTOS)))
            faces = sum(len(answer["faces"]) for answer in answers)
            (worker,) = psutil.Process(master).children()
            used, master_used = memory(worker.pid), memory(master)
            crowded = attack(url, worker.pid)
        with served(web, deployed) as (_, _, again):
            pass
    total = sum(sizes.values())
    print(f"worker after {PHOTOS} photos   {used['Rss']:6.0f} MB RSS, {used['Pss']:.0f} MB PSS, "
          f"peak {used['peak']:.0f} MB RSS; {faces} faces found")  # fmt: skip
    print(f"after 48 faces twice at once to each model, three times: {crowded:.0f} MB RSS at worst")
    print(f"gunicorn's master         {master_used['Rss']:6.0f} MB RSS, "
          f"{master_used['Pss']:.0f} MB PSS")  # fmt: skip
    print(f"packed                    {total:6.0f} MB: environment {sizes['environment']:.0f}, "
          f"application {sizes['application']:.1f}")  # fmt: skip
    print(f"from start to healthy     {boot:6.1f} s from the disk, {again:.1f} s again; "
          f"{own.user + own.system:.1f} s of processor")  # fmt: skip
    over = [
        f"{said} is {value:.0f}; at most {limit} is allowed."
        for said, value, limit in (
            ("The worker's RSS in MB", used["Rss"], RSS_MB),
            ("The worker's RSS in MB with all models", crowded, RSS_MB),
            ("The packed size in MB", total, PACKED_MB),
            ("The start in seconds", boot, BOOT_S),
        )
        if value > limit
    ]
    if faces == 0:
        over.append("No face was found in any photo.")
    if over:
        raise SystemExit("\n".join(over))


if __name__ == "__main__":
    main()
