"""Tables and examples of the documentation agree with the code that they describe."""

from __future__ import annotations

import csv
import json
import re
import subprocess

import jsonschema_rs
import pytest

from app import create_app
from app.inference.contract import ModelContract
from app.photos.export import COLUMNS

from ..support.documents import ROOT, blocks, code_spans, first_column, section

DOCS = ROOT / "docs"
JS = ROOT / "static" / "js"


def page(name: str) -> str:
    return (DOCS / name).read_text()


@pytest.fixture(scope="module")
def client():
    return create_app({"TESTING": True}).test_client()


def properties(typedef: str) -> set[str]:
    """Names of the properties of a type in static/js/types.js."""
    text = (JS / "types.js").read_text()
    found = re.search(
        rf"@typedef {{object}} {typedef}\b(.*?)@typedef", text + "@typedef", re.DOTALL
    )
    assert found, typedef
    return set(re.findall(r"@property {.*?} \[?(\w+)\]?(?=\s)", found[1], re.DOTALL))


def test_columns_of_a_recording():
    with (ROOT / "tests" / "golden" / "recording.csv").open(newline="") as file:
        columns = next(csv.reader(file))
    plain = [column for column in columns if not column.startswith("score_")]
    assert first_column(section(page("live.md"), "Saved files")) == [*plain, "score_<label>"]


def test_fields_of_a_recording():
    recording = json.loads((ROOT / "tests" / "golden" / "recording.json").read_text())
    text = section(page("live.md"), "Saved files").rpartition("\n\nThe JSON file")[2]
    assert set(code_spans(text)) == set(recording)


def test_keyboard_shortcuts_of_the_live_page():
    text = (JS / "pages" / "live" / "shortcuts.js").read_text()
    keys = re.findall(r"'([^']+)'", " ".join(re.findall(r"keys: \[(.*?)\]", text)))
    assert first_column(section(page("live.md"), "Keyboard shortcuts")) == keys


def test_columns_of_the_photo_page():
    spans = code_spans(section(page("photo-api.md"), "The photo page"))
    start = spans.index(COLUMNS[0])
    assert spans[start:] == [*COLUMNS, "score_<label>", "problem"]


def test_formats_of_pictures(client):
    listed = re.search(r"<h2>Limits</h2>\s*<p>([^;]*);", client.get("/api").text)[1]
    text = section(page("photo-api.md"), "Picture formats")
    assert set(listed.split(", ")) == set(re.findall(r"\w+", text.partition(" are read")[0])) - {
        "and"
    }


def test_routes_of_the_api(client):
    described = client.get("/api/v1/openapi.json").get_json()["paths"]
    routes = {f"{method.upper()} {path}" for path, item in described.items() for method in item}
    spans = first_column(section(page("photo-api.md"), "The API"))
    assert {span for span in spans if " " in span} == routes


def test_statuses_of_the_api():
    table = section(page("photo-api.md"), "Errors")
    shown = set(re.findall(r"^\| (\d+) \|", table, re.MULTILINE))
    app = create_app({"TESTING": True, "MIEN_RATE_LIMIT": "9/hour"})
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    responses = set(document["paths"]["/api/v1/recognize"]["post"]["responses"])
    assert shown == responses - {"200", "500"}


def test_the_example_of_an_answer_is_one(client):
    document = client.get("/api/v1/openapi.json").get_json()
    (example,) = blocks(section(page("photo-api.md"), "One photo"), "json")
    answer = json.loads(example)
    content = document["paths"]["/api/v1/recognize"]["post"]["responses"]["200"]["content"]
    schema = {**content["application/json"]["schema"], "components": document["components"]}
    jsonschema_rs.validate(schema, answer)
    contract = ModelContract.read(ROOT / "app" / "models" / answer["model"] / "contract.json")
    assert tuple(answer["faces"][0]["scores"]) == contract.labels


def test_fields_of_a_contract():
    model = ROOT / "app" / "models" / "mien_small.ferplus"
    contract = ModelContract.read(model / "contract.json").to_json()
    text = section(page("architecture.md"), "The contract")
    assert first_column(text) == list(contract)
    inner = {field for value in contract.values() if isinstance(value, dict) for field in value}
    assert inner <= set(code_spans(text))


def test_twins_of_python_and_javascript():
    python = {file.stem for file in (ROOT / "app" / "inference").glob("*.py")}
    script = {file.stem.replace("-", "_") for file in (JS / "inference").glob("*.js")}
    listed = first_column(section(page("architecture.md"), "Python and JavaScript twins"))
    assert {f"app/inference/{stem}.py" for stem in python & script} <= set(listed)


def test_options_and_methods_of_mien_js():
    text = page("embed.md")
    assert set(first_column(section(text, "Options"))) == properties("RecognizerOptions")
    members = first_column(section(text, "Methods and results"))
    assert {member.partition("(")[0] for member in members} == properties("Recognizer")
    listed = re.findall(r"'([a-z-]+)'", (JS / "errors.js").read_text().partition("*/")[0])
    assert set(listed) <= set(code_spans(section(text, "Methods and results")))


@pytest.mark.parametrize("name", ["embed.md", "live.md", "compare.md"])
def test_examples_in_javascript_are_javascript(name):
    examples = blocks(page(name), "js")
    assert examples
    for code in examples:
        command = ["node", "--input-type=module", "--check"]
        done = subprocess.run(command, input=code, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_every_benchmark_is_listed():
    text = page("benchmarks.md")
    listed = " ".join(first_column(text))
    for file in sorted((ROOT / "tests" / "benchmarks").iterdir()):
        module = f"python -m tests.benchmarks.{file.stem}"
        script = f"node tests/benchmarks/{file.name}"
        own = file.read_text()[:2000] if file.suffix in (".py", ".mjs") else ""
        if re.search(rf"^    {module}\b", own, re.MULTILINE):
            assert module in listed or f"make {file.stem}" in text, file.name
        elif re.search(rf"^ \*   {script}\b", own, re.MULTILINE) and f"{file.stem}.py" not in own:
            assert script in listed, file.name
