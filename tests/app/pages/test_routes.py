"""Each route: status, media type, headers, methods; and the same for paths without a route."""

from html import unescape

import pytest

from app.version import __version__
from app.web.security_headers import HEADERS

from ...support.pages import all_pages, routes
from ...support.requests import DEFAULT_MODEL, assert_page, assert_problem, path_of, upload

PAGES = all_pages()
JSON = ("/api/v1/models", "/api/v1/health", "/api/v1/openapi.json")
OTHERS = {
    "/photo": {"GET", "POST"},
    "/api/v1/recognize": {"POST"},
    "/api/v1/models": {"GET"},
    "/api/v1/health": {"GET"},
    "/api/v1/openapi.json": {"GET"},
    "/sw.js": {"GET"},
    "/static/<path:filename>": {"GET"},
}
"""The routes that are no pages, and the page that takes a form."""
ROUTES = routes()
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WRONG = [
    (path, method)
    for path, allowed in ROUTES.items()
    for method in METHODS
    if method not in allowed
]


def test_every_route_is_a_page_that_is_read_or_in_the_table():
    pages = {rule: {"GET"} for rule in ROUTES if path_of(rule) in PAGES}
    assert {"/", "/models/<name>", "/offline"} <= pages.keys()
    assert {**pages, **OTHERS} == ROUTES


@pytest.mark.parametrize("path", PAGES)
def test_pages_answer(client, path):
    response = client.get(path)
    assert_page(response, 200)
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", JSON)
def test_the_api_answers(client, path):
    response = client.get(path)
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        *(("GET", path, 200) for path in (*PAGES, *JSON, "/static/css/mien.css")),
        *(("GET", path, 404) for path in ("/nothing", "/api/v1/nothing", "/static/nothing.js")),
        *(("DELETE", path, 405) for path in (*PAGES, *JSON)),
        *(("POST", path, 400) for path in ("/photo", "/api/v1/recognize")),
    ],
)
def test_every_response_has_the_security_headers(client, method, path, status):
    response = client.open(path, method=method)
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


def test_the_policy_allows_no_inline_script_and_no_other_site():
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert policy["worker-src"] == "'self'"
    for sources in policy.values():
        assert "http" not in sources and "*" not in sources
        assert "'unsafe-inline'" not in sources and "'unsafe-eval'" not in sources


@pytest.mark.parametrize(("path", "method"), WRONG)
def test_a_wrong_method_is_answered_with_those_that_are_right(client, path, method):
    response = client.open(path_of(path), method=method)
    if path.startswith("/api/"):
        assert_problem(response, 405, path, method)
    else:
        assert_page(response, 405, method)
    allowed = {name.strip() for name in response.headers["Allow"].split(",")}
    assert allowed - {"HEAD", "OPTIONS"} == ROUTES[path]


@pytest.mark.parametrize("path", ["/api/", "/api/v1", "/api/v1/recognise", "/api/v2/health"])
def test_unknown_paths_of_the_api_are_problems(client, path):
    assert_problem(client.get(path), 404, path)


@pytest.mark.parametrize("path", ["/nothing", "/apis", "/photo/1", "/static/nothing.js"])
def test_unknown_paths_elsewhere_are_pages(client, path):
    assert_page(client.get(path), 404, path)


def test_the_path_cannot_put_markup_into_the_page(client):
    response = client.get("/<script>alert(1)</script>")
    assert_page(response, 404, "&lt;script&gt;")
    assert "<script>alert" not in response.text


@pytest.mark.parametrize(
    "path", [*PAGES, *JSON, "/static/css/mien.css", "/nothing", "/api/nothing"]
)
def test_head_is_get_without_a_body(client, path):
    got, head = client.get(path), client.head(path)
    assert head.status_code == got.status_code
    assert head.mimetype == got.mimetype
    assert head.data == b""
    assert got.data


def test_health_says_model_and_version(client):
    assert client.get("/api/v1/health").get_json() == {
        "status": "ok",
        "model": DEFAULT_MODEL,
        "version": __version__,
    }


def test_models_are_listed_with_contract_card_and_bundle(app, client):
    answer = client.get("/api/v1/models").get_json()
    assert answer["default"] == app.config["MIEN_MODEL"]
    names = [model["name"] for model in answer["models"]]
    assert names[0] == answer["default"]
    assert sorted(names) == app.extensions["mien"].models.names()
    for model in answer["models"]:
        assert set(model) == {"name", "default", "contract", "card", "bundle"}
        assert model["contract"]["model"] == model["name"]
        assert model["default"] == (model["name"] == answer["default"])
    page = client.get("/models").text
    articles = page.split('<article class="model" id="')[1:]
    by_name = {article.partition('"')[0]: article for article in articles}
    # The models that agree most with people come first, as on the compare page.
    compared = client.get("/compare").text.split('<tr role="row" data-model="')[1:]
    assert list(by_name) == [one.partition('"')[0] for one in compared]
    assert sorted(by_name) == sorted(names)
    for model in answer["models"]:
        article = by_name[model["name"]]
        # First of all what it was measured to be right on of the labels that it learned.
        card = model["card"]
        learned = card["ferplus_majority" if card.get("target") == "ferplus" else "validation"]
        first = article[: article.index("validation faces")]
        assert f"{learned['accuracy'] * 100:.1f}%" in first
        assert ("ten people" in first) == (card.get("target") == "ferplus")


def test_every_model_has_a_page_of_its_card(client):
    for model in client.get("/api/v1/models").get_json()["models"]:
        page = unescape(client.get(f"/models/{model['name']}").text)
        card = model["card"]
        for key in ("validation", "ferplus_majority"):
            assert f"{card[key]['accuracy'] * 100:.1f}%" in page
            assert f"{card[key]['n']:,}" in page
        for line in card["intended_use"]["out_of_scope"]:
            assert line in page
        for name in card["training"].get("began_with", []):
            assert name in page.split("with the weights of earlier models:")[1].split("</li>")[0]
        for name in card["training"].get("teachers", {}).get("models", []):
            assert name in page.split("the scores of earlier models")[1].split("</li>")[0]
        factors = card["robustness"]["factors"]
        assert page.count("<caption>") == len(factors)
        measured = {"age", "gender"} if "people" in card else set()
        assert page.count("not measured: ") == len(set(card["groups"]) - measured)
        for row in card.get("people", {}).get("rows", []):
            assert f"{row['happy']['accuracy'] * 100:.0f}%" in page.partition("Results by group")[2]
        assert f'href="/models/{model["name"]}"' in client.get("/models").text


def test_a_model_that_knows_fewer_labels_says_so(client):
    models = client.get("/api/v1/models").get_json()["models"]
    few = [model for model in models if model["card"].get("labels_left_out")]
    assert few, "the test needs a model without some of the labels"
    for model in few:
        card = model["card"]
        for path in (f"/models/{model['name']}", "/models"):
            page = unescape(client.get(path).text)
            article = page.split(f'id="{model["name"]}"')[-1].split("</article>")[0]
            every = card["validation_every_label"]
            assert f"{every['accuracy'] * 100:.1f}%" in article
            assert f"of all {every['n']:,} validation faces; those labelled" in article
            assert ", ".join(card["labels_left_out"]) in article
            assert "cannot be compared with that of models that know more" in article


def test_a_remade_system_says_what_was_published(client):
    models = client.get("/api/v1/models").get_json()["models"]
    remade = {model["name"]: model["card"] for model in models if "published" in model["card"]}
    assert remade, "the test needs a model that remakes a published system"
    for name, card in remade.items():
        page = unescape(client.get(f"/models/{name}").text)
        published = card["published"]
        assert f"<dd>{published['figure']}</dd>" in page
        assert published["system"] in page
        assert published["note"] in page
        if card["training"]["stopped"]:
            said = f"{card['training']['epochs']} epochs of at most {card['settings']['epochs']}"
            assert f"{said} (stopped: {card['training']['stopped']})" in page


def test_page_of_a_model_that_is_not_there(client):
    response = client.get("/models/mien_grand.fer2013")
    assert_page(response, 404)
    assert "There is no model" in response.text
    assert DEFAULT_MODEL in response.text
    assert "There is nothing at /models/a/b." in client.get("/models/a/b").text


def test_photos_are_never_cached(client, photo):
    response = client.post("/photo", data=upload(photo))
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
