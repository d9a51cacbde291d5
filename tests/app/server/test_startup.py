"""Before the first photo: health says "starting", nobody waits for the model, and a model that
cannot be loaded ends the start."""

import json
import shutil
import threading

import pytest

from app import create_app
from app.server.startup import RETRY_AFTER_S, Peers, Start, StartingError, start_of

from ...support.requests import DEFAULT_MODEL, assert_page, assert_problem, upload
from ...support.serving import ROOT, form, serve, until


@pytest.mark.parametrize("wait_for_request", [False, True])
def test_while_the_model_loads_photos_are_sent_away_and_the_rest_is_served(photo, wait_for_request):
    own = create_app({"TESTING": True})
    client, start, gate, failures = own.test_client(), start_of(own), threading.Event(), []
    load = start._load
    start._load = lambda: (gate.wait(60), load())
    thread = start.begin(failures.append, Peers(1), wait_for_request=wait_for_request)
    try:
        health = client.get("/api/v1/health")
        assert health.status_code == 503
        assert health.get_json()["status"] == "starting"
        assert health.headers["Retry-After"] == str(RETRY_AFTER_S)
        refused = client.post("/api/v1/recognize", data=upload(photo))
        assert_problem(refused, 503, "starting")
        assert refused.headers["Retry-After"] == str(RETRY_AFTER_S)
        page = client.post("/photo", data=upload(photo))
        assert_page(page, 503, "starting")
        assert page.headers["Retry-After"] == str(RETRY_AFTER_S)
        for path in ("/", "/photo", "/models", "/static/css/mien.css", "/api/v1/models"):
            assert client.get(path).status_code == 200
        assert thread.is_alive()
    finally:
        gate.set()
    thread.join(60)
    assert not failures
    assert client.get("/api/v1/health").get_json()["status"] == "ok"
    assert client.post("/api/v1/recognize", data=upload(photo)).status_code == 200


def test_with_nothing_asked_for_nothing_is_loaded_before_the_first_request_to_any():
    """Two processes that start together; a request comes to the first."""
    peers, loads = Peers(2), []
    starts = [Start(lambda n=n: loads.append(n)) for n in (1, 2)]
    threads = [
        start.begin(loads.append, peers, number, wait_for_request=True)
        for number, start in enumerate(starts, start=1)
    ]
    assert all(thread.is_alive() for thread in threads)
    assert not loads and not any(start.ready for start in starts)
    for _ in range(3):
        starts[0].ask()
    for thread in threads:
        thread.join(60)
    assert sorted(loads) == [1, 2]
    assert all(start.ready for start in starts)


def test_an_application_that_nobody_starts_is_ready_and_loads_when_asked(photo):
    client = create_app({"TESTING": True}).test_client()
    assert client.get("/api/v1/health").status_code == 200
    assert client.post("/api/v1/recognize", data=upload(photo)).status_code == 200


def test_health_waits_for_the_processes_that_start_together():
    peers, start = Peers(3), Start(lambda: None)
    start.begin(pytest.fail, peers, 2).join(60)
    for number in (3, 7):  # the seventh took the place of another, later
        peers.mark(number)
        assert not start.ready
        start.check()  # this process takes photos: it is the others that are not ready
    peers.mark(1)
    assert start.ready


def test_a_failure_is_told_and_the_process_never_becomes_ready():
    def load():
        raise ValueError("no such luck")

    start, failures = Start(load), []
    start.begin(failures.append, Peers(1)).join(60)
    assert [str(failure) for failure in failures] == ["no such luck"]
    assert not start.ready
    with pytest.raises(StartingError):
        start.check()
    with pytest.raises(ValueError, match="no such luck"):
        Start(load).now()


def test_served_with_preload_off_the_first_request_begins_it(tmp_path, photo):
    with serve(tmp_path, wait=False, MIEN_PRELOAD="0", WEB_CONCURRENCY="2") as served:
        first = until(served.health, served.out.read_text)
        assert first == 503
        assert not [line for line in served.log() if "loaded" in line["message"]]
        status, headers, body = served.request("POST", "/api/v1/recognize", *form(photo))
        assert status == 503 and "starting" in json.loads(body)["detail"]
        assert headers["Retry-After"] == str(RETRY_AFTER_S)
        served.wait()
        # Both processes are ready as soon as one says so, and none of them loads at a photo.
        loaded = [line for line in served.log() if "loaded" in line["message"]]
        assert len({line["process"] for line in loaded}) == len(loaded) == 2
        for _ in range(4):
            assert served.request("POST", "/api/v1/recognize", *form(photo))[0] == 200


def test_served_a_model_that_cannot_be_loaded_ends_the_start(tmp_path):
    models = tmp_path / "models"
    shutil.copytree(ROOT / "app" / "models" / DEFAULT_MODEL, models / DEFAULT_MODEL)
    (models / DEFAULT_MODEL / "model.h5").write_bytes(b"This is no model.")
    with serve(tmp_path, wait=False, MIEN_MODELS=str(models)) as served:
        until(lambda: served.process.poll() is not None, served.out.read_text)
        assert served.process.returncode != 0
        said = [line["message"] for line in served.log() if line["level"] == "critical"]
        assert len(said) == 1
        assert said[0].startswith("The server cannot start: ")
        assert "model.h5: Keras cannot load this file" in said[0]
        assert "Traceback" not in served.out.read_text()
