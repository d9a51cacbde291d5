"""The limits apply to every view that takes an upload, without a list of them."""

from app import create_app
from app.limits import photo_endpoints, takes_photos

from ...support.requests import upload


def test_every_route_that_takes_a_form_is_limited(app):
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert posts
    assert set(photo_endpoints(app)) == posts


def test_a_marked_view_counts_its_upload(photo):
    own = create_app({"TESTING": True, "MIEN_INTAKE_BYTES": 1 << 20})

    @own.post("/marked")
    @takes_photos
    def marked():
        return "taken"

    @own.post("/unmarked")
    def unmarked():
        return "taken"

    own.extensions["mien_upload_budget"].reserve(1 << 20)
    client = own.test_client()
    assert client.post("/unmarked", data=upload(photo)).status_code == 200
    assert client.post("/marked", data=upload(photo)).status_code == 503
