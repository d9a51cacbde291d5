"""The start under gunicorn: no request is answered before the model is loaded, and a model that
cannot be loaded ends the start."""

import json
import shutil
import threading
from pathlib import Path

import pytest

from app import create_app

from ...support.requests import DEFAULT_MODEL, upload
from ...support.serving import ROOT, form, serve, until

SLOW = """
import pathlib, runpy, time
globals().update(runpy.run_path("gunicorn.conf.py"))
load = post_worker_init


def post_worker_init(worker):
    while not pathlib.Path({go!r}).exists():
        time.sleep(0.05)
    load(worker)
"""
"""A configuration of gunicorn that waits for the file `go` before it loads the model."""


def test_an_application_without_gunicorn_loads_the_model_for_the_first_photo(photo):
    client = create_app({"TESTING": True}).test_client()
    assert client.get("/api/v1/health").status_code == 200
    assert client.post("/api/v1/recognize", data=upload(photo)).status_code == 200


def test_requests_wait_for_the_model_and_none_is_refused(tmp_path, photo):
    """They are sent while both processes still load, and answered afterwards."""
    go, configuration, answers = tmp_path / "go", tmp_path / "slow.py", []
    configuration.write_text(SLOW.format(go=str(go)))
    settings = {"GUNICORN_CMD_ARGS": f"--config {configuration}", "WEB_CONCURRENCY": "2"}
    with serve(tmp_path, wait=False, **settings) as served:

        def ask(*request):
            answers.append(served.request(*request))

        # The master listens before its processes have loaded anything.
        until(lambda: "Listening at" in served.out.read_text(), served.out.read_text)
        # No more photos than one process recognises at once.
        requests = [("GET", "/api/v1/health"), ("POST", "/api/v1/recognize", *form(photo))] * 2
        threads = [threading.Thread(target=ask, args=request) for request in requests]
        for thread in threads:
            thread.start()
        until(lambda: len(served.workers()) == 2, served.out.read_text)
        assert all(thread.is_alive() for thread in threads)
        assert answers == []
        go.touch()
        for thread in threads:
            thread.join(120)
    assert [status for status, _, _ in answers] == [200] * len(requests)
    health = [json.loads(body) for _, _, body in answers if b"status" in body]
    assert [one["status"] for one in health] == ["ok"] * 2


@pytest.mark.skipif(not Path("/proc/self/maps").is_file(), reason="libraries are seen in /proc")
@pytest.mark.parametrize("preload", ["1", "0"])
def test_the_model_is_loaded_before_the_first_photo_or_with_it(tmp_path, photo, preload):
    with serve(tmp_path, MIEN_PRELOAD=preload) as served:
        (worker,) = served.workers()

        def loaded():
            return "libopenvino_intel_cpu_plugin" in Path(f"/proc/{worker}/maps").read_text()

        assert loaded() == (preload == "1")
        assert served.request("POST", "/api/v1/recognize", *form(photo))[0] == 200
        assert loaded()


def test_a_model_that_cannot_be_loaded_ends_the_start(tmp_path):
    models = tmp_path / "models"
    shutil.copytree(ROOT / "app" / "models" / DEFAULT_MODEL, models / DEFAULT_MODEL)
    file = models / DEFAULT_MODEL / "model.h5"
    file.write_bytes(file.read_bytes()[:10_000])
    with serve(tmp_path, wait=False, MIEN_MODELS=str(models)) as served:
        until(lambda: served.process.poll() is not None, served.out.read_text)
        assert served.process.returncode != 0
        said = [line["error"] for line in served.log() if "error" in line]
        assert len(said) == 1
        assert "model.h5 is damaged" in said[0]
        assert "Traceback" not in served.out.read_text()
