"""What the tests of the application share."""

from io import BytesIO

from app.config import SETTINGS

DEFAULT_MODEL = next(setting.default for setting in SETTINGS if setting.name == "MIEN_MODEL")

FILLED = {"<path:filename>": "css/mien.css", "<name>": DEFAULT_MODEL}
"""What stands in for the variable part of a rule."""

FACE = (174, 62, 104, 104)
"""The face in the astronaut picture: x, y, width, height, brows to chin, set by eye."""


def path_of(rule):
    """A path that the rule of a route matches."""
    for variable, value in FILLED.items():
        rule = rule.replace(variable, value)
    assert "<" not in rule, f"FILLED has nothing for {rule}"
    return rule


def upload(content, name="photo.jpg", **fields):
    """Form data with `content` as the photo."""
    return {"photo": (BytesIO(content), name), **fields}


def uploads(*contents, **fields):
    """Form data with several photos, called "photo 1.jpg" and so on."""
    photos = [(BytesIO(one), f"photo {n}.jpg") for n, one in enumerate(contents, start=1)]
    return {"photo": photos, **fields}


def overlap(box, other):
    """Intersection over union of two boxes (x, y, width, height)."""
    width = min(box[0] + box[2], other[0] + other[2]) - max(box[0], other[0])
    height = min(box[1] + box[3], other[1] + other[3]) - max(box[1], other[1])
    shared = max(0, width) * max(0, height)
    return shared / (box[2] * box[3] + other[2] * other[3] - shared)


def sides(box):
    """The box of the API as (x, y, width, height)."""
    return (box["x"], box["y"], box["width"], box["height"])


def assert_problem(response, status, *words):
    """That `response` is a problem (RFC 9457) of `status`, its detail a sentence with `words`."""
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    problem = response.get_json(force=True)
    assert problem.pop("request_id") == response.headers["X-Request-ID"]
    assert_details(problem, status, *words)


def assert_details(problem, status, *words):
    """That `problem` has the members of problem details, its detail a sentence with `words`."""
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["type"] == "about:blank"
    assert problem["status"] == status
    assert problem["title"] and problem["detail"].endswith(".")
    for word in words:
        assert word in problem["detail"], problem["detail"]


def assert_page(response, status, *words):
    """That `response` is an HTML page of `status` with `words` in it."""
    assert response.status_code == status
    assert response.mimetype == "text/html"
    assert response.text.lstrip().lower().startswith("<!doctype html>")
    for word in words:
        assert word in response.text
