"""The documentation as tests read it: its pages, links, commands and names of files."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
PAGES = (
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "training").glob("*.md")),
)
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def name_of(page: Path) -> str:
    """Path of a page from the repository's root."""
    return page.relative_to(ROOT).as_posix()


def prose(text: str) -> str:
    """`text` without its blocks of code."""
    return FENCE.sub("", text)


def links(text: str) -> list[str]:
    """Targets of the links in `text` that lead to files of the repository."""
    found = LINK.findall(prose(text))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(text: str) -> set[str]:
    """Anchors of the headings in `text`, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.strip().replace(" ", "-") for heading in plain}


def blocks(text: str, language: str) -> list[str]:
    """Blocks of code in `text` that are marked as of `language`."""
    return [dedent(code) for _, name, code in FENCE.findall(text) if name == language]


def code_spans(text: str) -> list[str]:
    """What stands between backticks in the prose of `text`."""
    return CODE.findall(prose(text))


def shell_commands(text: str) -> list[list[str]]:
    """Words of each command in the shell blocks of `text`: split at && and |, without comments,
    prompts and the variables before a command. A line that ends in a backslash goes on."""
    whole = [block.replace("\\\n", " ") for block in blocks(text, "sh")]
    lines = [line for block in whole for line in block.splitlines()]
    return [words for line in lines for words in split(line)]


def inline_commands(text: str) -> list[list[str]]:
    """The same of the commands in the prose of `text`, which may lack required arguments."""
    programs = re.compile(r"(?:[A-Z_]+=\S* )*(?:make|python|node|npm|curl) ")
    return [words for span in code_spans(text) if programs.match(span) for words in split(span)]


def split(line: str) -> list[list[str]]:
    """Words of each command in a line of a shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&|;")
    lexer.whitespace_split = True
    found: list[list[str]] = [[]]
    for word in lexer:
        if set(word) <= set("&|;"):
            found.append([])
        elif found[-1] or not re.match(r"[A-Z_]+=", word):
            found[-1].append(word)
    return [words for words in found if words]


def section(text: str, heading: str) -> str:
    """What stands under a heading of `text`, to the next one of its level or a higher one."""
    found: list[str] | None = None
    level, in_code = 0, False
    for line in text.splitlines(keepends=True):
        in_code ^= line.lstrip().startswith("```")
        marks = re.match(r"(#+) (.*)", line) if not in_code else None
        if marks and found is not None and len(marks[1]) <= level:
            break
        if found is not None:
            found.append(line)
        elif marks and marks[2] == heading:
            found, level = [], len(marks[1])
    assert found is not None, f"no heading {heading!r}"
    return "".join(found)


def first_column(text: str) -> list[str]:
    """Code spans in the first cells of the tables in `text`, in order."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    return [span for cell in cells for span in CODE.findall(cell)]
