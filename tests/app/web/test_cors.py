"""CORS: which pages of other origins may read answers and run mien.js."""

import pytest

from app import create_app
from app.web.security_headers import HEADERS

from ...support.pages import all_pages
from ...support.requests import assert_problem

URL = "/api/v1/recognize"
HERE, ELSEWHERE = "https://app.example.org", "https://elsewhere.example"


@pytest.fixture(scope="module")
def open_to():
    """Makes a client of an application that allows these origins."""

    def make(origins):
        return create_app({"MIEN_CORS_ORIGINS": origins}).test_client()

    return make


def cors(response):
    """The headers of CORS, and whether caches are told that answers differ by Origin."""
    found = {k: v for k, v in response.headers if k.startswith("Access-Control-")}
    return found, "Origin" in response.headers.get("Vary", "")


@pytest.mark.parametrize("path", ["/api/v1/health", "/api/nothing", "/photo"])
def test_without_the_setting_nobody_is_let_in(client, path):
    response = client.get(path, headers={"Origin": HERE})
    assert cors(response) == ({}, False)
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/api/v1/health", "/api/nothing"])
def test_an_origin_of_the_setting_is_let_in(open_to, path):
    client = open_to(f"{HERE}, https://other.example:8443")
    for origin in (HERE, "https://other.example:8443"):
        response = client.get(path, headers={"Origin": origin})
        found, varies = cors(response)
        assert varies
        assert found["Access-Control-Allow-Origin"] == origin
        assert "Server-Timing" in found["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in found
        policy = {**HEADERS, "Cross-Origin-Resource-Policy": "cross-origin"}
        assert {name: response.headers.get(name) for name in HEADERS} == policy


@pytest.mark.parametrize(
    "origin",
    [ELSEWHERE, "null", "http://app.example.org", HERE + ":8443", HERE + ".evil.com", None],
)
def test_another_origin_is_not(open_to, origin):
    headers = {"Origin": origin} if origin else {}
    response = open_to(HERE).get("/api/v1/health", headers=headers)
    assert cors(response) == ({}, True)
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_star_lets_everybody_in(open_to):
    found, _ = cors(open_to("*").get("/api/v1/health", headers={"Origin": ELSEWHERE}))
    assert found["Access-Control-Allow-Origin"] == "*"


def test_pages_are_never_opened(open_to):
    client = open_to("*")
    for path in (*all_pages(), "/static/css/mien.css", "/static/distant.js"):
        response = client.get(path, headers={"Origin": ELSEWHERE})
        assert cors(response) == ({}, False)
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_mien_js_and_what_it_loads_are_open_to_an_origin_of_the_setting(open_to, client):
    for path in ("/static/dist/mien.js", "/static/models/index.json", "/static/dist/none.js"):
        response = open_to(HERE).get(path, headers={"Origin": HERE})
        found, varies = cors(response)
        assert (found["Access-Control-Allow-Origin"], varies) == (HERE, True)
        policy = {**HEADERS, "Cross-Origin-Resource-Policy": "cross-origin"}
        assert {name: response.headers.get(name) for name in HEADERS} == policy
        assert cors(open_to(HERE).get(path, headers={"Origin": ELSEWHERE})) == ({}, True)
        assert cors(client.get(path, headers={"Origin": HERE})) == ({}, False)


def test_types_are_sent_as_text(client):
    for name in ("mien.d.ts", "types.d.ts", "errors.d.ts"):
        assert client.get(f"/static/dist/{name}").mimetype == "text/plain"


def preflight(client, origin):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-request-id",
    }
    return client.options(URL, headers=headers)


def test_a_preflight_says_what_may_be_sent(open_to):
    response = preflight(open_to(HERE), HERE)
    assert response.status_code == 200
    found, varies = cors(response)
    assert varies
    assert found["Access-Control-Allow-Origin"] == HERE
    assert "POST" in found["Access-Control-Allow-Methods"]
    assert "X-Request-ID" in found["Access-Control-Allow-Headers"]
    assert int(found["Access-Control-Max-Age"]) > 0


def test_a_preflight_of_another_origin_says_nothing(open_to, client):
    assert cors(preflight(open_to(HERE), ELSEWHERE)) == ({}, True)
    assert cors(preflight(client, HERE)) == ({}, False)


def test_a_problem_can_be_read_too(open_to):
    response = open_to(HERE).post(URL, headers={"Origin": HERE})
    assert_problem(response, 400, "'photo'")
    assert cors(response)[0]["Access-Control-Allow-Origin"] == HERE
