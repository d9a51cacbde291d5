"""The table of statuses, faults of the server, and too much at once."""

import inspect
import threading

import pytest
from werkzeug.exceptions import HTTPException

from app import create_app
from app.inference import errors as inference_errors
from app.inference.errors import ContractError, MienError, ModelFileError
from app.web.errors import FAULT, STATUS, status_of
from app.web.security_headers import HEADERS, RETRY_AFTER_S, Admission, BusyError

from ...support.requests import assert_page, assert_problem, upload

LEAVES = {
    "ImageDecodeError": 400,
    "ImageTooLargeError": 413,
    "ImageUnsupportedError": 415,
    "UnknownModelError": 400,
    "DecodingBusyError": 503,
    "ContractError": 500,
    "ModelFileError": 500,
}


def test_every_exception_of_the_tree_has_its_status():
    tree = [
        kind
        for _, kind in inspect.getmembers(inference_errors, inspect.isclass)
        if issubclass(kind, MienError) and not kind.__subclasses__()
    ]
    assert {kind.__name__: status_of(kind("x")) for kind in tree} == LEAVES


def test_an_exception_has_the_status_of_its_nearest_base():
    class Special(inference_errors.ImageTooLargeError):
        pass

    assert status_of(Special("x")) == 413
    assert status_of(RuntimeError("x")) == 500
    assert all(issubclass(kind, Exception) for kind in STATUS)
    assert not any(issubclass(kind, HTTPException) for kind in STATUS)


@pytest.fixture(scope="module")
def live():
    """An application as it is served: an exception is an answer."""
    return create_app({"MIEN_CONCURRENCY": 1})


def test_a_photo_that_finds_no_memory_in_time_is_asked_to_come_again(live, monkeypatch, photo):
    memory = live.extensions["mien"].limits.memory
    monkeypatch.setattr(memory, "patience", 0.05)
    with memory.taken(memory.most):
        response = live.test_client().post("/api/v1/recognize", data=upload(photo))
    assert_problem(response, 503, "no memory for this one; please try again in a few seconds")
    assert response.headers["Retry-After"] == str(RETRY_AFTER_S)
    assert live.test_client().post("/api/v1/recognize", data=upload(photo)).status_code == 200


@pytest.mark.parametrize("error", [ModelFileError("secret place"), ContractError("secret place"),
                                   ValueError("secret place")])  # fmt: skip
@pytest.mark.parametrize("path", ["/photo", "/api/v1/recognize"])
def test_a_fault_of_the_server_is_logged_and_not_told(live, monkeypatch, caplog, error, path):
    def fail(*_):
        raise error

    monkeypatch.setattr(live.extensions["mien"], "recognize", fail)
    response = live.test_client().post(path, data=upload(b"x"))
    if path == "/photo":
        assert_page(response, 500, "Internal Server Error", "Something went wrong")
    else:
        assert_problem(response, 500, FAULT)
    assert "secret place" not in response.text
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert "secret place" in caplog.text


def test_under_test_an_unforeseen_exception_is_raised(app, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(app.extensions["mien"], "recognize", fail)
    with pytest.raises(ZeroDivisionError):
        app.test_client().post("/api/v1/recognize", data=upload(b"x"))


def test_admission_is_given_back():
    admission = Admission(2)
    for _ in range(3):
        with admission, admission, pytest.raises(BusyError, match="2 photos"), admission:
            pass
    with pytest.raises(ValueError), admission:
        raise ValueError
    with admission, admission:
        pass


class Gate:
    """Stands in for the detector: each photo waits in it until it is opened."""

    def __init__(self):
        self.entered = threading.Semaphore(0)
        self.opened = threading.Event()

    def detect(self, image):
        self.entered.release()
        assert self.opened.wait(30)
        return []


def in_thread(call):
    """`call` in a thread of its own; (thread, list that gets its result)."""
    results = []
    thread = threading.Thread(target=lambda: results.append(call()))
    thread.start()
    return thread, results


@pytest.mark.parametrize("path", ["/photo", "/api/v1/recognize"])
def test_one_photo_too_many_is_sent_away_for_a_while(live, monkeypatch, photo, path):
    gate = Gate()
    monkeypatch.setattr(live.extensions["mien"], "_detector", gate)

    def post():
        return live.test_client().post(path, data=upload(photo))

    thread, results = in_thread(post)
    try:
        assert gate.entered.acquire(timeout=30)
        refused = post()
        assert live.test_client().get("/api/v1/health").status_code == 200
    finally:
        gate.opened.set()
        thread.join(30)
    assert results[0].status_code == 200
    if path == "/photo":
        assert_page(refused, 503, "one photo", '<form id="photo-form"')
    else:
        assert_problem(refused, 503, "one photo")
    assert refused.headers["Retry-After"] == str(RETRY_AFTER_S)
    assert post().status_code == 200


def test_two_photos_at_once_are_both_answered_as_if_alone(photo):
    own = create_app({"TESTING": True, "MIEN_CONCURRENCY": 2})

    def post():
        return own.test_client().post("/api/v1/recognize", data=upload(photo)).get_json()

    alone = post()["faces"]
    assert len(alone) == 1
    for _ in range(3):
        pair = [in_thread(post) for _ in range(2)]
        for thread, results in pair:
            thread.join(60)
            assert results[0]["faces"] == alone
