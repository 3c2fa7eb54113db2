"""A run from pictures to a bundle, in seconds: it resumes, it records, and ONNX equals torch."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch

import vplanner_models.training as training_module
from vplanner.bundle import load_bundle
from vplanner_models import onnx_files
from vplanner_models.arrays import EpisodeArrays
from vplanner_models.checkpoint import Progress, read_progress, save_checkpoint
from vplanner_models.config import (
    PRESETS,
    SKILLS,
    STAGES,
    ModelConfig,
    OptimiserConfig,
    ReaderConfig,
    TokenizerConfig,
    TrunkConfig,
)
from vplanner_models.errors import ParityError, TrainingInputError
from vplanner_models.evaluate import evaluate_run
from vplanner_models.export import export_bundle
from vplanner_models.joining import join_arrays
from vplanner_models.latents import dataset_latents, encode, load_tokenizer
from vplanner_models.prompter_judge import JudgeNet
from vplanner_models.prompter_net import VisionNet
from vplanner_models.prompter_text import TextNet
from vplanner_models.run_record import calls_of
from vplanner_models.training import train

_BRIEF = OptimiserConfig(batch_size=4, warmup_steps=2)
MINUTES = 0.01


@pytest.fixture(scope="module")
def run(arrays: EpisodeArrays, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A run in which every stage of a very small preset has been trained for a moment."""
    small = ModelConfig(
        name="tiny",
        tokenizer=TokenizerConfig(encoder_widths=(16, 16, 16), decoder_widths=(16, 16, 16)),
        trunk=TrunkConfig(width=32, depth=1, heads=2),
        inverse_dynamics=ReaderConfig(widths=(16, 16), hidden=16),
        critic=ReaderConfig(widths=(16, 16), hidden=16),
        tokenizer_optimiser=_BRIEF,
        reader_optimiser=_BRIEF,
        trunk_optimiser=_BRIEF,
    )
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PRESETS, "tiny", small)
        train(STAGES, arrays, data_name="squares", run=folder, minutes=MINUTES, preset="tiny")
        yield folder


def test_every_stage_is_finished_and_recorded(run: Path) -> None:
    for stage in STAGES:
        progress = read_progress(run / stage)
        assert progress.done
        assert progress.steps > 0
        assert (run / stage / "curves.png").is_file()
        assert "validation/" in (run / stage / "metrics.jsonl").read_text()


def test_a_finished_stage_is_not_trained_again_but_a_longer_one_goes_on(run: Path, arrays: EpisodeArrays) -> None:
    before = read_progress(run / "critic").steps
    train(("critic",), arrays, data_name="squares", run=run, minutes=MINUTES / 100, preset="tiny")
    assert read_progress(run / "critic").steps == before
    train(("critic",), arrays, data_name="squares", run=run, minutes=5 * MINUTES, preset="tiny")
    assert read_progress(run / "critic").steps > before


def test_a_run_keeps_its_preset(run: Path, arrays: EpisodeArrays) -> None:
    with pytest.raises(ValueError, match="preset 'tiny', not 'small'"):
        train(("critic",), arrays, data_name="squares", run=run, minutes=1, preset="small")


def test_the_tokenizer_comes_first(arrays: EpisodeArrays, tmp_path: Path) -> None:
    with pytest.raises(TrainingInputError, match="train the stage 'tokenizer' first"):
        train(("critic",), arrays, data_name="squares", run=tmp_path, minutes=1, preset="tiny")


def test_a_run_of_an_earlier_version_goes_on(run: Path, arrays: EpisodeArrays) -> None:
    path = run / "config.json"
    now = path.read_text()
    path.write_text(json.dumps({"preset": "tiny", "data": "all", "commit": "c0ffee", "config": {"name": "tiny"}}))
    before = read_progress(run / "inverse_dynamics").steps
    train(("inverse_dynamics",), arrays, data_name="squares", run=run, minutes=5 * MINUTES)
    assert read_progress(run / "inverse_dynamics").steps > before
    assert calls_of(run, "inverse_dynamics")[0]["data"] == "squares"
    path.write_text(now)


def test_a_run_is_not_continued_with_other_settings(run: Path, arrays: EpisodeArrays) -> None:
    tokenizer = TokenizerConfig(encoder_widths=(16, 16, 16), decoder_widths=(16, 16, 16), latent_noise=0.5)
    changed = replace(PRESETS["tiny"], tokenizer=tokenizer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PRESETS, "tiny", changed)
        with pytest.raises(TrainingInputError, match=r"tokenizer\.latent_noise is 0\.08 there and 0\.5"):
            train(("critic",), arrays, data_name="squares", run=run, minutes=MINUTES)


def test_latents_of_a_joined_set_are_those_of_its_parts(run: Path, arrays: EpisodeArrays) -> None:
    config = PRESETS["tiny"].tokenizer
    whole = dataset_latents(run, config, arrays)
    half = len(arrays) // 2
    parts = {"a": arrays.rows(slice(0, half)), "b": arrays.rows(slice(half, len(arrays)))}
    assert torch.equal(encode(load_tokenizer(run, config), join_arrays(parts).images), whole)


def test_the_bundle_describes_itself_and_keeps_the_networks_of_others(
    run: Path, arrays: EpisodeArrays, tmp_path: Path
) -> None:
    report = evaluate_run(run, arrays)
    assert {"real", "proposed", "sampled", "shuffled", "pictures"} <= set(report)
    foreign = {"file": "prompter_text.onnx", "sha256": "0" * 64, "precision": "int8", "inputs": [], "outputs": []}
    (tmp_path / "bundle.json").write_text(
        json.dumps({"schema_version": 1, "components": {"prompter_text": foreign}, "prompter": {"words": 3}})
    )
    parity = export_bundle(run, arrays, tmp_path, "test", baseline=True)
    assert "behaviour_cloning" in parity
    assert max(parity.values()) <= 1e-4
    manifest = json.loads((tmp_path / "bundle.json").read_text())
    assert manifest["components"]["prompter_text"] == foreign
    assert manifest["prompter"] == {"words": 3}
    assert len(manifest["normalisation"]["residual_scale"]) == manifest["horizon"]
    assert "evaluation" in manifest["training"]["metrics"]
    assert manifest["training"]["stages"]["critic"]["calls"][0]["data"] == "squares"
    for name in parity:
        component = manifest["components"][name]
        path = tmp_path / component["file"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == component["sha256"]
        graph = onnx.load(path)
        stored = {entry.key: entry.value for entry in graph.metadata_props}
        assert stored["component"] == name
        assert json.loads(stored["skills"]) == list(SKILLS)
        assert [i.name for i in graph.graph.input] == [spec["name"] for spec in component["inputs"]]
    assert "seeds below 100000" in (tmp_path / "README.md").read_text()


@pytest.fixture
def run_with_prompter(run: Path, tmp_path: Path) -> Path:
    """A copy of the run with a prompter of random weights."""
    copy = tmp_path / "with_prompter"
    shutil.copytree(run, copy, ignore=shutil.ignore_patterns("tensorboard", "latents"))
    networks = {"prompter_text": TextNet(), "prompter_vision": VisionNet(), "prompter_judge": JudgeNet()}
    for stage, network in networks.items():
        optimiser = torch.optim.AdamW(network.parameters())
        save_checkpoint(copy / stage, network, network, optimiser, Progress(steps=5, samples=320, seconds=60.0))
    return copy


def test_the_prompter_is_exported_checked_and_described_and_stays(
    run: Path, run_with_prompter: Path, arrays: EpisodeArrays, tmp_path: Path
) -> None:
    out = tmp_path / "bundle"
    parity = export_bundle(run_with_prompter, arrays, out, "test", baseline=True)
    assert {"prompter_text", "prompter_vision", "prompter_judge", "behaviour_cloning"} <= set(parity)
    first = load_bundle(out).manifest
    shapes = {spec.name: spec.shape for spec in first.components["prompter_vision"].inputs}
    assert shapes == {"images": ("B", 3, 128, 128), "noun": ("B", "Q"), "colour": ("B", "Q"), "view": ("B",)}
    assert first.components["prompter_text"].inputs[0].dtype == "int64"
    session = ort.InferenceSession(str(out / "prompter_vision.onnx"), providers=["CPUExecutionProvider"])
    feeds = {
        "images": np.zeros((3, 3, 128, 128), np.float32),
        "noun": np.zeros((3, 5), np.int64),
        "colour": np.zeros((3, 5), np.int64),
        "view": np.zeros(3, np.int64),
    }
    assert session.run(["presence"], feeds)[0].shape == (3, 5)
    card = (out / "README.md").read_text()
    assert "## Prompter" in card and "| prompter_vision | 1.0 | 5 | 320 |" in card

    assert set(export_bundle(run, arrays, out, "test", baseline=False)) == set(parity) - {
        "prompter_text",
        "prompter_vision",
        "prompter_judge",
        "behaviour_cloning",
    }
    second = load_bundle(out).manifest
    assert second.components["prompter_vision"] == first.components["prompter_vision"]
    assert not second.components.keys() & {"behaviour_cloning"} and not (out / "behaviour_cloning.onnx").exists()
    assert "| prompter_vision | 1.0 | 5 | 320 |" in (out / "README.md").read_text()

    # A run without one of the networks: that one stays for as long as both have the same classes.
    shutil.rmtree(run_with_prompter / "prompter_vision")
    export_bundle(run_with_prompter, arrays, out, "test", baseline=False)
    manifest = json.loads((out / "bundle.json").read_text())
    assert "prompter_vision" in manifest["components"]
    manifest["components"]["prompter_vocabulary"]["sha256"] = "0" * 64
    (out / "bundle.json").write_text(json.dumps(manifest))
    export_bundle(run_with_prompter, arrays, out, "test", baseline=False)
    assert "prompter_vision" not in load_bundle(out).manifest.components
    assert not (out / "prompter_vision.onnx").exists()


def test_a_failed_export_leaves_the_bundle_as_it_was(
    run: Path, arrays: EpisodeArrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "bundle"
    export_bundle(run, arrays, out, "test", baseline=False)
    (out / "critic.onnx").write_bytes(b"mine")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    monkeypatch.setattr(onnx_files, "TOLERANCE", -1.0)
    with pytest.raises(ParityError, match="differs from torch"):
        export_bundle(run, arrays, out, "test", baseline=False)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert list(tmp_path.iterdir()) == [out]


def test_a_damaged_manifest_is_not_overwritten(run: Path, arrays: EpisodeArrays, tmp_path: Path) -> None:
    for content, message in (("{", "damaged"), ('{"schema_version": 9}', "schema_version 9")):
        (tmp_path / "bundle.json").write_text(content)
        with pytest.raises(TrainingInputError, match=message):
            export_bundle(run, arrays, tmp_path, "test", baseline=False)
        assert [path.name for path in tmp_path.iterdir()] == ["bundle.json"]


def test_shares_cover_every_stage() -> None:
    assert set(training_module.SHARES) == set(STAGES)
    assert sum(training_module.SHARES.values()) == pytest.approx(1.0)
