"""Compressed static files: each client gets a copy that it accepts, never one of older content."""

import gzip
import shutil

import pytest

from app import create_app
from app.web.compressed_static import COPIES
from app.web.static_assets import asset, content_hash

TEXT = b"export const a = 1; // and again and again and again\n" * 99


@pytest.fixture
def own(tmp_path):
    """An application whose static folder has one file and its copies."""
    app = create_app({"TESTING": True})
    app.static_folder = str(tmp_path)
    (tmp_path / "page.js").write_bytes(TEXT)
    (tmp_path / COPIES).mkdir(parents=True)
    with app.test_request_context():
        name = content_hash("page.js")
    (tmp_path / COPIES / f"{name}.gz").write_bytes(gzip.compress(TEXT))
    # Python has no brotli; tests/js/build/compress.test.mjs tests what the bytes are.
    (tmp_path / COPIES / f"{name}.br").write_bytes(b"brotli of it")
    return app


def get(app, accept, path="/static/page.js", method="GET", **headers):
    if accept is not None:
        headers["Accept-Encoding"] = accept
    return app.test_client().open(path, method=method, headers=headers)


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("gzip;q=0, br;q=0", None),
        ("br;q=0, *", "gzip"),
        ("*", "br"),
        ("deflate", None),
        ("identity, gzip;q=0.5", None),
        ("rubbish;;q=x", None),
    ],
)
def test_a_client_gets_the_encoding_it_prefers(own, accept, encoding):
    response = get(own, accept)
    assert response.status_code == 200
    assert response.headers.get("Content-Encoding") == encoding
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.mimetype == "text/javascript"
    assert response.content_length == len(response.data)
    plain = {None: TEXT, "gzip": TEXT, "br": b"brotli of it"}[encoding]
    found = gzip.decompress(response.data) if encoding == "gzip" else response.data
    assert found == plain


def test_each_encoding_has_its_own_etag_and_is_not_sent_again(own):
    tags = {}
    for accept in ("br", "gzip", "identity"):
        first = get(own, accept)
        tags[accept] = first.headers["ETag"]
        again = get(own, accept, **{"If-None-Match": tags[accept]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tags[accept]
        assert again.headers["Vary"] == "Accept-Encoding"
        since = {"If-Modified-Since": first.headers["Last-Modified"]}
        assert get(own, accept, **since).status_code == 304
    assert len(set(tags.values())) == 3
    assert get(own, "gzip", **{"If-None-Match": tags["br"]}).status_code == 200


def test_head_has_the_headers_of_get(own):
    for accept in ("br", "gzip", "identity"):
        got, head = get(own, accept), get(own, accept, method="HEAD")
        assert head.data == b""
        for name in ("Content-Length", "Content-Encoding", "ETag", "Vary", "Content-Type"):
            assert head.headers.get(name) == got.headers.get(name)


def test_byte_ranges_are_those_of_the_uncompressed_file(own):
    response = get(own, "br, gzip", Range="bytes=7-11")
    assert response.status_code == 206
    assert response.data == TEXT[7:12]
    assert "Content-Encoding" not in response.headers
    assert response.headers["Content-Range"] == f"bytes 7-11/{len(TEXT)}"


def test_a_copy_requested_with_its_hash_is_cached_forever(own):
    with own.test_request_context():
        url = asset("page.js")
    assert "immutable" in get(own, "br", url).headers["Cache-Control"]
    assert get(own, "br").headers["Cache-Control"] == "no-cache"


def test_a_copy_of_older_content_is_never_sent(own, tmp_path):
    (tmp_path / "page.js").write_bytes(TEXT + b"// more\n")
    response = get(own, "br, gzip")
    assert "Content-Encoding" not in response.headers
    assert "Vary" not in response.headers
    assert response.data == TEXT + b"// more\n"


def test_an_empty_copy_is_not_sent(own, tmp_path):
    for copy in (tmp_path / COPIES).iterdir():
        copy.write_bytes(b"")
    assert get(own, "br, gzip").data == TEXT


def test_without_copies_files_are_sent_uncompressed(own, tmp_path):
    shutil.rmtree(tmp_path / COPIES)
    assert get(own, "br, gzip").data == TEXT
    assert get(own, "br, gzip", "/static/nothing.js").status_code == 404


def test_files_outside_the_folder_are_not_read(own, tmp_path, monkeypatch):
    looked = []
    monkeypatch.setattr("app.web.compressed_static.content_hash", lambda path: looked.append(path))
    for path in (
        "/static/%2e%2e/x.py",
        "/static/..%2fx.py",
        "/static/%2fetc/passwd",
        "/static/%00",
    ):
        assert get(own, "br", path).status_code in (308, 404)
    assert looked == []


def test_the_copies_of_the_build_are_served(app):
    """Files that the pages load: smaller, and the same when decompressed."""
    for path in ("css/mien.css", "dist/live.js", "dist/tfjs-backend-wasm-simd.wasm",
                 "models/mien_plain.fer2013/model.json"):  # fmt: skip
        plain = get(app, "identity", f"/static/{path}").data
        zipped = get(app, "gzip", f"/static/{path}")
        brotli = get(app, "gzip, br", f"/static/{path}")
        assert zipped.headers["Content-Encoding"] == "gzip"
        assert brotli.headers["Content-Encoding"] == "br"
        assert gzip.decompress(zipped.data) == plain
        assert brotli.content_length < zipped.content_length < len(plain)
