"""Write the HTML page of `explore`, with its figures for light and dark mode."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; --ground: #ffffff; --ink: #1f2328; --line: #d0d7de; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #16181d; --ink: #e6e6e6; --line: #3a3f47; }
}
body { background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
  max-width: 60rem; margin: 0 auto; padding: 1rem; }
img { max-width: 100%; height: auto; }
figure { margin: 1rem 0; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid var(--line); padding: 0.2rem 0.8rem 0.2rem 0; text-align: right; }
th:first-child { text-align: left; }
.scroll { overflow-x: auto; }
"""


def page(name: str, found: dict[str, Any], figures: dict[str, bytes]) -> str:
    """The HTML text of the page.

    Args:
        name: name of the data set.
        found: its numbers, `statistics.facts`.
        figures: its figures, `plots.draw_all`.
    """
    title = escape(name)
    cut, copies = found["cut"], found["duplicates"]
    constant = found["constant"]
    sections = [
        ("Labels", _counts(found) + _figure(figures, "labels", "Pictures of each label")),
        (
            "Proportions",
            _figure(figures, "proportions", "Fraction of each label in each split, in per cent"),
        ),
        ("Pictures", _figure(figures, "pictures", "Random pictures of each label")),
        ("Mean faces", _figure(figures, "means", "The mean of all pictures of each label")),
        (
            "Entropy",
            f"<p>Entropy of a picture's grey levels, 0 (one level) to 8 bits. {cut['pictures']:,} "
            f"pictures, {cut['share']:.0%} of train, have less than {cut['below']:.2f} bits.</p>"
            + _figure(figures, "entropy", "Pictures by entropy; the dashed line is the cut")
            + _figure(
                figures,
                "lowest",
                "The pictures with the lowest entropy (without those of a single grey level)",
            ),
        ),
        ("Constant pictures", f"<p>{_constant(constant)}</p>"),
        ("Duplicates", _duplicates(found["pictures"], copies, figures)),
    ]
    if "pca.png" in figures:
        listed = ", ".join(f"{n} explain {share:.1%}" for n, share in found["components"].items())
        sections.append(
            (
                "Principal components",
                (f"<p>Of the variance of the train split's pixels, {listed}.</p>" if listed else "")
                + _figure(
                    figures, "pca", "Fraction of the variance that the first components explain"
                ),
            )
        )
    body = "\n".join(f"<section><h2>{head}</h2>\n{text}</section>" for head, text in sections)
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{STYLE}</style></head>\n<body>\n<h1>{title}</h1>\n"
        f"<p>{found['pictures']:,} pictures of {escape(found['source'])}, "
        f"{len(found['labels'])} labels. Do not publish this page: the "
        f"pictures belong to others.</p>\n{body}\n</body>\n</html>\n"
    )


def _figure(figures: dict[str, bytes], name: str, caption: str) -> str:
    light, dark = (
        "data:image/png;base64," + b64encode(figures[f"{name}{theme}.png"]).decode()
        for theme in ("", "-dark")
    )
    return (
        f'<figure><picture><source srcset="{dark}" media="(prefers-color-scheme: dark)">'
        f'<img src="{light}" alt="{escape(caption)}"></picture>'
        f"<figcaption>{escape(caption)}</figcaption></figure>\n"
    )


def _counts(found: dict[str, Any]) -> str:
    names = found["labels"]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in [*names, "total"])
    lines = "".join(
        f'<tr><th scope="row">{split}</th>'
        + "".join(f"<td>{count:,}</td>" for count in [*counts.values(), sum(counts.values())])
        + "</tr>"
        for split, counts in found["splits"].items()
    )
    return f'<div class="scroll"><table><tr><th></th>{head}</tr>{lines}</table></div>\n'


def _constant(rows: list[int]) -> str:
    if not rows:
        return "None: every picture has more than one grey level."
    listed = ", ".join(map(str, rows[:40])) + (" and more" if len(rows) > 40 else "")
    return f"{len(rows):,} pictures have a single grey level: rows {listed}."


def _duplicates(pictures: int, copies: dict[str, Any], figures: dict[str, bytes]) -> str:
    lines = [f"{copies['distinct']:,} of {pictures:,} pictures are different."]
    lines += [
        f"{split}: {count:,} pictures are copies of others in the same split."
        for split, count in copies["within"].items()
    ]
    lines += [
        f"{both}: {count:,} pictures of the second split are also in the first."
        for both, count in copies["across"].items()
    ]
    lines.append(f"{copies['contradicting']:,} pictures have copies with different labels.")
    listed = "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>\n"
    if "duplicates.png" not in figures:
        return listed
    return listed + _figure(figures, "duplicates", "The pictures with the most copies")
