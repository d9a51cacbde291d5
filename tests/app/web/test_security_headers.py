"""Security headers of every answer: each route, each kind of error.

No form needs a token against cross-site request forgery: no answer sets a cookie, and requests
change nothing on the server.
"""

import hashlib

import pytest

from app import create_app
from app.web.security_headers import HEADERS

from ...support.requests import path_of, upload
from ...support.serving import ROOT

POLICY = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
ONLY_OURS = {"'self'", "'none'", "data:", "blob:", "'wasm-unsafe-eval'"}
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def whole():
    """An application with all optional settings on."""
    return create_app({"MIEN_METRICS": True, "MIEN_HTTPS": True, "MIEN_HSTS": 600})


def rules(app):
    """A path for each route of the application."""
    return sorted({path_of(rule.rule) for rule in app.url_map.iter_rules()})


def assert_safe(response, hsts=False):
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    for name in HEADERS:
        assert len(response.headers.getlist(name)) == 1
    assert response.headers["Cache-Control"]
    assert response.headers.get("Strict-Transport-Security") == ("max-age=600" if hsts else None)
    assert not response.headers.getlist("Set-Cookie")
    assert "X-Powered-By" not in response.headers


def test_every_route_by_every_method(whole):
    client, statuses = whole.test_client(), set()
    for path in rules(whole):
        for method in METHODS:
            response = client.open(path, method=method, base_url="https://localhost")
            assert_safe(response, hsts=True)
            statuses.add((method, response.status_code))
    assert {("GET", 200), ("HEAD", 200), ("OPTIONS", 200), ("PUT", 405), ("POST", 400)} <= statuses


def fails(monkeypatch):
    own = create_app({})
    monkeypatch.setattr(own.extensions["mien"], "recognize", lambda *_: 1 / 0)
    return own


def busy(_):
    own = create_app({"MIEN_CONCURRENCY": 1})
    own.extensions["mien"].admission.__enter__()
    return own


def limited(_):
    own = create_app({"MIEN_RATE_LIMIT": "1/hour"})
    assert own.test_client().post("/photo", data=upload(b"x")).status_code == 400
    return own


WAYS = {
    "no picture": (400, lambda _: create_app({}), b"x"),
    "too many bytes": (413, lambda _: create_app({"MIEN_MAX_BYTES": 1024}), bytes(100_000)),
    "too many bytes for a picture": (
        413, lambda _: create_app({"MIEN_MAX_BYTES": 1024}), bytes(1100),
    ),
    "too many photos": (429, limited, b"x"),
    "at work": (503, busy, None),
    "a fault": (500, fails, b"x"),
}  # fmt: skip


@pytest.mark.parametrize("path", ["/photo", "/api/v1/recognize"])
@pytest.mark.parametrize("way", WAYS)
def test_every_refusal_of_a_photo(monkeypatch, photo, path, way):
    status, make, content = WAYS[way]
    response = make(monkeypatch).test_client().post(path, data=upload(content or photo))
    assert response.status_code == status
    assert_safe(response)
    assert ("Retry-After" in response.headers) == (status in (429, 503))
    kind = "application/problem+json" if path.startswith("/api") else "text/html"
    assert response.mimetype == kind


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404), ("/api/v1/nothing", 404), ("/static/nothing.js", 404),
        ("/static/", 404), ("/static/../app/config.py", 404), ("/static//etc/passwd", 308),
        ("/static/%00", 404), ("/static/dist/encoded/", 404), ("/metrics", 404),
        ("/%2e%2e/%2e%2e/etc/passwd", 404), ("/nothing%0d%0aSet-Cookie:%20a=b", 404),
    ],
)  # fmt: skip
def test_paths_without_a_route(path, status):
    response = create_app({}).test_client().get(path)
    assert response.status_code == status
    assert_safe(response)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": "*"}, 304),
        ({"Range": "bytes=0-9"}, 206),
        ({"Range": "bytes=99999999-"}, 416),
        ({"If-Match": '"other"'}, 412),
    ],
)
def test_partial_and_conditional_answers(client, headers, status):
    response = client.get("/static/css/mien.css", headers=headers)
    assert response.status_code == status
    assert_safe(response)


def test_redirection_to_https(whole):
    client = whole.test_client()
    for path, method in (("/photo?a=b", "GET"), ("/api/v1/recognize", "POST"), ("/no", "GET")):
        response = client.open(path, method=method, base_url="http://mien.example")
        assert response.status_code == 308
        assert response.headers["Location"] == f"https://mien.example{path}"
        assert_safe(response)
    for path in ("/api/v1/health", "/metrics"):  # asked from within, without HTTPS
        response = client.get(path, base_url="http://10.0.0.7:8000")
        assert response.status_code == 200
        assert_safe(response)


def test_hsts_is_sent_over_https_only():
    client = create_app({"MIEN_HSTS": 600}).test_client()
    assert_safe(client.get("/", base_url="http://localhost"))
    assert_safe(client.get("/", base_url="https://localhost"), hsts=True)


@pytest.mark.parametrize(("proxies", "secure"), [(0, False), (1, True)])
def test_the_scheme_is_taken_from_trusted_proxies_only(proxies, secure):
    client = create_app({"MIEN_PROXIES": proxies, "MIEN_HTTPS": True}).test_client()
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "elsewhere.example"}
    response = client.get("/about", headers=headers)
    assert response.status_code == (200 if secure else 308)
    assert "elsewhere.example" not in response.headers.get("Location", "") + response.text


def test_an_untrusted_proxy_is_logged_once(caplog):
    client = create_app({}).test_client()
    caplog.clear()  # what the settings themselves gave cause to say
    for _ in range(3):
        client.get("/about", headers={"X-Forwarded-For": "192.0.2.1"})
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert "Set MIEN_PROXIES" in said[0] and "192.0.2.1" not in said[0]


def test_the_content_security_policy_allows_own_content_only():
    assert POLICY["default-src"] == POLICY["base-uri"] == POLICY["frame-ancestors"] == "'none'"
    assert POLICY["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert POLICY["form-action"] == POLICY["connect-src"] == POLICY["style-src"] == "'self'"
    for name, sources in POLICY.items():
        assert set(sources.split()) <= ONLY_OURS, name


def test_the_permissions_policy_allows_the_camera_only():
    policy = dict(part.split("=", 1) for part in HEADERS["Permissions-Policy"].split(", "))
    assert policy.pop("camera") == "(self)"
    assert len(policy) >= 8
    assert set(policy.values()) == {"()"}
    assert {"microphone", "geolocation", "display-capture", "payment", "usb"} <= set(policy)


def test_a_post_from_another_site_changes_nothing(whole, photo):
    """The request is sent as a form of another site would; all answers and all files of the
    application are the same before and after it."""
    client = whole.test_client()
    files = [*(ROOT / "app").rglob("*.*"), *(ROOT / "static").rglob("*.*")]
    paths = [path for path in rules(whole) if path != "/metrics"]

    def state():
        same = {"base_url": "https://localhost", "headers": {"X-Request-ID": "same"}}
        answers = [client.get(path, **same) for path in paths]
        on_disk = [
            hashlib.sha256(file.read_bytes()).hexdigest()
            for file in files
            if file.is_file() and "__pycache__" not in file.parts
        ]
        return [(answer.status_code, answer.data) for answer in answers], on_disk

    before = state()
    foreign = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    for path in paths:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            response = client.open(path, method=method, data=upload(photo), headers=foreign,
                                   base_url="https://localhost")  # fmt: skip
            assert response.status_code in (200, 405)
            assert_safe(response, hsts=True)
            assert "Access-Control-Allow-Origin" not in response.headers
    assert state() == before
