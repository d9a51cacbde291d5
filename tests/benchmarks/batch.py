"""Measure the batch: videos and photos on this machine's cores, memory, Dask workers.

    python -m tests.benchmarks.batch [--only video,fer,photos,memory,dask] [--seconds 120]

`video`   a 1280x720 film with one face, at ten samples a second and at all frames: seconds of video
          a second, on one process and on one for each core, with and without their start.
`fer`     the same film through the loop of the package fer (25.10), without its network: OpenCV
          reads every frame and looks for faces with its Haar cascade at full resolution. It is the
          baseline of `video`, per frame.
`photos`  photos of 12 megapixels: files a second in two processes and in one, the baseline.
`memory`  resident memory of the worker processes over a video of an hour.
`dask`    the film in parts on 1, 2 and 4 Dask workers with its ideal, the time of one part, and a
          simulation from these times for 64 and 512 workers.
"""

from __future__ import annotations

import argparse
import heapq
import os
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import psutil
from PIL import Image
from skimage import data

from app.batch.engine_dask import DaskCluster
from app.batch.engines import Engine, LocalProcesses
from app.batch.tasks import (
    Failure,
    Outcome,
    PicturesTask,
    Settings,
    Source,
    Task,
    VideoResult,
    VideoTask,
)

from ..support.film import FACE, window
from ..support.serving import ROOT, free_port
from .photo import photo

RATE, WIDTH, HEIGHT = 30, 1280, 720
MODEL = "mien_small.ferplus"
CORES = os.cpu_count() or 1


def hd_frame(turn: float) -> np.ndarray:
    """(720, 1280, 3) uint8: the film of tests/support/film.py, wider, with a camera's noise."""
    x, y, width, _ = window(turn)
    height = width * HEIGHT / WIDTH
    y = min(y, FACE[1] - 10.0)
    scale = WIDTH / width
    move = np.array([[scale, 0, -x * scale], [0, HEIGHT / height, -y * scale]])
    image = cv2.warpAffine(
        data.astronaut(), move, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    noise = np.random.default_rng(round(turn * 1e6)).integers(-4, 5, (HEIGHT, WIDTH, 1))
    return np.clip(image.astype(np.int16) + noise, 0, 255).astype(np.uint8)


def write_minute(path: Path) -> None:
    """A minute of the film as H.264, with a keyframe each two seconds."""
    with av.open(str(path), "w") as file:
        options = {"preset": "veryfast", "g": str(2 * RATE), "crf": "23"}
        stream = file.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(60 * RATE):
            image = hd_frame(index / RATE / 15 % 1)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        file.mux(stream.encode(None))


def repeat(minute: Path, path: Path, times: int) -> Path:
    """The minute several times, without encoding it again; the path."""
    with av.open(str(path), "w") as written:
        stream = None
        for number in range(times):
            with av.open(str(minute)) as read:
                source = read.streams.video[0]
                stream = stream or written.add_stream_from_template(source)
                offset = round(Fraction(60 * number) / source.time_base)
                for packet in read.demux(source):
                    if packet.dts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + offset, packet.dts + offset
                    packet.stream = stream
                    written.mux(packet)
    return path


def settings(every: float | None) -> Settings:
    return Settings(str(ROOT / "app" / "models"), MODEL, every)


def parts(path: Path, seconds: float, length: float) -> list[Task]:
    """A video in parts of `length` seconds, as app.batch.run plans them."""
    source = Source(str(path), "video")
    starts = np.arange(0, seconds - 1e-6, length)
    return [
        VideoTask(source, i, float(start), float(start + length), min(10.0, float(start)))
        for i, start in enumerate(starts)
    ]


def do(engine: Engine, tasks: list[Task]) -> tuple[float, list[Outcome]]:
    """Have all tasks done: seconds, and what they gave."""
    started, waiting, outcomes = time.perf_counter(), list(tasks), []
    while waiting or engine.running():
        while waiting and engine.running() < engine.slots():
            engine.submit(waiting.pop(0))
        for _, outcome in engine.wait(0.1):
            assert not isinstance(outcome, Failure), outcome
            outcomes.append(outcome)
    return time.perf_counter() - started, outcomes


def warm(engine: Engine, workers: int, picture: Path) -> float:
    """Start the processes and load the model in each; seconds."""
    one = PicturesTask((Source(str(picture), "picture"),) * 4)
    return do(engine, [one] * (2 * workers))[0]


def video(film: Path, seconds: float, picture: Path) -> dict[str, float]:
    """Print the speed of videos; milliseconds a frame on all cores."""
    found = {}
    for name, every in (("ten samples a second", 0.1), ("all frames", None)):
        rates = {}
        length = seconds / CORES if every else seconds / CORES / 2
        for workers in sorted({1, CORES}):
            engine = LocalProcesses(settings(every), workers)
            try:
                start = warm(engine, workers, picture)
                # A part for each process, none with a warm-up: the speed of the work itself.
                total = length * workers
                source = Source(str(film), "video")
                tasks: list[Task] = [VideoTask(source, 0, 0.0, length)] * workers
                took, outcomes = do(engine, tasks)
            finally:
                engine.close()
            rows = sum(len(o.rows) for o in outcomes if isinstance(o, VideoResult))
            rates[workers] = total / took
            print(
                f"video, {name}, {workers} processes: {total:.0f} s in {took:.1f} s, "
                f"{rates[workers]:.1f} times real time; {rows} rows; their start {start:.1f} s",
                flush=True,
            )
        found[name] = 1000 / (rates[CORES] * RATE)
        print(f"  {CORES} processes to one: {rates[CORES] / rates[1]:.2f}", flush=True)
    return found


def fer(film: Path, frames: int = 90) -> float:
    """Milliseconds a frame of fer's loop without its network."""
    folder = Path(cv2.__file__).parent / "data"
    cascade = cv2.CascadeClassifier(str(folder / "haarcascade_frontalface_default.xml"))
    reader = cv2.VideoCapture(str(film))
    started = time.perf_counter()
    for _ in range(frames):
        _, image = reader.read()
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        cascade.detectMultiScale(grey, 1.1, 5, flags=cv2.CASCADE_SCALE_IMAGE, minSize=(50, 50))
    return (time.perf_counter() - started) * 1000 / frames


def photos(folder: Path, count: int) -> None:
    """Print the speed of photos of 12 megapixels."""
    for number in range(8):
        image = Image.fromarray(photo(4000, 3000, 1 + number % 3))
        image.save(folder / f"{number}.jpg", quality=90)
    sources = [Source(str(folder / f"{i % 8}.jpg"), "picture") for i in range(count)]
    rates = {}
    for workers in sorted({1, CORES}):
        engine = LocalProcesses(settings(0.1), workers)
        try:
            warm(engine, workers, folder / "0.jpg")
            own = sources if workers == CORES else sources[: count // 2]
            groups = [own[i : i + 8] for i in range(0, len(own), 8)]
            took, _ = do(engine, [PicturesTask(tuple(group)) for group in groups])
        finally:
            engine.close()
        rates[workers] = len(own) / took
        print(f"photos of 12 MP, {workers} processes: {rates[workers]:.1f} a second", flush=True)
    print(f"  {CORES} processes to one: {rates[CORES] / rates[1]:.2f}", flush=True)


def memory(hour: Path, minutes: int) -> None:
    """Print the workers' memory over a long video, a line for each tenth of the run."""
    samples: list[tuple[float, int]] = []
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "app.batch", str(hour), "--out", f"{name}/out", "--quiet"]
        started = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT)
        while process.poll() is None:
            time.sleep(0.5)
            for child in psutil.Process(process.pid).children():
                try:
                    if "spawn_main" in " ".join(child.cmdline()):
                        samples.append((time.monotonic() - started, child.memory_info().rss))
                except psutil.Error:
                    continue
        assert process.returncode == 0
    took = time.monotonic() - started
    print(f"memory: {minutes} minutes of video in {took:.0f} s, {minutes * 60 / took:.1f} times")
    for tenth in range(10):
        own = [rss for at, rss in samples if tenth <= 10 * at / took < tenth + 1]
        print(f"  {tenth * 10:3d} %: at most {max(own) / 1e6:.0f} MB in a worker", flush=True)


def dask(film: Path, seconds: float, picture: Path) -> None:
    """Print the speed on 1, 2 and 4 Dask workers, and a simulation for more."""
    address = f"tcp://127.0.0.1:{free_port()}"
    scheduler = _dask("scheduler", "--port", address.rpartition(":")[2], "--no-dashboard")
    running = []
    length = 10.0
    times: list[float] = []
    try:
        first = 0.0
        for workers in (1, 2, 4):
            while len(running) < workers:
                running.append(_dask("worker", address, "--nthreads", "1", "--no-dashboard"))
            engine = DaskCluster(settings(0.1), address)
            end = time.monotonic() + 60
            while len(engine.client.nthreads()) < workers and time.monotonic() < end:
                time.sleep(0.1)
            warm(engine, workers, picture)
            took, outcomes = do(engine, parts(film, seconds, length))
            engine.close()
            first = first or took
            ideal = first / min(workers, CORES)
            print(
                f"dask, {workers} workers: {seconds / took:.1f} times real time, {took:.1f} s; "
                f"ideal on {CORES} cores {ideal:.1f} s, {100 * ideal / took:.0f} %",
                flush=True,
            )
            if workers == 1:
                times = [o.took for o in outcomes if isinstance(o, VideoResult)]
                overhead = took - sum(times)
                each = overhead / len(times)
                print(f"  a part takes {statistics.mean(times):.2f} s; around it {each * 1000:.0f} "
                      "ms in the scheduler and here")  # fmt: skip
                here = _join_time(outcomes)
                print(f"  joining and writing a part here: {here * 1000:.1f} ms")
    finally:
        for process in (*running, scheduler):
            process.terminate()
            process.wait(20)
    simulate(times, here + each)


def _dask(*arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"}
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _join_time(outcomes: list[Outcome]) -> float:
    """Seconds that this process needs to join and write a part."""
    from app.batch.output import OutputFolder
    from app.batch.results import video_result
    from app.inference.contract import ModelContract

    contract = ModelContract.read(ROOT / "app" / "models" / MODEL / "contract.json")
    found = [outcome for outcome in outcomes if isinstance(outcome, VideoResult)]
    with tempfile.TemporaryDirectory() as name:
        output = OutputFolder(Path(name), "parquet", contract.labels)
        for folder in ("faces", "parts"):
            (Path(name) / folder).mkdir()
        started = time.perf_counter()
        output.add([video_result(Source("film", "video"), found, 0.1, contract)])
        return (time.perf_counter() - started) / len(found)


def simulate(times: list[float], here: float) -> None:
    """Print how a queue of 20,000 parts with the measured times is done by many workers, where one
    process takes `here` seconds for each result: the scheduler's and its own."""
    order = np.random.default_rng(0).choice(times, 20_000)
    alone = float(order.sum())
    for workers in (2, 64, 512):
        free = [0.0] * workers
        done = []
        for seconds in order:
            begin = heapq.heappop(free)
            heapq.heappush(free, begin + seconds)
            done.append(begin + seconds)
        clock = 0.0
        for at in sorted(done):
            clock = max(clock, at) + here
        print(
            f"simulation, {workers} workers: {alone / clock:.0f} times one worker, "
            f"{100 * alone / clock / workers:.0f} % of the ideal"
        )


def _without_development(folder: Path) -> None:
    """Let the processes that are started import nothing of requirements-dev.txt: where only
    requirements-batch.txt is installed, Keras finds none of it."""
    folder.mkdir()
    for package in ("tensorflow", "jax", "torch", "pandas", "sklearn", "matplotlib"):
        (folder / f"{package}.py").write_text('raise ImportError("not for the batch")\n')
    os.environ["PYTHONPATH"] = f"{folder}:{ROOT}"
    sys.path.insert(0, str(folder))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="video,fer,photos,memory,dask")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--minutes", type=int, default=60, help="length of the video for memory")
    parser.add_argument("--photos", type=int, default=96)
    parser.add_argument("--films", type=Path, help="keep the films in this folder")
    options = parser.parse_args()
    wanted = options.only.split(",")
    with tempfile.TemporaryDirectory() as name:
        _without_development(Path(name) / "without")
        folder = options.films or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        minute, picture = folder / "minute.mp4", folder / "picture.jpg"
        if not minute.exists():
            write_minute(minute)
        Image.fromarray(data.astronaut()).save(picture)
        film = repeat(minute, folder / "film.mp4", max(1, round(options.seconds / 60)))
        ours = video(film, options.seconds, picture) if "video" in wanted else {}
        if "fer" in wanted:
            theirs = fer(film)
            print(f"fer's loop: {theirs:.1f} ms a frame")
            for kind, mine in ours.items():
                print(f"  {kind}: {mine:.2f} ms a frame, {theirs / mine:.1f} times as fast")
        if "photos" in wanted:
            photos(Path(name), options.photos)
        if "memory" in wanted:
            memory(repeat(minute, folder / "hour.mp4", options.minutes), options.minutes)
        if "dask" in wanted:
            dask(film, options.seconds, picture)


if __name__ == "__main__":
    main()
