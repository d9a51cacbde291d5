"""CORS: which pages of other origins may read answers and run mien.js."""

import pytest

from app import create_app
from app.web.security_headers import HEADERS

from ...support.pages import all_pages
from ...support.requests import assert_problem

URL = "/api/v1/recognize"
HERE, ELSEWHERE = "https://app.example.org", "https://elsewhere.example"


@pytest.fixture(scope="module")
def client_for():
    """Makes a client of an application that allows these origins."""

    def make(origins):
        return create_app({"MIEN_CORS_ORIGINS": origins}).test_client()

    return make


def cors(response):
    """The headers of CORS, and whether Vary names Origin."""
    found = {k: v for k, v in response.headers if k.startswith("Access-Control-")}
    return found, "Origin" in response.headers.get("Vary", "")


@pytest.mark.parametrize("path", ["/api/v1/health", "/api/nothing", "/photo"])
def test_without_the_setting_no_origin_is_allowed(client, path):
    response = client.get(path, headers={"Origin": HERE})
    assert cors(response) == ({}, False)
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/api/v1/health", "/api/nothing"])
def test_an_origin_of_the_setting_is_allowed(client_for, path):
    client = client_for(f"{HERE}, https://other.example:8443")
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
def test_another_origin_is_refused(client_for, origin):
    headers = {"Origin": origin} if origin else {}
    response = client_for(HERE).get("/api/v1/health", headers=headers)
    assert cors(response) == ({}, True)
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_star_allows_every_origin(client_for):
    found, _ = cors(client_for("*").get("/api/v1/health", headers={"Origin": ELSEWHERE}))
    assert found["Access-Control-Allow-Origin"] == "*"


def test_pages_are_never_shared(client_for):
    client = client_for("*")
    for path in (*all_pages(), "/static/css/mien.css", "/static/distant.js"):
        response = client.get(path, headers={"Origin": ELSEWHERE})
        assert cors(response) == ({}, False)
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_mien_js_and_what_it_loads_are_shared_with_an_origin_of_the_setting(client_for, client):
    for path in ("/static/dist/mien.js", "/static/models/index.json", "/static/dist/none.js"):
        response = client_for(HERE).get(path, headers={"Origin": HERE})
        found, varies = cors(response)
        assert (found["Access-Control-Allow-Origin"], varies) == (HERE, True)
        policy = {**HEADERS, "Cross-Origin-Resource-Policy": "cross-origin"}
        assert {name: response.headers.get(name) for name in HEADERS} == policy
        assert cors(client_for(HERE).get(path, headers={"Origin": ELSEWHERE})) == ({}, True)
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


def test_a_preflight_is_answered_with_methods_and_headers(client_for):
    response = preflight(client_for(HERE), HERE)
    assert response.status_code == 200
    found, varies = cors(response)
    assert varies
    assert found["Access-Control-Allow-Origin"] == HERE
    assert "POST" in found["Access-Control-Allow-Methods"]
    # Names of headers are the same in upper and lower case (RFC 9110).
    assert "x-request-id" in found["Access-Control-Allow-Headers"].lower()
    assert int(found["Access-Control-Max-Age"]) > 0


def test_a_preflight_of_another_origin_is_not_answered_so(client_for, client):
    assert cors(preflight(client_for(HERE), ELSEWHERE)) == ({}, True)
    assert cors(preflight(client, HERE)) == ({}, False)


def test_problems_are_shared(client_for):
    response = client_for(HERE).post(URL, headers={"Origin": HERE})
    assert_problem(response, 400, "'photo'")
    assert cors(response)[0]["Access-Control-Allow-Origin"] == HERE
