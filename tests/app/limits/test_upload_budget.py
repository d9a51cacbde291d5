"""The limit on upload bytes that are held at the same time."""

import threading

import pytest

from app import create_app
from app.limits.concurrency import BusyError
from app.limits.upload_budget import UploadBudget

from ...support.requests import assert_page, assert_problem, upload


def test_reserved_bytes_are_released():
    budget = UploadBudget(100)
    budget.reserve(60)
    budget.reserve(40)
    with pytest.raises(BusyError, match=r"already holds 100 bytes.*its limit of 100 bytes"):
        budget.reserve(1)
    budget.release(40)
    budget.reserve(40)


def test_a_single_upload_may_exceed_the_limit():
    budget = UploadBudget(100)
    budget.reserve(500)
    with pytest.raises(BusyError):
        budget.reserve(1)
    budget.release(500)
    budget.reserve(100)


@pytest.mark.parametrize("path", ["/photo", "/api/v1/recognize"])
def test_an_upload_over_the_limit_gets_503_and_retry_after(photo, path):
    own = create_app({"TESTING": True, "MIEN_INTAKE_BYTES": 1 << 20})
    client, budget = own.test_client(), own.extensions["mien_upload_budget"]
    budget.reserve(1 << 20)
    refused = client.post(path, data=upload(photo))
    if path == "/photo":
        assert_page(refused, 503, "1,048,576 bytes")
    else:
        assert_problem(refused, 503, "1,048,576 bytes")
    assert refused.headers["Retry-After"] == str(BusyError.retry_after_s)
    for other in ("/photo", "/api/v1/health", "/models"):
        assert client.get(other).status_code == 200
    budget.release(1 << 20)
    assert client.post(path, data=upload(photo)).status_code == 200


def test_bytes_are_released_however_the_request_ends(monkeypatch, photo):
    own = create_app({"MIEN_RATE_LIMIT": "5/hour"})
    client, budget = own.test_client(), own.extensions["mien_upload_budget"]
    found = [client.post("/photo", data=upload(content)).status_code for content in (photo, b"x")]
    found.append(client.post("/api/v1/recognize").status_code)
    found.append(client.post("/photo", data=upload(bytes(50 << 20))).status_code)
    monkeypatch.setattr(own.extensions["mien"], "recognize", lambda *_: 1 / 0)
    found += [client.post("/photo", data=upload(photo)).status_code for _ in range(2)]
    assert found == [200, 400, 400, 413, 500, 429]
    assert budget._reserved == 0


def test_concurrent_uploads_are_counted_correctly():
    budget = UploadBudget(10_000)

    def use():
        for _ in range(500):
            budget.reserve(3)
            budget.release(3)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert budget._reserved == 0
