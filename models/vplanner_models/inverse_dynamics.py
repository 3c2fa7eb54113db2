"""Inverse dynamics: which command leads from one instant to the next, read from latents alone."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vplanner_models.config import (
    LATENT_CHANNELS,
    ROTATION_LIMIT_RAD,
    TRANSLATION_LIMIT_M,
    VIEWS,
    ReaderConfig,
)
from vplanner_models.layers import ResidualConv

_CHANNELS = len(VIEWS) * LATENT_CHANNELS


class InverseDynamics(nn.Module):
    """Convolutional reader of two instants; both views lie side by side in the channels."""

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        first, second = config.widths
        self.body = nn.Sequential(
            nn.Conv2d(3 * _CHANNELS, first, 3, padding=1),
            ResidualConv(first),
            nn.SiLU(),
            nn.Conv2d(first, second, 3, stride=2, padding=1),
            ResidualConv(second),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(16 * second, config.hidden),
            nn.SiLU(),
            nn.Linear(config.hidden, 7),
        )

    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        """Return scaled steps (B, 7), the gripper as a logit, from latents (B, V, C, 8, 8)."""
        first, last = before.flatten(1, 2), after.flatten(1, 2)
        return torch.as_tensor(self.body(torch.cat([first, last, last - first], 1)))


def command_steps(raw: Tensor) -> Tensor:
    """Turn scaled steps with a gripper logit (..., 7) into SI units and an opening in 0..1."""
    return torch.cat(
        [raw[..., :3] * TRANSLATION_LIMIT_M, raw[..., 3:6] * ROTATION_LIMIT_RAD, torch.sigmoid(raw[..., 6:])], -1
    )


def step_loss(raw: Tensor, scaled: Tensor) -> Tensor:
    """Loss per step (...) of raw outputs (..., 7) against scaled true steps (gripper in -1..1)."""
    motion = F.smooth_l1_loss(raw[..., :6], scaled[..., :6], reduction="none", beta=0.1).mean(-1)
    opening = (scaled[..., 6] + 1) / 2
    gripper = F.binary_cross_entropy_with_logits(raw[..., 6], opening, reduction="none")
    return motion + 0.1 * gripper
