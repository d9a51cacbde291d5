"""Draw the figures of `explore` as PNG images, each for light and dark mode."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data.dataset import SIZE, Dataset
from ..measure.baselines import COMPONENTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INKS = {"": "#1f2328", "-dark": "#e6e6e6"}
"""Colour of text and axes for light and dark mode; the background is transparent."""

COLOURS = ("#0f9488", "#d9670f", "#7a6ff0")
"""Colours of the splits, legible in both modes."""

COLUMNS = 10


def draw_all(data: Dataset, found: dict[str, Any]) -> dict[str, bytes]:
    """Draw all figures.

    Args:
        data: the data set.
        found: its numbers, `statistics.facts`.

    Returns:
        File name -> PNG: NAME.png for light mode, NAME-dark.png for dark mode.
    """
    import matplotlib

    matplotlib.use("Agg")
    figures: dict[str, Callable[[str], Figure]] = {
        "labels": lambda ink: _labels(found),
        "proportions": lambda ink: _proportions(found),
        "pictures": lambda ink: _grid(_samples(data)),
        "means": lambda ink: _row(list(found["mean_faces"].items())),
        "entropy": lambda ink: _entropy(found, ink),
        "lowest": lambda ink: _row(_lowest(data, found)),
    }
    if found["duplicates"]["groups"]:
        figures["duplicates"] = lambda ink: _row(_copies(data, found))
    if len(found["explained"]) > 1:
        figures["pca"] = lambda ink: _pca(found, ink)
    drawn = {}
    for name, draw in figures.items():
        for theme, ink in INKS.items():
            with matplotlib.rc_context(_style(ink)):
                drawn[f"{name}{theme}.png"] = _png(draw(ink))
    return drawn


def _style(ink: str) -> dict[str, Any]:
    names = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
    return {
        **dict.fromkeys(names, ink),
        "axes.facecolor": "none",
        "figure.facecolor": "none",
        "savefig.facecolor": "none",
        "legend.frameon": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "font.size": 10,
        "figure.constrained_layout.use": True,
    }


def _png(figure: Figure) -> bytes:
    from matplotlib import pyplot

    file = BytesIO()
    figure.savefig(file, format="png", dpi=110)
    pyplot.close(figure)
    return file.getvalue()


def _axes(width: float, height: float) -> tuple[Figure, Any]:
    from matplotlib import pyplot

    return pyplot.subplots(figsize=(width, height))


def _labels(found: dict[str, Any]) -> Figure:
    figure, axes = _axes(8, 3.6)
    totals = [sum(split[name] for split in found["splits"].values()) for name in found["labels"]]
    bars = axes.bar(found["labels"], totals, color=COLOURS[0])
    axes.bar_label(bars, [f"{total:,}" for total in totals])
    axes.set_ylabel("pictures")
    return figure


def _proportions(found: dict[str, Any]) -> Figure:
    figure, axes = _axes(8, 3.6)
    place = np.arange(len(found["labels"]))
    width = 0.8 / len(found["splits"])
    for index, (split, counts) in enumerate(found["splits"].items()):
        shares = np.array(list(counts.values())) / max(1, sum(counts.values()))
        left = place - 0.4 + width * (index + 0.5)
        axes.bar(left, 100 * shares, width * 0.92, label=split, color=COLOURS[index])
    axes.set_xticks(place, found["labels"])
    axes.set_ylabel("% of the split")
    axes.legend()
    return figure


def _entropy(found: dict[str, Any], ink: str) -> Figure:
    figure, axes = _axes(8, 3.6)
    axes.hist(found["entropy"], bins=100, range=(0, 8), color=COLOURS[0], log=True)
    cut = found["cut"]
    axes.axvline(cut["below"], color=COLOURS[1], linestyle="--")
    axes.annotate(
        f"{cut['share']:.0%} of train has less than {cut['below']:.2f} bits",
        (cut["below"], 0.95),
        xycoords=("data", "axes fraction"),
        xytext=(-6, 0),
        textcoords="offset points",
        ha="right",
        va="top",
        color=ink,
    )
    axes.set_xlabel("entropy of the grey levels, bits")
    axes.set_ylabel("pictures")
    return figure


def _pca(found: dict[str, Any], ink: str) -> Figure:
    figure, axes = _axes(8, 3.6)
    explained = found["explained"]
    axes.plot(np.arange(1, len(explained) + 1), 100 * explained, color=COLOURS[0])
    axes.set_xscale("log")
    if len(explained) >= COMPONENTS:
        share = 100 * explained[COMPONENTS - 1]
        axes.plot([COMPONENTS], [share], "o", color=COLOURS[1])
        axes.annotate(
            f"{COMPONENTS} components: {share:.1f} %",
            (COMPONENTS, share),
            xytext=(0, -14),
            textcoords="offset points",
            va="top",
            color=ink,
        )
    axes.set_xlabel("principal components of the train split")
    axes.set_ylabel("% of the variance")
    return figure


def _samples(data: Dataset) -> list[tuple[str, list[np.ndarray]]]:
    random = np.random.default_rng(0)
    rows = []
    for index, name in enumerate(data.names):
        chosen = random.permutation(np.flatnonzero(data.labels == index))[:COLUMNS]
        rows.append((name, [data.images[position] for position in chosen]))
    return rows


def _lowest(data: Dataset, found: dict[str, Any]) -> list[tuple[str, np.ndarray]]:
    bits, order = found["entropy"], found["order"]
    # Images of a single grey level are listed on the page instead.
    chosen = [at for at in order if bits[at] > 0][:COLUMNS]
    return [(f"{bits[at]:.2f} bits", data.images[at]) for at in chosen]


def _copies(data: Dataset, found: dict[str, Any]) -> list[tuple[str, np.ndarray]]:
    shown = []
    for group in found["duplicates"]["groups"]:
        labels = sorted({data.names[label] for label in data.labels[group]})
        text = labels[0] if len(labels) == 1 else f"{len(labels)} labels"
        shown.append((f"{len(group)} times\n{text}", data.images[group[0]]))
    return shown


def _grid(rows: list[tuple[str, list[np.ndarray]]]) -> Figure:
    figure, axes = _mosaic([images for _, images in rows])
    axes.set_yticks(_CELL * np.arange(len(rows)) + SIZE / 2, [name for name, _ in rows])
    return figure


def _row(items: list[tuple[str, np.ndarray]]) -> Figure:
    figure, axes = _mosaic([[image for _, image in items]])
    middles = _CELL * np.arange(len(items)) + SIZE / 2
    axes.set_xticks(middles, [name for name, _ in items], fontsize=8)
    axes.xaxis.tick_top()
    return figure


_CELL = SIZE + 4


def _mosaic(rows: list[list[np.ndarray]]) -> tuple[Figure, Any]:
    """Tile the images into one image with transparent gaps; matplotlib draws one image faster."""
    columns = max(COLUMNS, *map(len, rows))
    whole = np.zeros((_CELL * len(rows), _CELL * columns, 4), np.uint8)
    for row, images in enumerate(rows):
        for column, image in enumerate(images):
            y, x = _CELL * row, _CELL * column
            whole[y : y + SIZE, x : x + SIZE, :3] = np.rint(image)[..., None]
            whole[y : y + SIZE, x : x + SIZE, 3] = 255
    figure, axes = _axes(9, 0.85 * len(rows) + 0.3)
    axes.imshow(whole)
    axes.spines[:].set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.tick_params(length=0)
    return figure, axes
