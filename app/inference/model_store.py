"""The models in a folder: `<model>/{model.h5 or model.keras, contract.json, card.json}`."""

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
    """Finds models by name and keeps each one's classifier. Safe to share by threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._classifiers: dict[str, ExpressionClassifier] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """The models there are, by name, sorted."""
        return sorted(
            path.name
            for path in self.folder.iterdir()
            if MODEL_NAME.fullmatch(path.name) and _model_file(path)
        )

    def find(self, name: str) -> Path:
        """The file of the model called `name`.

        Raises:
            UnknownModelError: there is none; the message lists those there are.
        """
        # A name of this form holds no separator, so it cannot lead out of the folder.
        path = _model_file(self.folder / name) if MODEL_NAME.fullmatch(name) else None
        if path is None:
            known = ", ".join(self.names()) or "none"
            why = self._why_not(name) if MODEL_NAME.fullmatch(name) else ""
            raise UnknownModelError(
                f"There is no model {name[:80]!r}{why}; the known ones: {known}."
            )
        return path

    def _why_not(self, name: str) -> str:
        """Of a folder whose only model is a pickle, that it is one."""
        files = sorted((self.folder / name).glob("model.*"))
        pickles = [path.name for path in files if pickle_in(path)]
        return f" ({pickles[0]} in its folder is a pickle, and none is read)" if pickles else ""

    def classifier(self, name: str) -> ExpressionClassifier:
        """The classifier of the model called `name`, the same one each time.

        Raises:
            UnknownModelError: there is none of that name.
            ContractError: its contract is missing, damaged, or that of another model.
        """
        path = self.find(name)
        with self._lock:
            found = self._classifiers.get(name)
            if found is None:
                found = ExpressionClassifier(path)
                if found.contract.model != name:
                    raise ContractError(
                        f"{path.parent}: the contract there is that of {found.contract.model}"
                    )
                self._classifiers[name] = found
        return found

    def card(self, name: str) -> dict[str, Any] | None:
        """What was measured of the model called `name` (card.json), None where nothing was.

        Raises:
            UnknownModelError: there is no model of that name.
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
