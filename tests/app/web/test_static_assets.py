"""The hash of a static file's content in its URL, and what may be cached."""

import re

import pytest

from app.web.static_assets import asset, content_hash

from ...support.pages import all_pages

IMMUTABLE = "public, max-age=31536000, immutable"


@pytest.fixture
def own(tmp_path):
    """An application whose static folder has one file."""
    from app import create_app

    app = create_app({"TESTING": True})
    app.static_folder = str(tmp_path)
    (tmp_path / "page.js").write_text("export const a = 1;\n")
    return app


def test_the_url_of_an_asset_changes_with_its_content(own, tmp_path):
    with own.test_request_context():
        before = asset("page.js")
        (tmp_path / "page.js").write_text("export const a = 2; // longer\n")
        after = asset("page.js")
    assert re.fullmatch(r"/static/page\.js\?v=[0-9a-f]{12}", before)
    assert re.fullmatch(r"/static/page\.js\?v=[0-9a-f]{12}", after)
    assert before != after


def test_a_missing_file_has_no_hash(own):
    with own.test_request_context():
        assert asset("nothing.js") == "/static/nothing.js"
        assert content_hash("") is None


def test_only_the_right_hash_is_cached_forever(own):
    with own.test_request_context():
        url = asset("page.js")
    client = own.test_client()
    assert client.get(url).headers["Cache-Control"] == IMMUTABLE
    for other in ("/static/page.js", "/static/page.js?v=000000000000", "/static/page.js?v="):
        response = client.get(other)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "no-cache"
        assert response.headers["ETag"]
    assert client.get("/static/nothing.js?v=000000000000").headers["Cache-Control"] == "no-cache"


def test_an_unchanged_file_is_not_sent_again(own):
    client = own.test_client()
    tag = client.get("/static/page.js").headers["ETag"]
    again = client.get("/static/page.js", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.data == b""


@pytest.mark.parametrize(
    ("name", "kind"), [("a.js", "text/javascript"), ("a.wasm", "application/wasm")]
)
def test_modules_and_wasm_have_the_types_that_browsers_require(own, tmp_path, name, kind):
    (tmp_path / name).write_bytes(b"\0")
    assert own.test_client().get(f"/static/{name}").mimetype == kind


def test_the_assets_of_the_pages_have_hashes(client):
    for path in all_pages():
        text = client.get(path).text
        assert re.search(r'href="/static/css/mien\.css\?v=[0-9a-f]{12}"', text)
