"""The networks of one replan in torch, to time beside onnxruntime: weights do not matter for time.

    python -m vplanner_models.torch_speed "torch eager" PRESET SAMPLES THREADS

writes a line when it is ready, and one after each replan that a line on stdin asks for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import torch
from torch import Tensor, nn

from vplanner_models.config import GRID, HORIZON, IMAGE_SIZE, LATENT_CHANNELS, PRESETS, SIGMAS, SKILLS, VIEWS
from vplanner_models.critic import Critic
from vplanner_models.errors import TrainingInputError
from vplanner_models.inverse_dynamics import InverseDynamics
from vplanner_models.tokenizer import Encoder
from vplanner_models.video_model import VideoModel


def torch_replan(preset: str, samples: int, threads: int, compiled: bool) -> Callable[[], None]:
    """A function that runs what one replan runs, on so many threads: encode, propose, extract, rollout, score.

    Raises:
        TrainingInputError: if there is no such preset.
    """
    if preset not in PRESETS:
        raise TrainingInputError(f"unknown preset '{preset}'; the presets are: {', '.join(PRESETS)}")
    torch.set_num_threads(threads)
    config = PRESETS[preset]
    networks: list[nn.Module] = [
        Encoder(config.tokenizer.encoder_widths),
        VideoModel(config.trunk),
        InverseDynamics(config.inverse_dynamics),
        Critic(config.critic),
    ]
    for network in networks:
        network.eval().requires_grad_(False)
    encoder, video, reader, critic = (torch.compile(n) if compiled else n for n in networks)
    latents = torch.randn(len(VIEWS), LATENT_CHANNELS, GRID, GRID)
    pictures = torch.rand(len(VIEWS), 3, IMAGE_SIZE, IMAGE_SIZE)

    def prompted(rows: int) -> tuple[Tensor, ...]:
        views = len(VIEWS)
        return (
            torch.zeros(rows, len(SKILLS)),
            torch.rand(rows, 2, views, 2),
            torch.rand(rows, 2, 3),
            torch.rand(rows, 10),
        )

    def denoise(rows: int) -> None:
        one = torch.ones(rows, 1)
        cameras, actions = torch.rand(rows, len(VIEWS), 3, 4) + 0.5, torch.zeros(rows, HORIZON, 7)
        noisy = torch.randn(rows, HORIZON, *latents.shape)
        video(latents.expand(rows, *latents.shape), *prompted(rows), cameras, one, actions, 1 - one, noisy, one)

    def replan() -> None:
        with torch.inference_mode():
            encoder(pictures)
            denoise(samples)
            for _ in SIGMAS[1:-1]:
                denoise(max(1, samples - 1))
            pairs = latents.expand(samples * HORIZON, *latents.shape)
            reader(pairs, pairs)
            denoise(samples)
            futures = latents.expand(2 * samples, *latents.shape)
            critic(futures, futures, *prompted(2 * samples))

    return replan


def main() -> None:
    """Run a replan for each line of stdin."""
    way, preset, samples, threads = sys.argv[1:]
    replan = torch_replan(preset, int(samples), int(threads), compiled=way == "torch.compile")
    replan()
    print("ready", flush=True)
    for _ in sys.stdin:
        replan()
        print("done", flush=True)


if __name__ == "__main__":
    main()
