"""Photos are never written to disk: an audit hook sees every file that is opened for writing."""

import os
import sys
from contextlib import contextmanager
from io import BytesIO

import flask
import numpy as np
import pillow_heif
import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.inference.decoding import sandbox

from ...support.requests import upload
from ..conftest import encoded

pillow_heif.register_heif_opener()  # to write HEIC files with

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
watched: list[str] | None = None


def _watch(event, arguments):
    if watched is None:
        return
    if event == "open":
        path, mode, flags = arguments
        # A number is a pipe to the sandbox; its messages about a damaged file go to /dev/null.
        if isinstance(path, int) or path == os.devnull:
            return
        if (flags or 0) & WRITING or set(mode or "") & set("wax+"):
            watched.append(f"{path} ({mode}, {flags:#o})")
    elif event in ("tempfile.mkstemp", "tempfile.mkdtemp", "os.mkdir", "os.rename"):
        watched.append(f"{event} {arguments}")


sys.addaudithook(_watch)  # cannot be removed; `watched` switches it on


@contextmanager
def written():
    """The list of files that are opened for writing meanwhile."""
    global watched
    watched = []
    try:
        yield watched
    finally:
        watched = None


def encode(content):
    """A form with `content` as the photo, encoded here, since the test client would write it to
    disk."""
    boundary, body = encode_multipart({"photo": FileStorage(BytesIO(content), "photo.png")})
    return {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}


@pytest.fixture(scope="module")
def large():
    """An image file of over 2 MB: werkzeug by default writes such uploads to disk."""
    noise = np.random.default_rng(0).integers(0, 256, (900, 900, 3), np.uint8)
    file = encoded(Image.fromarray(noise), "PNG")
    assert len(file) > 2_000_000
    return file


@pytest.mark.parametrize("path", ["/photo", "/api/v1/recognize"])
@pytest.mark.parametrize("kind", ["good", "broken", "too large"])
def test_nothing_is_written(client, large, photo, path, kind):
    assert client.post(path, data=upload(photo)).status_code == 200  # loads everything
    content = {"good": large, "broken": large[:-999_999], "too large": bytes(14 << 20)}[kind]
    expected = {"good": 200, "broken": 400, "too large": 413}[kind]
    form = encode(content)
    with written() as files:
        response = client.post(path, **form)
    assert response.status_code == expected
    assert files == []


@pytest.mark.parametrize("path", ["/photo", "/api/v1/recognize", "/api/v1/recognize?annotated=png"])
def test_nothing_is_written_for_several_photos_or_an_annotated_one(client, large, photo, path):
    assert client.post(path, data=upload(photo)).status_code == 200
    photos = [large] if "annotated" in path else [large, photo, large[:-9]]
    boundary, body = encode_multipart(
        {"photo": [FileStorage(BytesIO(one), "photo.png") for one in photos]}
    )
    with written() as files:
        response = client.post(
            path, data=body, content_type=f"multipart/form-data; boundary={boundary}"
        )
    assert response.status_code == 200
    assert files == []


def test_the_hook_sees_what_flask_writes_by_default(large):
    plain = flask.Flask("plain")

    @plain.post("/")
    def take():
        return str(len(flask.request.files["photo"].read()))

    form = encode(large)
    with written() as files:
        assert plain.test_client().post("/", **form).text == str(len(large))
    assert files


@pytest.mark.parametrize("path", ["/photo", "/api/v1/recognize"])
@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "TIFF", "GIF", "BMP"])
def test_nothing_is_written_for_photos_of_the_sandbox(client, tmp_path, monkeypatch, path, kind):
    form = encode(encoded(Image.effect_noise((640, 480), 60).convert("RGB"), kind))
    client.post(path, **encode(encoded(Image.new("L", (9, 9)), kind)))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with written() as files:
        assert client.post(path, **form).status_code == 200
    assert files == []
    assert list(tmp_path.iterdir()) == []


def test_the_sandbox_cannot_write(tmp_path, monkeypatch):
    """The same program, but one that tries to write."""
    trace = tmp_path / "trace"
    program = sandbox.CHILD_SCRIPT.read_text()
    attempt = f"Path({str(trace)!r}).write_bytes(b'x')\n    data = sys.stdin.buffer.read()"
    assert program.count("data = sys.stdin.buffer.read()") == 1
    (tmp_path / "child.py").write_text(program.replace("data = sys.stdin.buffer.read()", attempt))
    (tmp_path / "pillow_reader.py").write_text(
        sandbox.CHILD_SCRIPT.with_name("pillow_reader.py").read_text()
    )
    monkeypatch.setattr(sandbox, "CHILD_SCRIPT", tmp_path / "child.py")
    with pytest.raises(sandbox.RefusedError):
        sandbox.decode_in_sandbox(encoded(Image.new("L", (9, 9)), "GIF"), ("GIF",), 100, None)
    assert trace.read_bytes() == b""
