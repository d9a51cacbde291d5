"""The limits apply to every view that takes an upload, without a list of them."""

from app.limits import photo_endpoints
from app.limits.concurrency import BusyError
from app.limits.refusals import REFUSAL

from ...support.requests import assert_page, assert_problem


def test_every_route_that_takes_a_form_is_limited(app):
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert posts
    assert set(photo_endpoints(app)) == posts


def test_a_refusal_of_the_server_is_answered(client):
    """Whatever the server refused before the application saw it (app/server)."""
    error = BusyError("The server is busy.")
    for path, check in (("/photo", assert_page), ("/api/v1/recognize", assert_problem)):
        refused = client.post(path, environ_overrides={REFUSAL: error})
        check(refused, 503, "The server is busy.")
        assert refused.headers["Retry-After"] == "2"
