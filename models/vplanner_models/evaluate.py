"""How good the networks are on scenes that were not trained on, in decibels, centimetres and degrees."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from vplanner_models.arrays import EpisodeArrays
from vplanner_models.checkpoint import load_weights
from vplanner_models.config import FIRST_VALIDATION_SEED, PRESETS, SIGMAS, SKILLS, TEMPERATURES
from vplanner_models.dataset import TrainingSet
from vplanner_models.errors import TrainingInputError
from vplanner_models.files import replace_json
from vplanner_models.flow import sample
from vplanner_models.inverse_dynamics import InverseDynamics, command_steps
from vplanner_models.latents import dataset_latents, load_tokenizer
from vplanner_models.metrics import step_errors
from vplanner_models.prompts import Prompt, prompt_of
from vplanner_models.run_record import run_preset
from vplanner_models.tokenizer import Tokenizer
from vplanner_models.train_video_model import imagine, read_commands
from vplanner_models.video_model import VideoModel
from vplanner_models.windows import Window, windows_at

_ROWS = 600
_DECODED_ROWS = 128
_TEMPERATURE = TEMPERATURES[len(TEMPERATURES) // 2]

Report = dict[str, dict[str, float]]


@torch.no_grad()
def evaluate_run(run: Path, arrays: EpisodeArrays) -> Report:
    """Measure a run on validation scenes, write `evaluation.json` into its folder and return it.

    Everything starts from true present latents and true prompts, over all steps of a window that the expert wanted.
    Keys, each with the errors of commands as `step_errors` gives them:
        `real`: read from the real frames that followed;
        `proposed`: read from the mean future imagined from the prompt, as candidate 0 of the planner is;
        `sampled`: from futures of a few Euler steps at a medium temperature, as the other candidates are;
        `proposed SKILL`: `proposed` on the windows of one skill;
        `shuffled`: `proposed` against commands of other rows, which is what chance gives.
    And `pictures`: PSNR [dB] of the last frame of the horizon over pixels that moved, as `copy` (the present again),
    `proposed`, `simulated` (imagined from the true commands) and `tokenizer_limit` (the real latents, decoded).

    Raises:
        TrainingInputError: if a network has not been trained, or the data set has no validation scenes.
        OSError: if the report cannot be written.
    """
    config = PRESETS[run_preset(run)]
    data = TrainingSet.of(arrays)
    rows = data.validation_rows
    rows = rows[data.deliberate[rows] & (rows < data.last[rows])]
    if len(rows) == 0:
        raise TrainingInputError(
            f"the data set has no validation scenes (seeds of {FIRST_VALIDATION_SEED} or more); name a folder of such "
            "scenes too"
        )
    rows = rows[torch.linspace(0, len(rows) - 1, min(_ROWS, len(rows))).long()]
    latents = dataset_latents(run, config.tokenizer, arrays)
    video, reader = VideoModel(config.trunk), InverseDynamics(config.inverse_dynamics)
    load_weights(video, run / "video_model")
    load_weights(reader, run / "inverse_dynamics")
    video.eval()
    reader.eval()

    window, prompt = windows_at(data, latents, rows), prompt_of(data, rows, None)
    valid = window.intended.bool()
    proposed = video.future(window.now, _propose(video, window, prompt, 0.0))
    sampled = video.future(window.now, _propose(video, window, prompt, _TEMPERATURE))
    steps = {
        "real": command_steps(read_commands(reader, window.now, window.future)),
        "proposed": command_steps(read_commands(reader, window.now, proposed)),
        "sampled": command_steps(read_commands(reader, window.now, sampled)),
    }
    report: Report = {name: step_errors(found[valid], window.actions[valid]) for name, found in steps.items()}
    shuffled = window.actions[valid]
    shuffled = shuffled[torch.randperm(len(shuffled), generator=torch.Generator().manual_seed(0))]
    report["shuffled"] = step_errors(steps["proposed"][valid], shuffled)
    for index, skill in enumerate(SKILLS):
        here = valid & (data.skill[rows] == index)[:, None]
        if here.any():
            report[f"proposed {skill}"] = step_errors(steps["proposed"][here], window.actions[here])
    some = torch.arange(0, len(rows), max(1, len(rows) // _DECODED_ROWS))
    simulated = video.future(window.now, _simulate(video, window, prompt))
    futures = {"proposed": proposed, "simulated": simulated, "tokenizer_limit": window.future}
    report["pictures"] = _picture_quality(load_tokenizer(run, config.tokenizer), arrays, data, rows, futures, some)
    replace_json(run / "evaluation.json", report)
    return report


def _propose(video: VideoModel, window: Window, prompt: Prompt, temperature: float) -> Tensor:
    """Scaled residual (B, T, V, C, 8, 8) from the prompt: the mean at temperature 0, else a sample."""
    on = torch.ones(len(window.actions), dtype=torch.bool)
    noise = temperature * torch.randn(window.future.shape, generator=torch.Generator().manual_seed(0))

    def denoise(noisy: Tensor, sigma: Tensor) -> Tensor:
        return imagine(video, window, prompt, prompt_on=on, actions_on=~on, noisy=noisy, sigma=sigma)

    return sample(denoise, noise, SIGMAS if temperature > 0 else (1.0, 0.0))


def _simulate(video: VideoModel, window: Window, prompt: Prompt) -> Tensor:
    on = torch.ones(len(window.actions), dtype=torch.bool)
    blank = torch.zeros_like(window.future)
    sigma = torch.ones(len(blank), 1)
    return imagine(video, window, prompt, prompt_on=~on, actions_on=on, noisy=blank, sigma=sigma)


def _picture_quality(
    tokenizer: Tokenizer,
    arrays: EpisodeArrays,
    data: TrainingSet,
    rows: Tensor,
    futures: dict[str, Tensor],
    some: Tensor,
) -> dict[str, float]:
    """PSNR [dB] of the last imagined frame over pixels that moved since the present, and of copying the present."""
    later = data.future_rows(rows[some])[:, -1]
    truth = torch.from_numpy(arrays.images[later.numpy()]).float() / 255  # (B, V, H, W, 3)
    present = torch.from_numpy(arrays.images[rows[some].numpy()]).float() / 255
    moved = (truth - present).abs().amax(-1) > 0.08
    if not moved.any():
        return {}
    quality = {"copy_psnr_db": _psnr(present, truth, moved)}
    for name, future in futures.items():
        last = future[some, -1]
        decoded = tokenizer.decoder(last.flatten(0, 1)).clamp(0, 1).permute(0, 2, 3, 1).reshape(truth.shape)
        quality[f"{name}_psnr_db"] = _psnr(decoded, truth, moved)
    return quality


def _psnr(pictures: Tensor, truth: Tensor, where: Tensor) -> float:
    return float(-10 * ((pictures - truth) ** 2).mean(-1)[where].mean().log10())
