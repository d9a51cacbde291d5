"""Publish a bundle: build it in a temporary folder, then move it into place atomically."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import TargetError, target_error
from .index import INDEX, build_index, is_bundle


def check_target(target: Path, model: str) -> None:
    """Check that `target` has the model's name and is a bundle, an empty folder, or does not exist.

    Raises:
        TargetError: `target` has another name, is a file, or a folder with other files.
    """
    if target.name != model:
        # The pages look for a model's bundle under the model's name.
        raise TargetError(
            f"{target}: a bundle's folder has the name of its model; "
            f"expected {target.parent / model}"
        )
    try:
        if not target.exists():
            return
        if not target.is_dir():
            raise TargetError(f"{target}: this is a file; expected a folder for the bundle")
        if any(target.iterdir()) and not is_bundle(target):
            raise TargetError(
                f"{target}: this folder has other files than a bundle and is not "
                "overwritten; give a new folder, an empty one or that of a bundle"
            )
    except OSError as error:
        raise target_error(error, target) from None


@contextmanager
def staging_folder(target: Path) -> Iterator[Path]:
    """Context with a temporary folder beside `target`.

    At the end the folder is deleted with its content, also after an error, and so are parent
    folders that were created for it and are empty.

    Raises:
        TargetError: the folder cannot be created.
    """
    created: list[Path] = []
    try:
        for parent in [*reversed(target.parents)]:
            if not parent.exists():
                parent.mkdir()
                created.append(parent)
        folder = Path(
            tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        )
    except OSError as error:
        _remove_empty(created)
        raise target_error(error, target) from None
    try:
        # Only the owner can read a folder of mkdtemp, but the web server has to read the bundle.
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _remove_empty(created)


def publish(bundle: Path, target: Path) -> list[str]:
    """Move `bundle` to `target`, replacing an existing bundle, and update index.json beside it.

    Everything that needs disk space is written before the first move. If a move fails, the existing
    bundle is restored.

    Returns:
        A sentence for each other bundle that the index leaves out because it cannot be read.

    Raises:
        OSError: a move failed; nothing was changed.
    """
    index = target.parent / INDEX
    text, left_out = build_index(target.parent, bundle, target.name)
    fresh_index = bundle.parent / INDEX
    fresh_index.write_text(text, encoding="utf-8")
    old = bundle.parent / "old"
    try:
        if target.exists():
            target.rename(old)
        bundle.rename(target)
        fresh_index.replace(index)
    except BaseException:
        if not bundle.exists():
            target.rename(bundle)
        if old.exists():
            old.rename(target)
        raise
    return left_out


def _remove_empty(folders: list[Path]) -> None:
    for folder in reversed(folders):
        # rmdir fails for a folder that is not empty.
        with suppress(OSError):
            folder.rmdir()
