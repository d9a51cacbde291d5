"""Promoting a run: the card, the contract, and what is rejected."""

import json
import shutil

from app.inference.contract import ModelContract
from training.__main__ import main


def test_promote_writes_the_card(promoted_model, finished_run):
    card = json.loads((promoted_model / "card.json").read_text())
    assert card["model"] == "tiny.smoke"
    assert card["parameters"] == 7_015
    # A kernel of 5x5 for 8 channels at 11x11 positions, and a dense layer from 8 x 11 x 11 to 7.
    macs = 5 * 5 * 8 * 11 * 11 + 8 * 11 * 11 * 7
    assert card["multiply_accumulates"] == macs
    assert card["validation"]["n"] == 42
    assert card["calibration"]["sure_judged_by"] == "FER+ majority"
    assert card["training"]["epochs"] == 3
    assert card["bytes"] == (promoted_model / "model.h5").stat().st_size
    contract = ModelContract.read(promoted_model / "contract.json")
    assert contract.model == "tiny.smoke"
    assert contract.calibration.temperature == card["calibration"]["temperature"]
    assert (promoted_model / "model.h5").read_bytes() == (finished_run / "model.h5").read_bytes()


def test_refusals_of_promote(promoted_model, finished_run, tmp_path, fer_csv, capsys):
    models = str(promoted_model.parent)

    def promote(source, name, *more):
        code = main(
            ["promote", str(source), name, "--data", str(fer_csv), "--models", models, *more]
        )
        assert code == 1
        return capsys.readouterr().err

    assert "exists already" in promote(finished_run, "tiny.smoke")
    assert "is not a valid model name" in promote(finished_run, "Smoke")
    assert "is not a finished run" in promote(tmp_path, "tiny.other")
    half = tmp_path / "half"
    shutil.copytree(finished_run, half)
    (half / "model.h5").write_bytes(b"damaged")
    assert "Keras cannot load this file" in promote(half, "tiny.other")
    assert sorted(path.name for path in promoted_model.parent.iterdir()) == ["tiny.smoke"]
