"""Write index.json beside the bundles: their models, sizes and labels."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from app.inference.contract import ModelContract
from app.inference.errors import ContractError

from .errors import TargetError

INDEX = "index.json"
SHARDS = "group1-shard*.bin"


def is_bundle(folder: Path) -> bool:
    """Whether a folder contains model.json and weight shards, and nothing else."""
    names = {path.name for path in folder.iterdir()}
    known = {path.name for path in folder.glob(SHARDS)} | {"model.json"}
    return "model.json" in names and names == known


def describe(folder: Path, name: str | None = None) -> dict[str, Any]:
    """The entry of one bundle in the index.

    Args:
        folder: the bundle's folder.
        name: the folder's name in the index, if it differs from that of `folder`.

    Returns:
        model, path, bytes, gzip_bytes, quantization, labels, parameters.

    Raises:
        TargetError: model.json is missing or damaged, or has no valid contract.
    """
    try:
        data = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        metadata = data["userDefinedMetadata"]
        contract = ModelContract.from_json(metadata["contract"], "its contract")
        parameters = int(metadata["parameters"])
        weights = [weight for group in data["weightsManifest"] for weight in group["weights"]]
        files = [folder / path for group in data["weightsManifest"] for path in group["paths"]]
        contents = [path.read_bytes() for path in [folder / "model.json", *files]]
    except (OSError, ValueError, KeyError, TypeError, ContractError) as error:
        raise TargetError(f"{folder}: the bundle cannot be read: {error!r}") from None
    kinds = {weight["quantization"]["dtype"] for weight in weights if "quantization" in weight}
    return {
        "model": contract.model,
        "path": f"{name or folder.name}/model.json",
        "bytes": sum(map(len, contents)),
        "gzip_bytes": sum(len(gzip.compress(content, mtime=0)) for content in contents),
        "quantization": "+".join(sorted(kinds)) or "none",
        "labels": list(contract.labels),
        "parameters": parameters,
    }


def build_index(parent: Path, fresh: Path, name: str) -> tuple[str, list[str]]:
    """The text of index.json for the bundles in `parent`, with the new bundle `fresh` as `name`.

    "default" is the model of pages that name none: the default of the existing index if that model
    is still there, otherwise the first model.

    Returns:
        (text, left_out): `left_out` has a sentence for each bundle that cannot be read or whose
        folder has another name.
    """
    entries, left_out = [describe(fresh, name)], []
    for folder in sorted(parent.iterdir()):
        hidden = folder.name.startswith(".")
        if hidden or folder.name == name or not (folder / "model.json").is_file():
            continue
        try:
            entry = describe(folder)
        except TargetError as error:
            left_out.append(str(error))
            continue
        if entry["model"] == folder.name:
            entries.append(entry)
        else:
            left_out.append(
                f"{folder}: the bundle is left out of {INDEX}: its contract belongs to "
                f"{entry['model']}, and a bundle's folder has the name of its model"
            )
    entries.sort(key=lambda entry: (entry["model"], entry["path"]))
    default = _default(parent / INDEX, [entry["model"] for entry in entries])
    return json.dumps({"default": default, "models": entries}, indent=2) + "\n", left_out


def _default(index: Path, names: list[str]) -> str:
    try:
        before = json.loads(index.read_text(encoding="utf-8"))["default"]
    except (OSError, ValueError, KeyError, TypeError):
        return names[0]
    return before if before in names else names[0]
