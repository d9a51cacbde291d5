"""Format the evaluation of a model as text tables."""

from __future__ import annotations

from typing import Any


def format_evaluation(found: dict[str, Any]) -> str:
    """Format the result of `measure_model` as text."""
    titles = {
        "own": "the data's own labels",
        "without_duplicates": "without images that are also in the train split",
        "ferplus_majority": "FER+'s majority label (images without a majority are left out)",
    }
    parts = []
    for key, title in titles.items():
        if key in found:
            parts += ["", f"{found['measured_on']}, {title}", *_table(found[key], key == "own")]
    if "every_label" in found:
        m = found["every_label"]
        low, high = m["interval"]
        parts += [
            "",
            f"The model does not know {', '.join(found['labels_left_out'])}. On all "
            f"{m['n']:,} images, with those of these labels counted as wrong:",
            f"accuracy  {m['accuracy']:.2%}  (95 % interval {low:.2%} to {high:.2%})",
        ]
    if "ferplus_eight" in found:
        m = found["ferplus_eight"]
        low, high = m["interval"]
        parts += [
            "",
            f"{found['measured_on']}, FER+ by its authors' protocol (8 labels; n = {m['n']:,}, of "
            f"which {m['contempt']} contempt, always counted as wrong)",
            f"accuracy  {m['accuracy']:.2%}  (95 % interval {low:.2%} to {high:.2%})",
        ]
    return "\n".join(parts[1:])


def _table(m: dict[str, Any], with_confusion: bool) -> list[str]:
    low, high = m["interval"]
    lines = [
        f"accuracy  {m['accuracy']:.2%}  (95 % interval {low:.2%} to {high:.2%}, n = {m['n']:,})",
        f"macro F1  {m['macro_f1']:.4f}   log loss  {m['log_loss']:.4f}   ECE  {m['ece']:.4f}",
        f"{'':10}{'precision':>10}{'recall':>8}{'F1':>8}{'n':>7}",
    ]
    for name, row in m["per_label"].items():
        lines.append(
            f"{name:10}{row['precision']:10.3f}{row['recall']:8.3f}{row['f1']:8.3f}{row['n']:7,}"
        )
    if with_confusion:
        names = list(m["per_label"])
        lines.append("confusion (rows: true label, columns: predicted label)")
        lines.append(" " * 10 + "".join(f"{name:>10}" for name in names))
        for name, row in zip(names, m["confusion"], strict=True):
            lines.append(f"{name:10}" + "".join(f"{value:10,}" for value in row))
    return lines


def format_groups(groups: dict[str, Any]) -> str:
    """The table of what `measure_groups` gave."""
    head = (
        f"{groups['people']} people; faces found in {groups['found']} of {groups['photos']} photos"
    )
    lines = [head, "", f"{'':24} {'neutral':>18} {'happy':>18}   with their resting face"]
    for row in groups["rows"]:
        name = "all" if row["kind"] == "all" else f"{row['kind']}: {row['name']}"
        cells = [
            _cell(part[label]) for part in (row, row["with_rest"]) for label in ("neutral", "happy")
        ]
        lines.append(f"{name:24} " + " ".join(f"{cell:>18}" for cell in cells))
    return "\n".join(lines)


def _cell(figure: dict[str, Any]) -> str:
    if figure["accuracy"] is None:
        return "none"
    return f"{figure['accuracy']:.1%} (n = {figure['n']})"
