"""The status of each exception, faults of the server, and too much at once."""

import threading

import pytest

from app import create_app
from app.inference.errors import ContractError, MienError, ModelFileError
from app.limits.concurrency import Admission, BusyError
from app.limits.rate_limit import TooManyForClientError
from app.web.errors import FAULT, headers_of, status_of
from app.web.security_headers import HEADERS

from ...support.numbers import assert_close
from ...support.requests import assert_page, assert_problem, upload

EXPECTED = {
    "ImageDecodeError": (400, None),
    "ImageTooLargeError": (413, None),
    "ImageUnsupportedError": (415, None),
    "UnknownModelError": (400, None),
    "MissingPhotoError": (400, None),
    "TooManyPhotosError": (400, None),
    "FieldError": (400, None),
    "DecodingBusyError": (503, 2),
    "BusyError": (503, 2),
    "TooManyForClientError": (429, 9),
    "ContractError": (500, None),
    "ModelFileError": (500, None),
}
"""The status and the Retry-After of each exception class of the site that has no subclass."""


def subclasses(kind):
    """`kind` and all its subclasses that are defined in app/, but for those of the batch, which
    answers no requests."""
    ours = kind.__module__.startswith("app.") and not kind.__module__.startswith("app.batch.")
    own = [kind] if ours else []
    return own + [one for subclass in kind.__subclasses__() for one in subclasses(subclass)]


def made(kind):
    return kind("x", 9) if kind is TooManyForClientError else kind("x")


@pytest.mark.usefixtures("app")  # which imports all modules of the site
def test_every_exception_class_has_its_status_and_retry_after():
    leaves = [kind for kind in subclasses(MienError) if not kind.__subclasses__()]
    found = {}
    for kind in leaves:
        error = made(kind)
        retry = headers_of(error).get("Retry-After")
        found[kind.__name__] = (status_of(error), None if retry is None else int(retry))
    assert found == EXPECTED


def test_a_status_stands_in_one_place():
    """No subclass repeats the status of its base, and a try later is offered with 429 and 503."""
    for kind in subclasses(MienError):
        own = vars(kind).get("http_status")
        bases = [base.http_status for base in kind.__bases__ if issubclass(base, MienError)]
        assert own is None or own not in bases, kind
        assert (made(kind).retry_after_s is not None) == (kind.http_status in (429, 503)), kind


def test_any_other_exception_is_a_fault():
    assert status_of(RuntimeError("x")) == 500
    assert headers_of(RuntimeError("x")) == {}


@pytest.fixture(scope="module")
def live():
    """An application as it is served: an exception is an answer."""
    return create_app({"MIEN_CONCURRENCY": 1})


def test_a_photo_without_memory_in_time_gets_503_and_retry_after(live, monkeypatch, photo):
    memory = live.extensions["mien"].limits.memory
    monkeypatch.setattr(memory, "timeout_s", 0.05)
    with memory.reserved(memory.limit):
        response = live.test_client().post("/api/v1/recognize", data=upload(photo))
    assert_problem(response, 503, "no memory for this picture", "please try again in a few seconds")
    assert response.headers["Retry-After"] == str(BusyError.retry_after_s)
    assert live.test_client().post("/api/v1/recognize", data=upload(photo)).status_code == 200


@pytest.mark.parametrize("error", [ModelFileError("secret place"), ContractError("secret place"),
                                   ValueError("secret place")])  # fmt: skip
@pytest.mark.parametrize("path", ["/photo", "/api/v1/recognize"])
def test_a_fault_of_the_server_is_logged_but_not_shown(live, monkeypatch, caplog, error, path):
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


def test_admission_is_released():
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
def test_a_photo_over_the_limit_gets_503_and_retry_after(live, monkeypatch, photo, path):
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
    assert refused.headers["Retry-After"] == str(BusyError.retry_after_s)
    assert post().status_code == 200


def test_two_photos_at_once_get_the_answers_of_single_ones(photo):
    own = create_app({"TESTING": True, "MIEN_CONCURRENCY": 2})

    def post():
        return own.test_client().post("/api/v1/recognize", data=upload(photo)).get_json()

    alone = post()["faces"]
    assert len(alone) == 1
    for _ in range(3):
        pair = [in_thread(post) for _ in range(2)]
        for thread, results in pair:
            thread.join(60)
            assert_close(results[0]["faces"], alone, 1e-4)
