"""The names that data sets and models give to the same expression."""

from __future__ import annotations

from dataclasses import replace

from .dataset import LABELS, Dataset

SYNONYMS = {
    "angry": ("anger", "mad"),
    "disgust": ("disgusted", "disgusting"),
    "fear": ("fearful", "afraid", "scared"),
    "happy": ("happiness", "happily", "joy"),
    "sad": ("sadness", "unhappy"),
    "surprise": ("surprised", "surprising"),
    "neutral": ("neutrality", "natural", "calm", "no expression"),
}
"""FER2013's labels -> other names of the same expression, in lower case."""

_LABEL_OF = {name: label for label, others in SYNONYMS.items() for name in (label, *others)}


def fer2013_label(name: str) -> str:
    """The label of FER2013 that `name` is another name of; `name` itself if there is none."""
    return _LABEL_OF.get(name.strip().lower().replace("_", " "), name)


def same_labels(data: Dataset, names: tuple[str, ...]) -> Dataset:
    """`data` with its labels called as in `names` where both mean the same expression."""
    wanted = {fer2013_label(name).lower(): name for name in names}
    renamed = tuple(
        name if name in names else wanted.get(fer2013_label(name).lower(), name)
        for name in data.names
    )
    return replace(data, names=renamed) if len(set(renamed)) == len(renamed) else data


def in_fer2013_order(names: list[str]) -> tuple[str, ...]:
    """`names` in FER2013's order if all mean labels of FER2013, else in alphabetical order."""
    if {fer2013_label(name) for name in names} <= set(LABELS):
        return tuple(sorted(names, key=lambda name: LABELS.index(fer2013_label(name))))
    return tuple(sorted(names))
