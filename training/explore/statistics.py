"""Statistics of a data set: counts, duplicates, entropy, mean faces, principal components.

    OUT/index.html   a page with everything, in light and dark colours
    OUT/*.png        its figures, each also as NAME-dark.png
    OUT/facts.json   its numbers

The page shows images of the data, so it is for the user's own disk. In the repository it can only
be written into runs/, which git ignores.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from ..data.dataset import Dataset, image_keys
from ..data.folders import check_output_folder
from ..data.subset import entropy
from ..measure.baselines import COMPONENTS, fit_pca
from ..run_folder import write_json, write_text
from .page import page
from .plots import draw_all

CUT = 0.01
"""Fraction of the train split that the recipe of blog_cnn_6 drops (lowest entropy)."""


def explore(data: Dataset, name: str, out: Path) -> Path:
    """Write the page, its figures and its numbers into `out`.

    Args:
        data: the data set.
        name: its name on the page.
        out: a new or empty folder.

    Returns:
        Path of the page.

    Raises:
        DataError: `out` is not empty, or is in the repository.
    """
    check_output_folder(out)
    found = facts(data)
    figures = draw_all(data, found)
    out.mkdir(parents=True, exist_ok=True)
    for file, content in figures.items():
        (out / file).write_bytes(content)
    write_json(out / "facts.json", {key: found[key] for key in found if key not in _ARRAYS})
    write_text(out / "index.html", page(name, found, figures))
    return out / "index.html"


_ARRAYS = ("entropy", "order", "mean_faces", "explained")


def facts(data: Dataset) -> dict[str, Any]:
    """Compute the numbers of the page.

    Returns:
        pictures (number of images), source, labels; splits {split: {label: count}}; constant
        (rows of the images with a single grey level); entropy ((n,) bits); order (positions by
        increasing entropy); cut {share, pictures, below (bits)}: the part of the train split with
        the lowest entropy; duplicates (`duplicates`); mean_faces {label: (48, 48) float32};
        explained ((k,) fraction of the variance that the first 1..k principal components of the
        train split explain); components {count: fraction} for some of them.
    """
    bits = entropy(data.images)
    order = np.argsort(bits, kind="stable")
    train = np.flatnonzero(data.in_split("train"))
    cut = round(CUT * len(train))
    in_train = order[np.isin(order, train)]
    flat = data.images[train].reshape(len(train), -1).astype(np.float32) / 255
    explained = np.zeros(0)
    if len(flat) > 1:
        explained = np.cumsum(fit_pca(flat, min(flat.shape)).explained_variance_ratio_)
    return {
        "pictures": len(data),
        "source": data.source,
        "labels": list(data.names),
        "splits": data.counts(),
        "constant": data.rows[data.constant()].tolist(),
        "entropy": bits,
        "order": order,
        "cut": {
            "share": CUT,
            "pictures": cut,
            "below": float(bits[in_train[min(cut, len(in_train) - 1)]]) if len(train) else 0.0,
        },
        "duplicates": duplicates(data),
        "mean_faces": {
            name: data.images[data.labels == index].mean(axis=0, dtype=np.float32)
            for index, name in enumerate(data.names)
            if (data.labels == index).any()
        },
        "explained": explained,
        "components": {
            str(count): float(explained[count - 1])
            for count in (10, 50, 100, COMPONENTS, 500)
            if count <= len(explained)
        },
    }


def duplicates(data: Dataset) -> dict[str, Any]:
    """Find images that are equal in every pixel.

    Returns:
        distinct (number of different images), within {split: number of images that copy another
        one of the same split}, across {"train and validation": number of images of the second
        split that are also in the first, ...}, contradicting (number of different images whose
        copies have different labels), groups (positions of the copies of the images with the most
        copies; at most 8, largest first).
    """
    _, group = np.unique(image_keys(data.images), return_inverse=True)
    positions: dict[int, list[int]] = {}
    for position, number in enumerate(group.tolist()):
        positions.setdefault(number, []).append(position)
    groups = {split: group[data.in_split(split)] for split in data.splits()}
    copies = sorted((g for g in positions.values() if len(g) > 1), key=len, reverse=True)
    return {
        "distinct": len(positions),
        "within": {split: len(own) - len(np.unique(own)) for split, own in groups.items()},
        "across": {
            f"{one} and {other}": int(np.isin(groups[other], groups[one]).sum())
            for one, other in combinations(groups, 2)
        },
        "contradicting": sum(len(set(data.labels[group].tolist())) > 1 for group in copies),
        "groups": copies[:8],
    }
