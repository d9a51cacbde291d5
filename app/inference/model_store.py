"""Find and load models: `<model>/{model.h5 or model.keras, contract.json, card.json}`."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from .classifier import ExpressionClassifier
from .contract import MODEL_NAME
from .errors import ContractError, ModelFileError, UnknownModelError
from .pickle_check import pickle_in

MODEL_FILES = ("model.h5", "model.keras")


class ModelStore:
    """Finds models by name and keeps one classifier of each. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._classifiers: dict[str, ExpressionClassifier] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """The names of the available models, sorted."""
        return sorted(
            path.name
            for path in self.folder.iterdir()
            if MODEL_NAME.fullmatch(path.name) and _model_file(path)
        )

    def find(self, name: str) -> Path:
        """The file of the model called `name`.

        Raises:
            UnknownModelError: no model has that name; the message lists the available ones.
        """
        # A name that matches has no path separator, so the path stays inside the folder.
        path = _model_file(self.folder / name) if MODEL_NAME.fullmatch(name) else None
        if path is None:
            available = ", ".join(self.names()) or "none"
            reason = self._pickle_reason(name) if MODEL_NAME.fullmatch(name) else ""
            raise UnknownModelError(
                f"There is no model {name[:80]!r}{reason}; the known ones: {available}."
            )
        return path

    def _pickle_reason(self, name: str) -> str:
        """The reason why a model that is a pickle is not available; "" for others."""
        files = sorted((self.folder / name).glob("model.*"))
        pickles = [path.name for path in files if pickle_in(path)]
        return (
            f" ({pickles[0]} in its folder is a pickle, which is never loaded)" if pickles else ""
        )

    def classifier(self, name: str) -> ExpressionClassifier:
        """The classifier of the model called `name`, the same one each time.

        Raises:
            UnknownModelError: no model has that name.
            ContractError: its contract is missing, damaged, or belongs to another model.
        """
        path = self.find(name)
        with self._lock:
            found = self._classifiers.get(name)
            if found is None:
                found = ExpressionClassifier(path)
                if found.contract.model != name:
                    raise ContractError(
                        f"{path.parent}: its contract.json belongs to {found.contract.model}"
                    )
                self._classifiers[name] = found
        return found

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


def _model_file(folder: Path) -> Path | None:
    return next((folder / file for file in MODEL_FILES if (folder / file).is_file()), None)
