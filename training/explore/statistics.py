"""Looks at a data set: counts, duplicates, entropy, mean faces, principal components.

    OUT/index.html   a page that holds everything, for a browser, in light and in dark
    OUT/*.png        its figures, each also as NAME-dark.png
    OUT/facts.json   its numbers

It shows the data's pictures, so it is for the user's own disk: nothing is written into the
repository but into runs/, which git ignores.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..data.dataset import SPLITS, Pictures
from ..data.folders import check_place
from ..data.subset import entropy
from ..measure.baselines import COMPONENTS, fit_pca
from ..run_folder import write_json, write_text
from .page import page
from .plots import draw_all

CUT = 0.01
"""Share of the train split with the lowest entropy that the recipe of blog_cnn_6 drops."""


def explore(data: Pictures, name: str, out: Path) -> Path:
    """Write the page and its parts into `out`.

    Args:
        data: the pictures.
        name: what the page calls them.
        out: a folder; new, or empty.

    Returns:
        The page's path.

    Raises:
        DataError: `out` holds something already, or is in the repository.
    """
    check_place(out)
    found = facts(data)
    figures = draw_all(data, found)
    out.mkdir(parents=True, exist_ok=True)
    for file, content in figures.items():
        (out / file).write_bytes(content)
    write_json(out / "facts.json", {key: found[key] for key in found if key not in _ARRAYS})
    write_text(out / "index.html", page(name, found, figures))
    return out / "index.html"


_ARRAYS = ("entropy", "order", "mean_faces", "explained")


def facts(data: Pictures) -> dict[str, Any]:
    """What the page says.

    Returns:
        pictures, source, labels; splits {split: {label: count}}; constant (rows of pictures of
        one grey level), entropy ((n,) bits), order (positions by rising entropy), cut {share,
        pictures, below (bits)} of the train split, duplicates (`duplicates`), mean_faces (label:
        (48, 48) float32), explained ((k,) share of the variance of the first 1..k principal
        components of the train split), components {count: share} for some of them.
    """
    bits = entropy(data.images)
    order = np.argsort(bits, kind="stable")
    train = np.flatnonzero(data.usage == SPLITS["train"])
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
        "splits": {
            split: {
                name: int(((data.usage == usage) & (data.labels == index)).sum())
                for index, name in enumerate(data.names)
            }
            for split, usage in SPLITS.items()
            if (data.usage == usage).any()
        },
        "constant": data.rows[data.images.min((1, 2)) == data.images.max((1, 2))].tolist(),
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


def duplicates(data: Pictures) -> dict[str, Any]:
    """Pictures that are the same in every pixel.

    Returns:
        distinct (how many different pictures there are), within {split: how many pictures of it
        are a further copy of one in the same split}, across {"train and validation": how many
        pictures of the second stand in the first too, ...}, contradicting (how many different
        pictures have copies with different labels), groups (positions of the copies of the
        pictures with the most of them, at most 8, largest first).
    """
    flat = data.images.reshape(len(data), -1)
    keys = np.array([row.tobytes() for row in flat], dtype=object)
    groups: dict[bytes, list[int]] = {}
    for position, key in enumerate(keys):
        groups.setdefault(key, []).append(position)
    splits = [split for split, usage in SPLITS.items() if (data.usage == usage).any()]
    of_split = {split: set(keys[data.usage == SPLITS[split]].tolist()) for split in splits}
    across = {}
    for index, one in enumerate(splits):
        for other in splits[index + 1 :]:
            theirs = keys[data.usage == SPLITS[other]]
            across[f"{one} and {other}"] = sum(key in of_split[one] for key in theirs)
    many = sorted((g for g in groups.values() if len(g) > 1), key=len, reverse=True)
    return {
        "distinct": len(groups),
        "within": {
            split: int((data.usage == SPLITS[split]).sum()) - len(of_split[split])
            for split in splits
        },
        "across": across,
        "contradicting": sum(len(set(data.labels[group].tolist())) > 1 for group in many),
        "groups": many[:8],
    }
