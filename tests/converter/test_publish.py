"""Publishing a bundle and the index, without a model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from unittest import mock

import pytest

from converter.errors import TargetError
from converter.index import build_index, describe, is_bundle
from converter.publish import check_target, publish, staging_folder

CONTRACT = {
    "contract_version": 2,
    "model": "first.test",
    "labels": ["angry", "happy"],
    "input": {"height": 8, "width": 8, "channels": 1},
    "crop": {"margin": 0.0},
    "calibration": {"bias": [0.0, 0.0], "temperature": 1.0, "unsure_below": 0.0},
}


def write_bundle(folder: Path, model: str, content: bytes = b"1234") -> Path:
    folder.mkdir(parents=True)
    weight = {"name": "w", "shape": [1], "dtype": "float32"}
    data = {
        "userDefinedMetadata": {"contract": CONTRACT | {"model": model}, "parameters": 5},
        "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": [weight]}],
    }
    (folder / "model.json").write_text(json.dumps(data))
    (folder / "group1-shard1of1.bin").write_bytes(content)
    return folder


def models(parent: Path) -> list[tuple[str, str]]:
    entries = json.loads((parent / "index.json").read_text())["models"]
    return [(entry["model"], entry["path"]) for entry in entries]


def test_index_lists_all_siblings_by_name(tmp_path):
    for name in ("gamma.test", "alpha.test"):
        write_bundle(tmp_path / name, name)
    target = tmp_path / "beta.test"
    with staging_folder(target) as folder:
        assert publish(write_bundle(folder / "bundle", "beta.test"), target) == []
    assert models(tmp_path) == [
        ("alpha.test", "alpha.test/model.json"),
        ("beta.test", "beta.test/model.json"),
        ("gamma.test", "gamma.test/model.json"),
    ]


def test_a_bundle_under_another_name_is_left_out_of_the_index(tmp_path):
    write_bundle(tmp_path / "a.copy", "beta.test", b"12345678")
    fresh = write_bundle(tmp_path / ".new" / "bundle", "beta.test")
    text, left_out = build_index(tmp_path, fresh, "beta.test")
    (entry,) = json.loads(text)["models"]
    assert entry["path"] == "beta.test/model.json"
    (sentence,) = left_out
    assert "a.copy: the bundle is left out" in sentence and "beta.test" in sentence


def test_a_target_of_another_name_is_refused(tmp_path):
    with pytest.raises(TargetError, match=r"has the name of its model; expected \S+/beta\.test$"):
        check_target(tmp_path / "alpha.test", "beta.test")


def test_index_keeps_its_default_while_that_model_is_there(tmp_path):
    def convert(name):
        target = tmp_path / f"{name}.test"
        with staging_folder(target) as folder:
            publish(write_bundle(folder / "bundle", f"{name}.test"), target)
        return json.loads((tmp_path / "index.json").read_text())["default"]

    assert convert("m") == "m.test"
    assert convert("a") == "m.test"
    shutil.rmtree(tmp_path / "m.test")
    assert convert("z") == "a.test"


def test_index_reports_bundles_that_it_cannot_read(tmp_path):
    write_bundle(tmp_path / "sound.test", "sound.test")
    (write_bundle(tmp_path / "broken", "broken.test") / "model.json").write_text("{")
    (write_bundle(tmp_path / "short", "short.test") / "group1-shard1of1.bin").unlink()
    (tmp_path / "notes").mkdir()
    fresh = write_bundle(tmp_path / ".new" / "bundle", "new.test")
    text, left_out = build_index(tmp_path, fresh, "new.test")
    assert [entry["model"] for entry in json.loads(text)["models"]] == ["new.test", "sound.test"]
    assert len(left_out) == 2
    assert "broken: the bundle cannot be read" in left_out[0]
    assert "short: the bundle cannot be read" in left_out[1]


def test_describe_rejects_an_invalid_contract(tmp_path):
    bundle = write_bundle(tmp_path / "b", "not a name")
    with pytest.raises(TargetError, match="the bundle cannot be read"):
        describe(bundle)


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_failing_move_changes_nothing(tmp_path, failing):
    """The moves: the old bundle away, the new one into place, the index into place."""
    target = write_bundle(tmp_path / "m", "m.test", b"old!")
    (tmp_path / "index.json").write_text("old index")
    calls = []

    def fail(original):
        def move(self, goal):
            calls.append(goal)
            if len(calls) == failing:
                raise OSError(5, "Input/output error")
            return original(self, goal)

        return move

    with (
        pytest.raises(OSError, match="Input/output"),
        mock.patch.object(Path, "rename", fail(Path.rename)),
        mock.patch.object(Path, "replace", fail(Path.replace)),
        staging_folder(target) as folder,
    ):
        publish(write_bundle(folder / "bundle", "m.test", b"new!"), target)
    assert len(calls) >= failing
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.json", "m"]
    assert (target / "group1-shard1of1.bin").read_bytes() == b"old!"
    assert (tmp_path / "index.json").read_text() == "old index"


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, MemoryError])
def test_staging_is_gone_whatever_happens(tmp_path, error):
    def work(target):
        with staging_folder(target) as folder:
            write_bundle(folder / "bundle", "m.test")
            assert folder.parent == target.parent
            raise error

    with pytest.raises(error):
        work(tmp_path / "new" / "m")
    assert list(tmp_path.iterdir()) == []


def test_only_bundles_are_recognised(tmp_path):
    bundle = write_bundle(tmp_path / "b", "b.test")
    assert is_bundle(bundle)
    check_target(bundle, "b")
    (bundle / "card.json").write_text("{}")
    assert not is_bundle(bundle)
    with pytest.raises(TargetError, match="has other files"):
        check_target(bundle, "b")


def test_empty_and_new_folders_are_valid_targets(tmp_path):
    check_target(tmp_path, tmp_path.name)
    check_target(tmp_path / "new" / "newer", "newer")
    assert list(tmp_path.iterdir()) == []
