"""The graphs of a bundle: each trained network in the form in which it is exported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from vplanner_models.behaviour_cloning import BehaviourCloning
from vplanner_models.checkpoint import load_weights
from vplanner_models.config import ModelConfig
from vplanner_models.critic import Critic
from vplanner_models.dataset import TrainingSet
from vplanner_models.inverse_dynamics import InverseDynamics, command_steps
from vplanner_models.latents import load_tokenizer
from vplanner_models.prompts import prompt_of
from vplanner_models.video_model import VideoModel
from vplanner_models.windows import windows_at


class _Pictures(nn.Module):
    """Decoder whose pictures stay within 0..1."""

    def __init__(self, decoder: nn.Module) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, latents: Tensor) -> Tensor:
        return torch.as_tensor(self.decoder(latents)).clamp(0, 1)


class _Steps(nn.Module):
    """Network of raw commands, in SI units."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, *inputs: Tensor) -> Tensor:
        return command_steps(self.network(*inputs))


class _Rating(nn.Module):
    """Critic whose outputs are probabilities."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, *inputs: Tensor) -> Tensor:
        return torch.sigmoid(self.network(*inputs))


_PROMPT = ("skill", "points_uv", "points_xyz", "proprio")
INTERFACES: dict[str, tuple[tuple[str, ...], str]] = {
    "tokenizer_encoder": (("images",), "latents"),
    "tokenizer_decoder": (("latents",), "images"),
    "video_model": (("now", *_PROMPT, "projections", "prompt_on", "actions", "actions_on", "noisy", "sigma"), "clean"),
    "inverse_dynamics": (("before", "after"), "steps"),
    "critic": (("now", "future", *_PROMPT), "rating"),
    "behaviour_cloning": (("now", *_PROMPT), "steps"),
}
"""Names of inputs and output of every component that reads or writes latents; the runtime passes them in this order."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A component: its network, names of inputs and outputs, and real inputs (B, ...) to export and check with."""

    name: str
    network: nn.Module
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    samples: tuple[Tensor, ...]
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The free leading axes of a tensor, by its name, where they are others than the batch `B` alone."""

    def free_axes(self, name: str) -> tuple[str, ...]:
        """Names of the free leading axes of an input or output."""
        return self.axes.get(name, ("B",))

    def run(self, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Compute all outputs with torch."""
        with torch.no_grad():
            found = self.network(*inputs)
        return found if isinstance(found, tuple) else (found,)


def sample_inputs(data: TrainingSet, latents: Tensor, images: Tensor, rows: Tensor) -> dict[str, tuple[Tensor, ...]]:
    """Real inputs of every component at the rows; `images` (B, 3, 64, 64) in 0..1 are any pictures."""
    window, prompt = windows_at(data, latents, rows), prompt_of(data, rows, None)
    prompted = (prompt.skill, prompt.points_uv, prompt.points_xyz, prompt.proprio)
    cameras = prompt.projections.contiguous()
    present, after = window.now[:, 0], window.future[:, 0]
    count = len(rows)
    generator = torch.Generator().manual_seed(0)
    noisy = torch.randn(window.future.shape, generator=generator)
    switch = (torch.arange(count) % 2).float()[:, None]
    sigma = torch.linspace(1, 0.1, count)[:, None]
    return {
        "tokenizer_encoder": (images,),
        "tokenizer_decoder": (present.flatten(0, 1),),
        "video_model": (
            present,
            *prompted,
            cameras,
            1 - switch,
            window.actions,
            switch,
            noisy,
            sigma,
        ),
        "inverse_dynamics": (present, after),
        "critic": (present, after, *prompted),
        "behaviour_cloning": (present, *prompted),
    }


def graphs_of(run: Path, config: ModelConfig, samples: dict[str, tuple[Tensor, ...]], baseline: bool) -> list[Graph]:
    """Load the networks of a run, with `baseline` the behaviour-cloning network too.

    Raises:
        TrainingInputError: if a network that is asked for has not been trained, or with another architecture.
    """
    tokenizer = load_tokenizer(run, config.tokenizer)
    video, reader, critic = VideoModel(config.trunk), InverseDynamics(config.inverse_dynamics), Critic(config.critic)
    for network, stage in ((video, "video_model"), (reader, "inverse_dynamics"), (critic, "critic")):
        load_weights(network, run / stage)
    networks: dict[str, nn.Module] = {
        "tokenizer_encoder": tokenizer.encoder,
        "tokenizer_decoder": _Pictures(tokenizer.decoder),
        "video_model": video,
        "inverse_dynamics": _Steps(reader),
        "critic": _Rating(critic),
    }
    if baseline:
        cloning = BehaviourCloning(config.trunk)
        load_weights(cloning, run / "behaviour_cloning")
        networks["behaviour_cloning"] = _Steps(cloning)
    graphs = []
    for name, component in networks.items():
        inputs, output = INTERFACES[name]
        graphs.append(Graph(name, component.eval().requires_grad_(False), inputs, (output,), samples[name]))
    return graphs
