"""Uploads that are held at once have so many bytes, and no more."""

import threading

import pytest

from app import create_app
from app.limits.upload_budget import Intake
from app.web.security_headers import RETRY_AFTER_S, BusyError

from ...support.requests import assert_page, assert_problem, upload


def test_what_is_taken_is_given_back():
    intake = Intake(100)
    intake.take(60)
    intake.take(40)
    with pytest.raises(BusyError, match=r"already taking in 100 bytes.*the 100 it takes at once"):
        intake.take(1)
    intake.give_back(40)
    intake.take(40)


def test_one_alone_may_be_larger_than_all_together():
    intake = Intake(100)
    intake.take(500)
    with pytest.raises(BusyError):
        intake.take(1)
    intake.give_back(500)
    intake.take(100)


@pytest.mark.parametrize("path", ["/photo", "/api/v1/recognize"])
def test_an_upload_too_many_is_sent_away_for_a_while(photo, path):
    own = create_app({"TESTING": True, "MIEN_INTAKE_BYTES": 1 << 20})
    client, intake = own.test_client(), own.extensions["mien_intake"]
    intake.take(1 << 20)
    refused = client.post(path, data=upload(photo))
    if path == "/photo":
        assert_page(refused, 503, "1,048,576 bytes")
    else:
        assert_problem(refused, 503, "1,048,576 bytes")
    assert refused.headers["Retry-After"] == str(RETRY_AFTER_S)
    for other in ("/photo", "/api/v1/health", "/models"):
        assert client.get(other).status_code == 200
    intake.give_back(1 << 20)
    assert client.post(path, data=upload(photo)).status_code == 200


def test_it_is_given_back_however_the_request_ends(monkeypatch, photo):
    own = create_app({"MIEN_RATE_LIMIT": "5/hour"})
    client, intake = own.test_client(), own.extensions["mien_intake"]
    found = [client.post("/photo", data=upload(content)).status_code for content in (photo, b"x")]
    found.append(client.post("/api/v1/recognize").status_code)
    found.append(client.post("/photo", data=upload(bytes(50 << 20))).status_code)
    monkeypatch.setattr(own.extensions["mien"], "recognize", lambda *_: 1 / 0)
    found += [client.post("/photo", data=upload(photo)).status_code for _ in range(2)]
    assert found == [200, 400, 400, 413, 500, 429]
    assert intake._taken == 0


def test_many_at_once_are_counted_right():
    intake = Intake(10_000)

    def use():
        for _ in range(500):
            intake.take(3)
            intake.give_back(3)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert intake._taken == 0
