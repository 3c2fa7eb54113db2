"""Networks on machines that lack what was asked for: providers, memory, readable files."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from vplanner import backends, providers
from vplanner.agent import AgentConfig, open_networks
from vplanner.backends import BackendConfig, OnnxNetwork
from vplanner.bundle import load_bundle
from vplanner.errors import BundleError, OutOfMemoryError
from vplanner.networks import DECODER_FEEDS, ENCODER_FEEDS
from vplanner.providers import Provider

ONE_THREAD = BackendConfig(threads=1)


@pytest.mark.parametrize("provider", [Provider.CUDA, Provider.TENSORRT])
def test_a_provider_that_is_missing_is_told_once_and_the_cpu_serves(
    bundle_folder: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(providers, "_told", set())
    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CPUExecutionProvider"])
    config = AgentConfig(backend=replace(ONE_THREAD, provider=provider))
    with caplog.at_level(logging.WARNING, logger="vplanner"):
        networks = open_networks(load_bundle(bundle_folder), config)
    assert [record.getMessage() for record in caplog.records] == [
        f"no {provider.value} here, the CPU does it (this onnxruntime has: cpu; see docs/edge.md)"
    ]
    assert networks.video_model.decode(np.zeros((1, 2, 8, 8, 8), np.float32)).shape == (1, 2, 64, 64, 3)


def test_engines_of_different_networks_are_kept_apart(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    bundle = load_bundle(bundle_folder)
    folders = {providers.engine_folder(component) for component in bundle.manifest.components.values()}
    assert len(folders) == len(bundle.manifest.components)
    assert {folder.parent for folder in folders} == {Path("/cache/vplanner/engines")}


def test_too_little_memory_is_told_with_what_to_do(bundle_folder: Path) -> None:
    network = OnnxNetwork(load_bundle(bundle_folder), "tokenizer_encoder", ENCODER_FEEDS, ONE_THREAD)
    # Strides of zero: the input itself takes no memory, but what comes out of it would take terabytes.
    rows = np.broadcast_to(np.zeros((1, 3, 64, 64), np.float32), (2**31, 3, 64, 64))

    class Full:
        def run(self, *_: object) -> None:
            raise RuntimeError("bfc_arena: Failed to allocate memory for requested buffer of size 34359738368")

    network._session = Full()
    with pytest.raises(
        OutOfMemoryError, match=r"tokenizer_encoder: not enough memory for 2147483648 rows .* --samples"
    ):
        network.run(rows)


def test_other_errors_of_a_network_are_not_taken_for_that() -> None:
    assert backends._is_out_of_memory(MemoryError())
    assert backends._is_out_of_memory(RuntimeError("std::bad_alloc"))
    assert not backends._is_out_of_memory(RuntimeError("Non-zero status code returned while running Conv node"))


def fitting_hash(folder: Path, component: str, data: bytes) -> None:
    (folder / f"{component}.onnx").write_bytes(data)
    manifest = json.loads((folder / "bundle.json").read_text())
    manifest["components"][component]["sha256"] = hashlib.sha256(data).hexdigest()
    (folder / "bundle.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("keep", [0, 100, -1])
def test_a_file_that_was_cut_short_is_told(broken_bundle: Path, keep: int) -> None:
    whole = (broken_bundle / "video_model.onnx").read_bytes()
    (broken_bundle / "video_model.onnx").write_bytes(whole[:keep])
    with pytest.raises(BundleError, match=r"video_model\.onnx: SHA-256 is"):
        load_bundle(broken_bundle)
    fitting_hash(broken_bundle, "video_model", whole[:keep])
    with pytest.raises(BundleError, match=r"video_model\.onnx: "):
        open_networks(load_bundle(broken_bundle), AgentConfig(backend=ONE_THREAD))


def test_files_that_were_swapped_are_told(broken_bundle: Path) -> None:
    critic, decoder = (broken_bundle / f"{name}.onnx" for name in ("critic", "tokenizer_decoder"))
    data = critic.read_bytes(), decoder.read_bytes()
    fitting_hash(broken_bundle, "critic", data[1])
    fitting_hash(broken_bundle, "tokenizer_decoder", data[0])
    with pytest.raises(BundleError, match=r"tokenizer_decoder\.onnx: inputs are .*bundle\.json says"):
        open_networks(load_bundle(broken_bundle), AgentConfig(backend=ONE_THREAD))


def test_operators_newer_than_the_runtime_are_told(broken_bundle: Path) -> None:
    onnx = pytest.importorskip("onnx")
    path = broken_bundle / "tokenizer_decoder.onnx"
    model = onnx.load(path)
    model.opset_import[0].version = 999
    fitting_hash(broken_bundle, "tokenizer_decoder", model.SerializeToString())
    with pytest.raises(BundleError, match=r"tokenizer_decoder\.onnx: onnxruntime cannot load it \(.*999"):
        open_networks(load_bundle(broken_bundle), AgentConfig(backend=ONE_THREAD))


def test_a_fixed_number_of_rows_is_filled_up_and_cut_off(broken_bundle: Path) -> None:
    """A network for four rows at once gives one, three and six rows what one without that bound gives them."""
    onnx = pytest.importorskip("onnx")
    free = OnnxNetwork(load_bundle(broken_bundle), "tokenizer_decoder", DECODER_FEEDS, ONE_THREAD)
    latents = np.random.default_rng(0).standard_normal((6, 8, 8, 8)).astype(np.float32)
    wanted = [free.run(latents[:rows])[0] for rows in (1, 3, 4, 6)]
    model = onnx.load(broken_bundle / "tokenizer_decoder.onnx")
    for value in (*model.graph.input, *model.graph.output):
        axis = value.type.tensor_type.shape.dim[0]
        axis.Clear()
        axis.dim_value = 4
    fitting_hash(broken_bundle, "tokenizer_decoder", model.SerializeToString())
    manifest = json.loads((broken_bundle / "bundle.json").read_text())
    for spec in (*(c := manifest["components"]["tokenizer_decoder"])["inputs"], *c["outputs"]):
        spec["shape"][0] = 4
    (broken_bundle / "bundle.json").write_text(json.dumps(manifest))
    fixed = OnnxNetwork(load_bundle(broken_bundle), "tokenizer_decoder", DECODER_FEEDS, ONE_THREAD)
    for rows, expected in zip((1, 3, 4, 6), wanted, strict=True):
        np.testing.assert_allclose(fixed.run(latents[:rows])[0], expected, atol=1e-5)
