"""The OpenAPI description matches routes, settings and statuses. Schemathesis sends requests that
it allows and that it forbids, and compares the answers with it."""

from collections import Counter

import hypothesis.strategies as st
import jsonschema_rs
import pytest
import schemathesis
from PIL import Image
from schemathesis.engine import events, from_schema

from app import create_app
from app.api import routes as api_module
from app.api.openapi import OPERATIONS
from app.api.openapi_recognize import media_types
from app.web.errors import statuses

from ..conftest import encoded

URL = "/api/v1/openapi.json"
EXAMPLES = 30


@pytest.fixture(scope="module")
def document():
    return create_app({"TESTING": True}).test_client().get(URL).get_json()


def test_it_describes_exactly_the_routes_of_the_api(app, document):
    routes = {
        (rule.rule, method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in set(rule.methods or ()) - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, item in document["paths"].items() for method in item}
    assert described == routes
    assert len(OPERATIONS) == len(routes)


def test_every_operation_has_a_name_and_a_summary(document):
    operations = [one for item in document["paths"].values() for one in item.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert all(one["summary"][0].isupper() for one in operations)


def test_a_route_without_a_description_raises():
    own = create_app({"TESTING": True})
    own.add_url_rule("/api/v1/new", "api.new", api_module.health)
    with pytest.raises(KeyError, match=r"api\.new"):
        own.test_client().get(URL)


@pytest.mark.parametrize(("limit", "refused"), [("", set()), ("9/hour", {"429"})])
def test_every_status_is_described(limit, refused):
    own = create_app({"MIEN_RATE_LIMIT": limit}).test_client().get(URL).get_json()
    responses = own["paths"]["/api/v1/recognize"]["post"]["responses"]
    assert set(responses) == {"200", "400", "408", "413", "415", "500", "503"} | refused
    assert {str(status) for status in statuses()} <= set(responses) | {"429"}
    assert set(own["components"]["responses"]) == {
        responses[status]["$ref"].rpartition("/")[2] for status in set(responses) - {"200"}
    }


def test_it_names_the_limits_of_the_settings():
    settings = {"MIEN_MAX_PHOTOS": 3, "MIEN_MAX_BYTES": 54_321, "MIEN_MAX_MEGAPIXELS": 2.5,
                "MIEN_MAX_FACES": 7, "MIEN_MAX_FORM_BYTES": 98_765}  # fmt: skip
    described = create_app(settings).test_client().get(URL).get_json()
    form = described["paths"]["/api/v1/recognize"]["post"]["requestBody"]["content"]
    photo = form["multipart/form-data"]["schema"]["properties"]["photo"]
    assert photo["maxItems"] == 3
    for words in ("54,321 bytes", "2.5 megapixels", "98,765 bytes"):
        assert words in photo["description"]
    assert described["components"]["schemas"]["Answer"]["properties"]["faces"]["maxItems"] == 7


def test_media_types_are_those_of_pillow():
    from app.inference.images import FORMATS

    Image.init()
    assert {Image.MIME[name] for name in FORMATS if name in Image.MIME} <= set(media_types())
    assert len(set(media_types())) == len(media_types()) < len(FORMATS) + 2


def test_the_example_conforms_to_the_schema(document):
    answer = document["paths"]["/api/v1/recognize"]["post"]["responses"]["200"]["content"]
    example = answer["application/json"]["examples"]["one photo"]["value"]
    schema = {"$ref": "#/components/schemas/Answer", "components": document["components"]}
    jsonschema_rs.Draft202012Validator(schema).validate(example)
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.Draft202012Validator(schema).validate({**example, "more": 1})


@pytest.fixture(scope="module")
def pictures(astronaut):
    """Small image files, with and without a face, for Schemathesis to send."""
    face = astronaut.crop((150, 40, 300, 190))
    files = [encoded(face, "JPEG"), encoded(Image.new("LA", (9, 7)), "PNG")]
    schemathesis.openapi.format("binary", st.sampled_from(files))


@schemathesis.hook
def filter_case(context, case):
    """Leave out requests that only a rule outside the schema forbids: annotated takes one photo."""
    form = case.body if isinstance(case.body, dict) else {}
    annotated = form.get("annotated", (case.query or {}).get("annotated", "false"))
    photos = form.get("photo")
    return annotated == "false" or not isinstance(photos, list) or len(photos) < 2


def run(path=None):
    """Run Schemathesis on all paths or one: (its counts, the failed checks)."""
    settings = {"max-examples": EXAMPLES, "deterministic": True, "database": "none"}
    config = schemathesis.Config.from_dict({"generation": settings})
    schema = schemathesis.openapi.from_wsgi(URL, create_app(), config=config)
    schema.location = None  # otherwise the operation that returns the description is left out
    if path:
        schema = schema.include(path=path)
    counted, failed = Counter(), []
    for event in from_schema(schema).execute():
        assert not isinstance(event, events.NonFatalError | events.FatalError), event
        if not isinstance(event, events.ScenarioFinished):
            continue
        counted[event.recorder.label] += len(event.recorder.interactions)
        for case, checks in event.recorder.checks.items():
            counted["checks"] += len(checks)
            failed += [
                (check.name, event.recorder.cases[case].value.as_curl_command()[:400])
                for check in checks
                if check.failure_info
            ]
        for one in event.recorder.interactions.values():
            counted[one.response.status_code] += 1
    return counted, failed


def test_schemathesis_finds_nothing(pictures):
    counted, failed = run()
    assert failed == []
    # Valid and invalid requests were sent to every operation.
    assert counted["POST /api/v1/recognize"] > EXAMPLES
    assert all(counted[f"GET /api/v1/{name}"] for name in ("models", "health", "openapi.json"))
    assert counted[200] > 20 and counted[400] > 10 and counted[405] > 4
    assert counted["checks"] > 10 * (counted[200] + counted[400])


def test_schemathesis_finds_a_wrong_answer(pictures, monkeypatch):
    monkeypatch.setattr(api_module, "__version__", 1)
    _, failed = run("/api/v1/health")
    assert {name for name, _ in failed} == {"response_schema_conformance"}
