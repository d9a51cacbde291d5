"""Find and load models: `<model>/{model.h5 or model.keras, contract.json, card.json}`."""

from __future__ import annotations

import gc
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .classifier import ExpressionClassifier
from .contract import MODEL_NAME
from .errors import ModelFileError, UnknownModelError
from .model_folder import MODEL_FILES, fault_of, model_file
from .pickle_check import pickle_in

log = logging.getLogger(__name__)

KEPT = 2
"""How many models are kept in memory."""


class ModelStore:
    """Finds models by name and keeps the classifiers that were used last. Thread-safe.

    A folder that has a model file but cannot be used is left out, with a line in the log; so is a
    model that Keras turned out not to load.

    Args:
        folder: of the models.
        always_kept: the name of a model that is not freed once it was used.
        after_free: called when a classifier was freed.
    """

    def __init__(
        self,
        folder: Path,
        always_kept: str | None = None,
        after_free: Callable[[], None] = lambda: None,
    ) -> None:
        self.folder = folder
        self._after_free = after_free
        self._classifiers: OrderedDict[str, ExpressionClassifier] = OrderedDict()
        self._always_kept = always_kept
        self._faults: dict[str, tuple[Any, str]] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """The names of the available models, sorted."""
        return sorted(path.name for path in self._candidates() if not self._fault(path))

    def left_out(self) -> dict[str, str]:
        """Name of each folder that has a model file but cannot be used -> the reason; sorted."""
        faults = {path.name: self._fault(path) for path in self._candidates()}
        return {name: fault for name, fault in sorted(faults.items()) if fault}

    def _candidates(self) -> list[Path]:
        return [
            path
            for path in self.folder.iterdir()
            if not path.name.startswith(".") and model_file(path)
        ]

    def _fault(self, folder: Path) -> str:
        """The result of `fault_of`, which is asked again only after a file has changed."""
        state = _state(folder)
        known = self._faults.get(folder.name)
        if known is None or known[0] != state:
            self._note(folder.name, state, fault_of(folder))
        return self._faults[folder.name][1]

    def _note(self, name: str, state: Any, fault: str) -> None:
        self._faults[name] = (state, fault)
        if fault:
            log.warning("The model %s is left out: %s.", name, fault)

    def find(self, name: str) -> Path:
        """The file of the model called `name`.

        Raises:
            UnknownModelError: no model has that name, or it cannot be used; the message has the
                reason and lists the available ones.
        """
        # A name that matches has no path separator, so the path stays inside the folder.
        folder = self.folder / name if MODEL_NAME.fullmatch(name) else None
        path = model_file(folder) if folder else None
        fault = self._fault(folder) if folder and path else ""
        if path is None or fault:
            available = ", ".join(self.names()) or "none"
            reason = fault or (self._pickle_reason(folder) if folder else "")
            said = f" ({reason})" if reason else ""
            raise UnknownModelError(
                f"There is no model {name[:80]!r}{said}; the known ones: {available}."
            )
        return path

    @staticmethod
    def _pickle_reason(folder: Path) -> str:
        """The reason why a model that is a pickle is not available; "" for others."""
        files = sorted(folder.glob("model.*"))
        pickles = [path.name for path in files if pickle_in(path)]
        return f"{pickles[0]} in its folder is a pickle, which is never loaded" if pickles else ""

    def classifier(self, name: str) -> ExpressionClassifier:
        """The classifier of the model called `name`, the same one as long as it is kept.

        Of more than `KEPT` models the one that was used least recently is freed, as soon as nothing
        uses it any more.

        Raises:
            UnknownModelError: no model has that name, or it cannot be used.
        """
        path = self.find(name)
        with self._lock:
            found = self._classifiers.get(name)
            if found is None:
                found = ExpressionClassifier(path, lambda fault: self._unloadable(path, fault))
                self._classifiers[name] = found
            self._classifiers.move_to_end(name)
            if len(self._classifiers) > KEPT:
                names = [one for one in self._classifiers if one != self._always_kept]
                del self._classifiers[names[0]]
                # A Keras model refers to itself, so that it is not freed without this.
                gc.collect()
                self._after_free()
        return found

    def _unloadable(self, path: Path, fault: str) -> None:
        folder = path.parent
        self._note(folder.name, _state(folder), fault.removeprefix(f"{path}: "))

    def card(self, name: str) -> dict[str, Any] | None:
        """The measurements of the model called `name` (card.json); None without that file.

        Raises:
            UnknownModelError: no model has that name.
            ModelFileError: the card is not a JSON object.
        """
        path = self.find(name).parent / "card.json"
        if not path.is_file():
            return None
        try:
            card = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ModelFileError(f"{path}: not JSON: {error}") from None
        if not isinstance(card, dict):
            raise ModelFileError(f"{path}: expected a JSON object")
        return card


def _state(folder: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of change of the files that decide whether a model can be used."""
    files = [*(folder / name for name in MODEL_FILES), folder / "contract.json"]
    return [
        (path.name, path.stat().st_size, path.stat().st_mtime_ns)
        for path in files
        if path.is_file()
    ]
