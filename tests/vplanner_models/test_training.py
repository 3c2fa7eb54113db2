"""A run from pictures to a bundle, in seconds: it resumes, it records, and ONNX equals torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest

import vplanner_models.training as training_module
from vplanner_models.arrays import EpisodeArrays
from vplanner_models.checkpoint import read_progress
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
from vplanner_models.evaluate import evaluate_run
from vplanner_models.export import export_bundle
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
    with pytest.raises(FileNotFoundError, match="train the stage 'tokenizer' first"):
        train(("critic",), arrays, data_name="squares", run=tmp_path, minutes=1, preset="tiny")


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


def test_shares_cover_every_stage() -> None:
    assert set(training_module.SHARES) == set(STAGES)
    assert sum(training_module.SHARES.values()) == pytest.approx(1.0)
