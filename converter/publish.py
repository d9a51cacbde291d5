"""A bundle is built beside its place and moved there whole, or leaves nothing behind."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import TargetError, target_error
from .index import INDEX, build_index, is_bundle


def check_target(target: Path) -> None:
    """Refuse a place that holds something other than a bundle.

    Raises:
        TargetError: `target` is a file, or a folder that holds other things.
    """
    try:
        if not target.exists():
            return
        if not target.is_dir():
            raise TargetError(f"{target}: this is a file; expected a folder for the bundle")
        if any(target.iterdir()) and not is_bundle(target):
            raise TargetError(
                f"{target}: this folder holds other things than a bundle and is not "
                "overwritten; give an empty, a new or a bundle's folder"
            )
    except OSError as error:
        raise target_error(error, target) from None


@contextmanager
def staging(target: Path) -> Iterator[Path]:
    """A new folder beside `target`, gone afterwards with all that is still in it, whatever
    happens; so are parent folders made for it that stay empty.

    Raises:
        TargetError: no folder can be made there.
    """
    made: list[Path] = []
    try:
        for parent in [*reversed(target.parents)]:
            if not parent.exists():
                parent.mkdir()
                made.append(parent)
        folder = Path(
            tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        )
    except OSError as error:
        _remove_empty(made)
        raise target_error(error, target) from None
    try:
        # mkdtemp keeps others out; a bundle is for a web server to read.
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _remove_empty(made)


def publish(bundle: Path, target: Path) -> list[str]:
    """Move `bundle` to `target` in an older one's place and renew index.json beside it.

    All that can fail for want of space is done before the first move; when a move fails, the
    older bundle stands where it stood.

    Returns:
        A sentence for each sibling the index leaves out because it cannot be read.

    Raises:
        OSError: nothing was changed.
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
        # rmdir refuses a folder that holds something.
        with suppress(OSError):
            folder.rmdir()
