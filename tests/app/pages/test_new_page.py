"""A page is added with a template and a route: the tests of all pages find it there."""

from flask import render_template
from jinja2 import ChoiceLoader, DictLoader

from app import create_app
from app.pages.service_worker import release
from app.web.security_headers import HEADERS

from ...support.pages import all_pages, html_pages

TEMPLATE = """{% extends 'base.html' %}
{% block main %}<main id="content" class="page" tabindex="-1"><h1>New page</h1></main>{% endblock %}
"""


def with_new_page():
    app = create_app({})
    app.jinja_loader = ChoiceLoader([DictLoader({"new.html": TEMPLATE}), app.jinja_loader])
    app.add_url_rule("/new", "new", lambda: render_template("new.html"))
    app.add_url_rule("/new.json", "data", lambda: {"new": True})
    return app


def test_a_new_page_is_found_in_the_routes():
    assert html_pages(with_new_page()) == sorted([*all_pages(), "/new"])


def test_a_new_page_has_the_headers_and_the_frame_of_all_pages():
    response = with_new_page().test_client().get("/new")
    assert response.status_code == 200
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert 'href="#content"' in response.text and "<nav" in response.text


def test_the_service_worker_leaves_a_new_page_to_the_network():
    app = with_new_page()
    with app.test_request_context():
        found = release()
    assert found is None or "/new" not in {entry["url"] for entry in found["entries"]}
