"""Log lines: their JSON, and messages of gunicorn that would name a client."""

import json
import logging
import sys
from io import BytesIO

import pytest

from app import create_app
from app.config import ConfigError
from app.server.logs import JsonFormatter, count_faces

from ...support.requests import upload


def line(message, *arguments, name="app.x", error=None, **fields):
    record = logging.LogRecord(name, logging.WARNING, "file", 1, message, arguments, None)
    if error is not None:
        try:
            raise error
        except Exception:
            record.exc_info = sys.exc_info()
    if fields:
        record.fields = fields
    text = JsonFormatter().format(record)
    assert "\n" not in text
    return json.loads(text)


def test_a_line_is_one_json_object():
    found = line("Said %s.", 'a "word"\nand é', faces=2)
    assert found.pop("time").endswith("Z")
    assert found.pop("process") > 0
    assert found == {"level": "warning", "message": 'Said a "word"\nand é.', "faces": 2}


def test_errors_have_their_traceback_and_those_of_mien_their_sentence():
    assert "ZeroDivisionError: x" in line("Oh", error=ZeroDivisionError("x"))["error"]
    assert line("Oh", error=ConfigError("It is so."))["error"] == "It is so."


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("Invalid request from ip=192.0.2.1: Invalid HTTP Version: 'x'", ()),
        ("Error handling request %s %s", ("GET", "/192.0.2.1")),
        ("Error handling request %s", ("/192.0.2.1",)),
        ("Ignored premature client disconnection. %s", ("192.0.2.1",)),
    ],
)
def test_messages_of_gunicorn_do_not_name_the_client(message, arguments):
    found = line(message, *arguments, name="gunicorn.error")
    assert "192.0.2.1" not in json.dumps(found)
    assert found["message"].endswith(".")


def requests(caplog):
    return [r.fields for r in caplog.records if r.name == "app.requests"]


def test_every_request_has_a_line_with_its_route_but_not_its_path(caplog, monkeypatch, photo):
    caplog.set_level(logging.INFO, "app")
    own = create_app({})
    client = own.test_client()
    client.get("/photo?who=me")
    client.get("/static/css/mien.css")
    client.get("/somebody/else")
    client.open("/about", method="BREW")
    client.post("/api/v1/recognize", data=upload(photo))
    client.post("/api/v1/recognize", data=upload(b"no picture"))
    monkeypatch.setattr(own.extensions["mien"], "recognize", lambda *_: 1 / 0)
    client.post("/photo", data=upload(b"x"))
    lines = requests(caplog)
    assert all(fields["ms"] >= 0 for fields in lines)
    keys = ("method", "route", "status", "faces")
    assert [tuple(fields.get(key) for key in keys) for fields in lines] == [
        ("GET", "/photo", 200, None),
        ("GET", "/static/<path:filename>", 200, None),
        ("GET", "none", 404, None),
        ("other", "none", 405, None),
        ("POST", "/api/v1/recognize", 200, 1),
        ("POST", "/api/v1/recognize", 400, None),
        ("POST", "/photo", 500, None),
    ]
    (fault,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert fault.getMessage() == "POST /photo"
    assert fault.exc_info


def test_faces_of_several_photos_are_summed_up_within_a_request(app, caplog):
    count_faces(3)
    caplog.set_level(logging.INFO, "app")
    own = create_app({})

    @own.get("/two-photos")
    def two():
        count_faces(1)
        count_faces(2)
        return "x"

    own.test_client().get("/two-photos")
    assert requests(caplog)[0]["faces"] == 3


def test_photos_are_counted_not_requests(photo):
    client = create_app({"MIEN_METRICS": True}).test_client()
    files = [(BytesIO(one), "photo.jpg") for one in (photo, photo, b"no picture")]
    assert client.post("/api/v1/recognize", data={"photo": files}).status_code == 200
    text = client.get("/metrics").text
    assert "mien_photos_total 2.0" in text
    assert "mien_faces_total 2.0" in text


def test_metrics_are_served_only_if_switched_on(photo):
    assert create_app({}).test_client().get("/metrics").status_code == 404
    own = create_app({"MIEN_METRICS": True, "MIEN_RATE_LIMIT": "1/hour"})
    client = own.test_client()
    client.get("/nothing/of/the/kind")
    client.post("/photo", data=upload(b"x"))
    assert client.post("/photo", data=upload(b"x")).status_code == 429
    for _ in range(3):
        text = client.get("/metrics").text
    for expected in (
        'mien_requests_total{method="GET",route="none",status="404"} 1.0',
        'mien_requests_total{method="POST",route="/photo",status="400"} 1.0',
        'mien_requests_total{method="POST",route="/photo",status="429"} 1.0',
        'mien_request_seconds_count{route="/photo"} 2.0',
        "mien_photos_total 0.0",
        "process_resident_memory_bytes",
    ):
        assert expected in text, expected
    assert "/nothing" not in text and "metrics" not in text.replace("# ", "")
