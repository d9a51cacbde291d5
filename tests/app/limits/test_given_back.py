"""Photos that the server had no room for (503) do not count for the rate limit."""

import pytest

from app import create_app
from app.limits.concurrency import BusyError

from ...support.redis import RedisServer
from ...support.requests import upload, uploads


@pytest.fixture(params=["memory", "redis"])
def settings(request):
    if request.param == "memory":
        yield {}
        return
    redis = RedisServer()
    redis.start()
    try:
        yield {"MIEN_REDIS_URL": redis.url}
    finally:
        redis.stop()


def test_only_photos_that_were_worked_on_count(settings, photo, monkeypatch):
    own = create_app({"TESTING": True, "MIEN_RATE_LIMIT": "4/hour", **settings})
    client, service = own.test_client(), own.extensions["mien"]

    def busy(*_):
        raise BusyError("The server is busy.")

    with monkeypatch.context() as patched:
        patched.setattr(service, "recognize", busy)
        for path in ("/photo", "/api/v1/recognize"):
            for form in (upload(photo), uploads(photo, photo, photo)):
                assert client.post(path, data=form).status_code == 503
    found = [client.post("/api/v1/recognize", data=upload(b"bad")).status_code for _ in range(5)]
    assert found == [400, 400, 400, 400, 429]
