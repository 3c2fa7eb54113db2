from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vplanner.agent import AgentConfig, open_networks
from vplanner.backends import BackendConfig, OnnxNetwork, physical_cores
from vplanner.baselines import CloningPlanner
from vplanner.bundle import default_bundle_path, load_bundle
from vplanner.errors import BundleError, SafetyError
from vplanner.memory import LatentMemory
from vplanner.networks import CRITIC_FEEDS, ENCODER_FEEDS, OnnxVideoModel

ONE_THREAD = BackendConfig(threads=1)


def edit(folder: Path, change: Callable[[Any], object]) -> None:
    content = json.loads((folder / "bundle.json").read_text())
    change(content)
    (folder / "bundle.json").write_text(json.dumps(content))


def replace_file(folder: Path, component: str, data: bytes) -> None:
    """Other contents with a hash that fits them."""
    (folder / f"{component}.onnx").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    edit(folder, lambda content: content["components"][component].update(sha256=digest))


def test_a_whole_bundle_loads(bundle_folder: Path) -> None:
    bundle = load_bundle(bundle_folder)
    assert bundle.manifest.name == "tiny-random"
    assert bundle.path("critic").is_file()


def test_the_environment_names_the_default_bundle(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPLANNER_BUNDLE", str(bundle_folder))
    assert load_bundle().folder == default_bundle_path() == bundle_folder


def test_a_missing_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"bundle\.json: no such file; give --bundle"):
        load_bundle(tmp_path)


def test_a_missing_file_is_named(broken_bundle: Path) -> None:
    (broken_bundle / "critic.onnx").unlink()
    with pytest.raises(BundleError, match=r"critic\.onnx: cannot be read"):
        load_bundle(broken_bundle)


def test_a_changed_file_is_named(broken_bundle: Path) -> None:
    path = broken_bundle / "critic.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(BundleError, match=r"critic\.onnx: SHA-256 is \w{12}\.\.\., bundle\.json says"):
        load_bundle(broken_bundle)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(schema_version=99), "schema_version is 99; this version of vplanner reads 1"),
        (lambda c: c.pop("schema_version"), "schema_version is None"),
        (lambda c: c.pop("horizon"), "horizon: Field required"),
        (lambda c: c.update(sigmas=[1.0, 0.5]), "must fall from 1.0 to 0.0"),
        (lambda c: c["normalisation"].update(residual_scale=[1.0, 1.0]), "give one, or horizon = 4"),
        (lambda c: c["components"]["critic"].update(file="../critic.onnx"), "lies outside the bundle"),
        (lambda c: c["components"]["critic"].update(sha256="abc"), r"components\.critic\.sha256"),
    ],
)
def test_wrong_contents_are_told_in_one_line(
    broken_bundle: Path, change: Callable[[Any], object], message: str
) -> None:
    edit(broken_bundle, change)
    with pytest.raises(BundleError, match=message) as caught:
        load_bundle(broken_bundle)
    assert "\n" not in str(caught.value)


def test_a_bundle_that_is_not_json_is_told(broken_bundle: Path) -> None:
    (broken_bundle / "bundle.json").write_text("{")
    with pytest.raises(BundleError, match="not readable as JSON"):
        load_bundle(broken_bundle)


def test_a_file_that_is_no_network_is_told(broken_bundle: Path) -> None:
    replace_file(broken_bundle, "critic", b"not a network")
    with pytest.raises(BundleError, match="onnxruntime cannot load it"):
        OnnxNetwork(load_bundle(broken_bundle), "critic", CRITIC_FEEDS, ONE_THREAD)


def test_a_missing_component_is_told_with_those_there_are(bundle_folder: Path) -> None:
    with pytest.raises(BundleError, match="no component 'dreamer'; the bundle has: behaviour_cloning, critic"):
        OnnxNetwork(load_bundle(bundle_folder), "dreamer", {}, ONE_THREAD)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["outputs"][0].update(name="score"), "outputs are .*'rating'.*bundle.json says .*'score'"),
        (lambda c: c["inputs"][0].update(dtype="int64"), "'now' is tensor.float.; bundle.json says int64"),
        (lambda c: c["outputs"][0].update(shape=["B", 3]), "'rating' is .*2.*; bundle.json says"),
    ],
)
def test_a_network_unlike_its_description_is_told(
    broken_bundle: Path, change: Callable[[Any], object], message: str
) -> None:
    edit(broken_bundle, lambda content: change(content["components"]["critic"]))
    with pytest.raises(BundleError, match=message):
        OnnxNetwork(load_bundle(broken_bundle), "critic", CRITIC_FEEDS, ONE_THREAD)


@pytest.mark.parametrize(
    ("component", "change", "message"),
    [
        (
            "video_model",
            lambda c: c["inputs"][0].update(name="context", shape=["B", 2, 2, 8, 8, 8]),
            r"video_model takes context \(6 axes\) as input 1; this version of vplanner feeds now \(5 axes\)",
        ),
        ("critic", lambda c: c["inputs"][1].update(name="then"), r"critic takes then \(5 axes\) as input 2; .* future"),
        ("critic", lambda c: c["inputs"].reverse(), r"critic takes proprio \(2 axes\) as input 1; .* feeds now "),
        ("inverse_dynamics", lambda c: c["inputs"].pop(), r"takes nothing as input 2; .* feeds after \(5 axes\)"),
        ("tokenizer_encoder", lambda c: c["inputs"][0].update(shape=["B", 64, 64]), r"takes images \(3 axes\) .* \(4 "),
        (
            "tokenizer_decoder",
            lambda c: c["inputs"].append({"name": "more", "dtype": "float32", "shape": []}),
            r"takes more \(0 axes\) as input 2; .* feeds nothing",
        ),
    ],
)
def test_a_bundle_that_takes_other_inputs_fails_when_it_is_opened(
    broken_bundle: Path, component: str, change: Callable[[Any], object], message: str
) -> None:
    edit(broken_bundle, lambda content: change(content["components"][component]))
    with pytest.raises(BundleError, match=message) as caught:
        open_networks(load_bundle(broken_bundle), AgentConfig(backend=ONE_THREAD))
    assert str(broken_bundle) in str(caught.value) and "\n" not in str(caught.value)


def test_a_policy_that_takes_other_inputs_fails_when_it_is_opened(broken_bundle: Path) -> None:
    bundle = load_bundle(broken_bundle)
    memory = LatentMemory(OnnxVideoModel(bundle, ONE_THREAD))
    edit(broken_bundle, lambda c: c["components"]["behaviour_cloning"]["inputs"][0].update(name="context"))
    with pytest.raises(BundleError, match=r"behaviour_cloning takes context \(5 axes\) as input 1; "):
        CloningPlanner(load_bundle(broken_bundle), memory, ONE_THREAD)


def test_wrong_inputs_are_told(bundle_folder: Path) -> None:
    network = OnnxNetwork(load_bundle(bundle_folder), "tokenizer_encoder", ENCODER_FEEDS, ONE_THREAD)
    with pytest.raises(BundleError, match=r"'images' is \[1, 3, 32, 32\]; it takes \['B', 3, 64, 64\]"):
        network.run(np.zeros((1, 3, 32, 32), dtype=np.float32))
    with pytest.raises(BundleError, match="'images' is float64; it takes float32"):
        network.run(np.zeros((1, 3, 64, 64)))  # type: ignore[arg-type]
    with pytest.raises(BundleError, match="got 0 inputs; it takes 1"):
        network.run()


def test_outputs_that_are_not_finite_stop_everything(bundle_folder: Path) -> None:
    network = OnnxNetwork(load_bundle(bundle_folder), "tokenizer_encoder", ENCODER_FEEDS, ONE_THREAD)
    with pytest.raises(SafetyError, match="'latents' is not finite"):
        network.run(np.full((1, 3, 64, 64), np.nan, dtype=np.float32))


def test_a_row_of_a_batch_equals_the_batch_of_one(bundle_folder: Path) -> None:
    network = OnnxNetwork(load_bundle(bundle_folder), "tokenizer_encoder", ENCODER_FEEDS, ONE_THREAD)
    images = np.random.default_rng(0).random((3, 3, 64, 64), dtype=np.float32)
    np.testing.assert_allclose(network.run(images)[0][1:2], network.run(images[1:2])[0], atol=1e-6)


def test_threads_of_one_core_count_once_and_hidden_ones_each(monkeypatch: pytest.MonkeyPatch) -> None:
    siblings = {"cpu0": "0,4\n", "cpu4": "0,4\n", "cpu1": "1,5\n"}

    def read(path: Path) -> str:
        try:
            return siblings[path.parts[-3]]
        except KeyError:
            raise FileNotFoundError(path) from None

    monkeypatch.setattr(Path, "read_text", read)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 4, 1, 6, 7})
    assert physical_cores() == 4


def test_a_bundle_may_be_moved(bundle_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(bundle_folder, tmp_path / "elsewhere")
    assert load_bundle(tmp_path / "elsewhere").path("critic").parent == tmp_path / "elsewhere"
