"""The columns of a batch's tables, the same for pictures and videos, in every format.

The files of the live page have the same columns
(static/js/pages/live/recording/recording-export.js).
"""

from __future__ import annotations

import pyarrow as pa

COLUMNS = (
    *("file", "frame", "time", "seconds", "face", "results", "image_width", "image_height"),
    *("model", "contract_version", "x", "y", "width", "height", "label", "score", "unsure"),
    "resting_face",
)
"""Columns of the table of faces; score_<label> for each label of the model follows."""

FILE_COLUMNS = (
    *("file", "kind", "bytes", "image_width", "image_height", "rate", "duration", "frames"),
    *("samples", "faces", "rows", "seconds", "error", "warning", "took"),
)
"""Columns of the table of files; share_<label>, share_unsure and mean_<label> follow."""

_WORDS = pa.dictionary(pa.int32(), pa.string())


def faces_schema(labels: tuple[str, ...]) -> pa.Schema:
    """The columns of the table of faces, and their types."""
    types = {
        "file": _WORDS,
        "frame": pa.int64(),
        "time": pa.timestamp("ms", "UTC"),
        "seconds": pa.float64(),
        "face": pa.int32(),
        "results": pa.int32(),
        "image_width": pa.int32(),
        "image_height": pa.int32(),
        "model": _WORDS,
        "contract_version": pa.int32(),
        **dict.fromkeys(("x", "y", "width", "height"), pa.float32()),
        "label": _WORDS,
        "score": pa.float32(),
        "unsure": pa.bool_(),
        "resting_face": pa.bool_(),
    }
    fields = [(name, types[name]) for name in COLUMNS]
    return pa.schema([*fields, *((f"score_{label}", pa.float32()) for label in labels)])


def files_schema(labels: tuple[str, ...]) -> pa.Schema:
    """The columns of the table of files, and their types."""
    types = {
        **dict.fromkeys(("file", "kind", "error", "warning"), pa.string()),
        **dict.fromkeys(("bytes", "frames", "samples", "faces", "rows"), pa.int64()),
        **dict.fromkeys(("image_width", "image_height"), pa.int32()),
        **dict.fromkeys(("rate", "duration", "seconds", "took"), pa.float64()),
    }
    more = [f"share_{label}" for label in (*labels, "unsure")] + [f"mean_{x}" for x in labels]
    fields = [(name, types[name]) for name in FILE_COLUMNS]
    return pa.schema([*fields, *((name, pa.float64()) for name in more)])
