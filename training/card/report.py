"""Write the report of a model: a self-contained HTML page with its card and plots."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import jinja2

from app.inference.contract import ModelContract

from ..errors import RunError
from ..run_folder import read_history, write_text

BUNDLES = Path(__file__).parents[2] / "static" / "models" / "index.json"

INK, QUIET, ACCENT, SECOND = "#010101", "#020202", "#030303", "#040404"
"""Placeholder colours of the plots; the page replaces them by its light or dark colours."""

_COLOURS = {
    INK: "var(--ink)",
    QUIET: "var(--quiet)",
    ACCENT: "var(--accent)",
    SECOND: "var(--second)",
}


def write_report(folder: Path, out: Path) -> None:
    """Write the report of one model.

    Args:
        folder: app/models/NAME, with contract.json, card.json and, if it exists, history.csv.
        out: the HTML file; its folder is created.

    Raises:
        RunError: the model has no card, or a card of an earlier version.
        ContractError: the contract is missing or invalid.
    """
    contract = ModelContract.read(folder / "contract.json")
    path = folder / "card.json"
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"{path}: no such file; promote a run to write a card") from None
    if "robustness" not in card or "data" not in card:
        raise RunError(
            f"{path} is of an earlier version; write it again: "
            f"python -m training card {contract.model} --data FILE"
        )
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    history = read_history(folder)
    own_labels = _own_labels(card)
    judged = {
        "validation": own_labels,
        "validation_without_duplicates": "the same, without pictures that are also in training",
        "ferplus_majority": "the majority of FER+'s ten annotators",
    }
    page = environment.get_template("report.html.jinja").render(
        card=card,
        own_labels=own_labels,
        contract=contract,
        bundle=_bundle(contract.model),
        judged={key: title for key, title in judged.items() if key in card},
        curves=_curves(history) if history else None,
        reliability=_reliability(card),
        factors=_factors(card["robustness"]),
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    write_text(out, page)


def _own_labels(card: dict[str, Any]) -> str:
    # Cards of earlier versions do not name the source; of those, models that were trained on
    # folders say so in their data.
    source = card.get("source") or (
        "folders" if card["data"].get("measured_on", "").startswith("folder ") else "FER2013"
    )
    return "the folders' labels" if source == "folders" else f"{source}'s own labels"


def _bundle(model: str) -> dict[str, Any] | None:
    if not BUNDLES.is_file():
        return None
    entries = json.loads(BUNDLES.read_text(encoding="utf-8"))["models"]
    return next((entry for entry in entries if entry["model"] == model), None)


def _curves(history: list[dict[str, float]]) -> str:
    figure, (losses, accuracies) = _figure(1, 2, (9, 3.2))
    epochs = [row["epoch"] for row in history]
    losses.plot(epochs, [row["loss"] for row in history], color=QUIET, label="training")
    losses.plot(
        epochs, [row["validation_loss"] for row in history], color=ACCENT, label="validation"
    )
    losses.set(xlabel="epoch", ylabel="cross-entropy, nats")
    losses.legend(frameon=False, labelcolor=INK)
    percent = [100 * row["validation_accuracy"] for row in history]
    accuracies.plot(epochs, percent, color=ACCENT)
    best = max(range(len(percent)), key=percent.__getitem__)
    accuracies.plot(epochs[best], percent[best], "o", color=ACCENT)
    accuracies.set(xlabel="epoch", ylabel="validation accuracy, %")
    return _svg(figure, "Loss and validation accuracy by epoch")


def _reliability(card: dict[str, Any]) -> str:
    figure, (axes,) = _figure(1, 1, (4.6, 4.2))
    axes.plot([0, 100], [0, 100], color=QUIET, linewidth=0.8, linestyle="--")
    for key, colour, name in (
        ("validation", SECOND, _own_labels(card)),
        ("ferplus_majority", ACCENT, "FER+ majority"),
    ):
        rows = card[key]["reliability"] if key in card else []
        if rows:
            axes.plot(
                [100 * row["score"] for row in rows],
                [100 * row["accuracy"] for row in rows],
                "o-",
                color=colour,
                markersize=4,
                label=name,
            )
    axes.set(xlim=(0, 100), ylim=(0, 100), xlabel="score, %", ylabel="accuracy, %")
    axes.legend(frameon=False, labelcolor=INK)
    return _svg(figure, "Reliability diagram: accuracy by score")


def _factors(robustness: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    every = [value for one in robustness["factors"].values() for value in one["accuracy"]]
    low = 10 * int(10 * min(every))
    plots = []
    for factor in robustness["factors"].values():
        figure, (axes,) = _figure(1, 1, (3.9, 2.5))
        percent = [100 * value for value in factor["accuracy"]]
        axes.axvline(factor["unchanged"], color=QUIET, linewidth=0.8, linestyle="--")
        axes.plot(factor["values"], percent, "o-", color=ACCENT, markersize=4)
        axes.set(xlabel=factor["unit"] or "gamma", ylabel="accuracy, %", ylim=(low, 100))
        plots.append((_svg(figure, f"Accuracy: {factor['what']}"), factor))
    return plots


def _figure(rows: int, columns: int, size: tuple[float, float]) -> tuple[Any, list[Any]]:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False)
    figure.patch.set_alpha(0)
    for one in axes.flat:
        one.patch.set_alpha(0)
        one.tick_params(colors=QUIET, labelcolor=INK)
        one.xaxis.label.set_color(INK)
        one.yaxis.label.set_color(INK)
        for side, spine in one.spines.items():
            spine.set_visible(side in ("left", "bottom"))
            spine.set_color(QUIET)
    return figure, list(axes.flat)


def _svg(figure: Any, title: str) -> str:
    """The figure as an <svg> element with text elements, in the colours of the page."""
    from matplotlib import pyplot, rc_context

    target = io.StringIO()
    # With a fixed salt and no date, the same card gives the same page.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "mien"}):
        figure.savefig(target, format="svg", metadata={"Date": None})
    pyplot.close(figure)
    text = target.getvalue()
    text = text[text.index("<svg") :]
    for drawn, shown in _COLOURS.items():
        text = text.replace(drawn, shown)
    # Ids are unique only within a figure, so each gets a prefix.
    prefix = re.sub(r"\W+", "-", title.lower())
    text = re.sub(r'(id="|url\(#|xlink:href="#)', rf"\g<1>{prefix}-", text)
    text = re.sub(r"<svg ", f'<svg role="img" aria-label="{title}" ', text, count=1)
    return re.sub(r"font-family: [^;\"]+|font: ([0-9.]+)px [^;\"]+", _font, text)


def _font(found: re.Match[str]) -> str:
    size = found.group(1)
    return f"font-size: {size}px; font-family: inherit" if size else "font-family: inherit"
