"""Training of one stage or of all, in a run folder."""

from __future__ import annotations

from pathlib import Path

import torch

from vplanner_models.arrays import EpisodeArrays
from vplanner_models.checkpoint import check_trained, load_weights, read_progress
from vplanner_models.config import PRESETS, STAGES, ModelConfig, Preset, StageName
from vplanner_models.dataset import TrainingSet
from vplanner_models.inverse_dynamics import InverseDynamics
from vplanner_models.latents import dataset_latents
from vplanner_models.layers import channels_last
from vplanner_models.relighting import relit_latents
from vplanner_models.run_record import Call, check_settings, record_call, settle_preset, stage_settings
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
    preset: Preset | None = None, seed: int = 0, initial: Path | None = None,
) -> dict[str, dict[str, float]]:  # fmt: skip
    """Train the stages in order and return the validation of each.

    Args:
        stages: one stage, or all of them; several share the minutes by `SHARES`.
        arrays: the data set.
        data_name: where it came from, for the records.
        run: folder of the run; stages that are finished there are not trained again.
        minutes: budget over all calls, so that a call after an interruption goes on.
        preset: sizes; without, the run's own, and the smallest for a new run.
        seed: of weights and batches.
        initial: another run, whose weights a new stage begins with.

    Raises:
        TrainingInputError: if the run was started with another preset, settings or architecture, nothing may be
            trained on, or an earlier stage is missing that one needs, here or in `initial`.
        OSError: if the run cannot be written.
    """
    preset = settle_preset(run, preset)
    config = PRESETS[preset]
    settings = {str(name): stage_settings(config, name) for name in STAGES}
    check_settings(run, settings)
    for name in stages:
        if initial is not None and read_progress(run / name).steps == 0:
            check_trained(initial / name)
    data = TrainingSet.of(arrays)
    whole = sum(SHARES[name] for name in stages)
    results: dict[str, dict[str, float]] = {}
    for name in stages:
        torch.manual_seed(seed)
        stage = _build(name, config, run, arrays, data, seed)
        start = None if initial is None else initial / name
        loop = Loop(stage, run / name, minutes * SHARES[name] / whole, seed, start)
        if not loop.finished:
            begun = None if initial is None or loop.progress.steps else str(initial)
            record_call(run, name, settings[name], Call(data_name, seed, begun), preset)
        results[name] = loop.run()
    return results


def _build(
    name: StageName, config: ModelConfig, run: Path, arrays: EpisodeArrays, data: TrainingSet, seed: int
) -> Stage:
    if name == "tokenizer":
        return TokenizerStage(config.tokenizer, config.tokenizer_optimiser, arrays, data)
    latents = dataset_latents(run, config.tokenizer, arrays)
    match name:
        case "inverse_dynamics":
            relit = relit_latents(run, config.tokenizer, arrays, seed)
            return InverseDynamicsStage(config.inverse_dynamics, config.reader_optimiser, data, latents, relit)
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
