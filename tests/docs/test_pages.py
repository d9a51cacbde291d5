"""Pages of the documentation: their length, links, and the files that they name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ..support.documents import PAGES, ROOT, anchors, code_spans, links, name_of

README_LINES = 120
PAGE_LINES = range(60, 251)
INDEX = ROOT / "docs" / "README.md"
TOP_FOLDERS = ("app", "static", "templates", "converter", "training", "tests", "bin", "docs")
EXAMPLES = ("templates/hello.html", "static/js/pages/hello", "training/architectures/tiny_net.py")
"""Files that CONTRIBUTING.md adds."""
MADE = ("static/dist", *EXAMPLES)
"""What a build or a recipe makes: it need not be there."""

every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def lines_of(page: Path) -> int:
    return len(page.read_text().splitlines())


def test_the_readme_is_short():
    assert lines_of(ROOT / "README.md") <= README_LINES


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=name_of)
def test_a_page_is_neither_a_stub_nor_a_book(page):
    if page == INDEX:
        assert lines_of(page) <= PAGE_LINES.start
    else:
        assert lines_of(page) in PAGE_LINES


@every_page
def test_links_lead_somewhere(page):
    for link in links(page.read_text()):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link}: no such file"
        if anchor:
            assert anchor in anchors(target.read_text()), f"{link}: no such heading"


def test_a_wrong_anchor_would_be_seen():
    assert anchors("# The `API`, in short\n\n```sh\n# no heading\n```\n") == {"the-api-in-short"}


@pytest.mark.parametrize("start", ["README.md", "docs/README.md"])
def test_every_page_is_reached_from(start):
    page = ROOT / start
    reached = {(page.parent / link.partition("#")[0]).resolve() for link in links(page.read_text())}
    assert set((ROOT / "docs").glob("*.md")) - {INDEX} <= reached


def paths(text: str) -> list[str]:
    """Paths of the repository that the prose of `text` names; parts in angle brackets or
    capitals stand for a name and match any."""
    found = []
    for span in code_spans(text):
        path = re.sub(r"<\w+>|\bNAME\b", "*", span)
        if path.split("/")[0] in TOP_FOLDERS and re.fullmatch(r"[\w./*-]+/[\w./*-]*", path):
            found.append(path)
    return found


# A changelog and decisions name files as they were then.
@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.stem not in ("CHANGELOG", "decisions")], ids=name_of
)
def test_files_that_are_named_exist(page):
    for path in paths(page.read_text()):
        if not path.startswith(MADE):
            assert list(ROOT.glob(path.rstrip("/"))), f"{path}: no such file"


def test_names_of_files_are_found():
    assert paths("`app/config.py`, `app/models/<model>/`, `a/b`, `runs/x`, `python -m x`") == [
        "app/config.py",
        "app/models/*/",
    ]
