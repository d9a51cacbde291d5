"""The verification rejects wrong bundles, and an existing bundle survives every failure."""

from __future__ import annotations

import json
import shutil

import pytest

from .test_refusals import refused, snapshot

DIFFERENT = [
    ("tampered_weights", r"the bundle's probabilities differ from Keras's by \S+, allowed are 0\."),
    ("nan_weights", r"the bundle's probabilities differ from Keras's by nan, allowed are 0\.0001"),
    ("short_shard", r"TF\.js cannot load the bundle: |the bundle fails in TF\.js: "),
    ("shifted_crop", r"preprocessing differs between Python and JavaScript by \S+ grey levels"),
]


@pytest.mark.parametrize(("fault", "sentence"), DIFFERENT, ids=[case[0] for case in DIFFERENT])
def test_differences_are_refused(convert, plain_h5, tmp_path, fault, sentence):
    outcome = convert(plain_h5, tmp_path / "small.test", "--quantize", "none", fault=fault)
    refused(outcome, sentence)
    assert snapshot(tmp_path) == {}


@pytest.fixture(scope="module")
def original(convert, plain_h5, tmp_path_factory):
    """A folder with a bundle and its index."""
    folder = tmp_path_factory.mktemp("older")
    assert convert(plain_h5, folder / "small.test", "--quantize", "uint8").code == 0
    return folder


@pytest.fixture
def older(original, tmp_path):
    """A copy of that folder, and its content."""
    folder = shutil.copytree(original, tmp_path / "copy")
    return folder, snapshot(folder)


def test_an_existing_bundle_survives_failures(convert, plain_h5, older):
    folder, before = older
    for fault in ("tampered_weights", "full_at_index", "interrupted"):
        options = ["--quantize", "none"]
        assert convert(plain_h5, folder / "small.test", *options, fault=fault).code in (1, 130)
        assert snapshot(folder) == before, fault


def test_an_existing_bundle_is_replaced(convert, plain_h5, older):
    folder, before = older
    assert convert(plain_h5, folder / "small.test", "--quantize", "float16").code == 0
    after = snapshot(folder)
    assert after.keys() == before.keys()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"index.json", "small.test/model.json", "small.test/group1-shard1of1.bin"}
    (entry,) = json.loads(after["index.json"])["models"]
    assert entry["quantization"] == "float16"


def test_an_interrupt_leaves_no_files(convert, plain_h5, tmp_path):
    outcome = convert(plain_h5, tmp_path / "small.test", fault="interrupted")
    assert outcome.code == 130
    assert outcome.err == "converter: stopped, nothing was written\n"
    assert snapshot(tmp_path) == {}
