"""Training of one stage or of all, in a run folder."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import torch

from vplanner_models.arrays import EpisodeArrays
from vplanner_models.checkpoint import load_weights
from vplanner_models.config import PRESETS, STAGES, ModelConfig, Preset, StageName
from vplanner_models.dataset import TrainingSet
from vplanner_models.inverse_dynamics import InverseDynamics
from vplanner_models.latents import dataset_latents
from vplanner_models.layers import channels_last
from vplanner_models.train_behaviour_cloning import BehaviourCloningStage
from vplanner_models.train_critic import CriticStage
from vplanner_models.train_inverse_dynamics import InverseDynamicsStage
from vplanner_models.train_tokenizer import TokenizerStage
from vplanner_models.train_video_model import VideoModelStage
from vplanner_models.trainer import Loop, Stage

SHARES: dict[StageName, float] = {
    "tokenizer": 0.2, "inverse_dynamics": 0.1, "video_model": 0.5, "critic": 0.08, "behaviour_cloning": 0.12,
}  # fmt: skip
"""How `all` divides the minutes."""


def train(
    stages: tuple[StageName, ...], arrays: EpisodeArrays, *, data_name: str, run: Path, minutes: float,
    preset: Preset, seed: int = 0, initial: Path | None = None,
) -> dict[str, dict[str, float]]:  # fmt: skip
    """Train the stages in order and return the validation of each.

    Args:
        stages: one stage, or all of them; several share the minutes by `SHARES`.
        arrays: the data set.
        data_name: where it came from, for the records.
        run: folder of the run; stages that are finished there are not trained again.
        minutes: budget over all calls, so that a call after an interruption goes on.
        preset: sizes; must be the run's own if the run exists.
        seed: of weights and batches.
        initial: another run, whose weights a new stage begins with.

    Raises:
        ValueError: if the run was started with another preset, or nothing may be trained on.
        FileNotFoundError: if a stage needs an earlier one that the run has not trained.
    """
    _record_run(run, preset, data_name)
    data = TrainingSet.of(arrays)
    whole = sum(SHARES[name] for name in stages)
    results: dict[str, dict[str, float]] = {}
    for name in stages:
        torch.manual_seed(seed)
        stage = _build(name, PRESETS[preset], run, arrays, data)
        start = None if initial is None else initial / name
        results[name] = Loop(stage, run / name, minutes * SHARES[name] / whole, seed, start).run()
    return results


def _build(name: StageName, config: ModelConfig, run: Path, arrays: EpisodeArrays, data: TrainingSet) -> Stage:
    if name == "tokenizer":
        return TokenizerStage(config.tokenizer, config.tokenizer_optimiser, arrays, data)
    if not (run / "tokenizer" / "model.safetensors").is_file():
        raise FileNotFoundError(f"{run} has no trained tokenizer; train the stage 'tokenizer' first")
    latents = dataset_latents(run, config.tokenizer, arrays)
    match name:
        case "inverse_dynamics":
            return InverseDynamicsStage(config.inverse_dynamics, config.reader_optimiser, data, latents)
        case "video_model":
            reader = InverseDynamics(config.inverse_dynamics)
            channels_last(reader)
            load_weights(reader, run / "inverse_dynamics")
            return VideoModelStage(
                trunk=config.trunk, config=config.video, optimiser=config.trunk_optimiser, data=data, latents=latents,
                reader=reader,
            )  # fmt: skip
        case "critic":
            return CriticStage(config.critic, config.reader_optimiser, data, latents)
        case _:
            return BehaviourCloningStage(config.trunk, config.trunk_optimiser, data, latents)


def run_preset(run: Path) -> Preset:
    """Return the preset that a run was started with.

    Raises:
        FileNotFoundError: if the folder is no run.
    """
    path = run / "config.json"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; {run} was not made by `vplanner train`")
    name = json.loads(path.read_text())["preset"]
    for preset in PRESETS:
        if preset == name:
            return preset
    raise ValueError(f"{path} names the preset {name!r}; known are {', '.join(PRESETS)}")


def current_commit() -> str:
    """Commit of the working tree, or `unknown` outside a repository."""
    found = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def _record_run(run: Path, preset: Preset, data_name: str) -> None:
    path = run / "config.json"
    if path.is_file() and (started := run_preset(run)) != preset:
        raise ValueError(f"{run} was started with the preset {started!r}, not {preset!r}; choose another run folder")
    run.mkdir(parents=True, exist_ok=True)
    versions = {name: version(name) for name in ("torch", "diffusers", "numpy")}
    record = {
        "preset": preset, "data": data_name, "commit": current_commit(), "versions": versions,
        "config": asdict(PRESETS[preset]),
    }  # fmt: skip
    path.write_text(json.dumps(record, indent=1))


__all__ = ["SHARES", "STAGES", "current_commit", "run_preset", "train"]
