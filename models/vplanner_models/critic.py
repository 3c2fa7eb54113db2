"""Critic: how far the sub-goal is in an imagined instant, and whether it is reached."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vplanner_models.config import GRID, LATENT_CHANNELS, VIEWS, ReaderConfig
from vplanner_models.layers import ResidualConv
from vplanner_models.trunk import BODY_FEATURES, PROMPT_FEATURES, prompt_features, scaled_proprioception

_CHANNELS = len(VIEWS) * LATENT_CHANNELS
_POINTS = 2 * len(VIEWS)


def point_maps(points_uv: Tensor) -> Tensor:
    """Draw each point as a soft spot on the latent grid of its view: (B, 2, V, 2) to (B, 2 V, 8, 8)."""
    cells = (torch.arange(GRID, dtype=points_uv.dtype, device=points_uv.device) + 0.5) / GRID
    flat = points_uv.reshape(-1, _POINTS, 2)
    along_u = torch.exp(-(((flat[..., :1] - cells) * GRID) ** 2) / 2)
    along_v = torch.exp(-(((flat[..., 1:] - cells) * GRID) ** 2) / 2)
    return along_v[..., :, None] * along_u[..., None, :]


class Critic(nn.Module):
    """Convolutional reader of present and imagined latents under the prompt."""

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        first, second = config.widths
        self.enter = nn.Conv2d(3 * _CHANNELS + _POINTS, first, 3, padding=1)
        self.condition = nn.Sequential(
            nn.Linear(PROMPT_FEATURES + BODY_FEATURES, 192),
            nn.SiLU(),
            nn.Linear(192, 192),
            nn.SiLU(),
            nn.Linear(192, 2 * first),
        )
        self.body = nn.Sequential(
            ResidualConv(first),
            nn.SiLU(),
            nn.Conv2d(first, second, 3, stride=2, padding=1),
            ResidualConv(second),
            nn.SiLU(),
            nn.Flatten(),
        )
        self.head = nn.Sequential(
            nn.Linear(16 * second + 2 * first, config.hidden), nn.SiLU(), nn.Linear(config.hidden, 2)
        )

    def forward(
        self, now: Tensor, future: Tensor, skill: Tensor, points_uv: Tensor, points_xyz: Tensor, proprio: Tensor
    ) -> Tensor:
        """Return logits (B, 2) of progress and success in the future instant.

        Args:
            now: (B, V, C, 8, 8), present latents.
            future: (B, V, C, 8, 8), the instant to rate; the present itself is allowed.
            skill: one-hot (B, 10).
            points_uv: (B, 2, V, 2), source and target as seen at present.
            points_xyz: (B, 2, 3) [m], as known at present.
            proprio: (B, 10) of the present.
        """
        first, last = now.flatten(1, 2), future.flatten(1, 2)
        x = self.enter(torch.cat([first, last, last - first, point_maps(points_uv)], 1))
        features = torch.cat([prompt_features(skill, points_xyz, proprio), scaled_proprioception(proprio)], -1)
        condition = self.condition(features)
        scale, shift = condition.chunk(2, -1)
        x = x * (1 + scale[..., None, None]) + shift[..., None, None]
        return torch.as_tensor(self.head(torch.cat([self.body(x), F.silu(condition)], -1)))
