"""The way of the hand: what the prompt alone says about it, and how it looks from every patch of the pictures."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vplanner_models.config import HORIZON, SKILLS, TRANSLATION_LIMIT_M
from vplanner_models.geometry import project_through
from vplanner_models.layers import waves
from vplanner_models.trunk import (
    BODY_FEATURES,
    PROMPT_FEATURES,
    RELATIVE,
    TOKENS,
    patch_centres,
    prompt_features,
    scaled_proprioception,
)

_PICTURE_WAVES = (0.5, 0.2, 0.08)
_NEAR_M = (0.03, 0.01)
PATH_FEATURES = (1 + HORIZON) * 2 * (1 + 2 * len(_PICTURE_WAVES))
_INPUTS = PROMPT_FEATURES + RELATIVE * len(_NEAR_M) + BODY_FEATURES
_WIDTH = 320


class Intention(nn.Module):
    """A first guess of the next steps from sub-goal and proprioception, without pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(_INPUTS, _WIDTH), nn.SiLU(),
            nn.Linear(_WIDTH, _WIDTH), nn.SiLU(),
            nn.Linear(_WIDTH, _WIDTH), nn.SiLU(),
            nn.Linear(_WIDTH, HORIZON * 7),
        )  # fmt: skip

    def forward(self, skill: Tensor, points_xyz: Tensor, proprio: Tensor) -> Tensor:
        """Return scaled steps (B, T, 7), the gripper as a logit; inputs as in the video model."""
        features = prompt_features(skill, points_xyz, proprio)
        relative = 0.15 * features[:, len(SKILLS) : len(SKILLS) + RELATIVE]
        # Millimetres matter near an object and are lost far from it.
        near = torch.cat([torch.tanh(relative / reach) for reach in _NEAR_M], -1)
        inputs = torch.cat([features, near, scaled_proprioception(proprio)], -1)
        return torch.as_tensor(self.body(inputs)).reshape(-1, HORIZON, 7)


def hand_path(position: Tensor, scaled_steps: Tensor, projections: Tensor) -> Tensor:
    """Where the TCP is seen now and after each step: (B, 1 + T, V, 2), unit-size image coordinates.

    Args:
        position: TCP (B, 3) [m], base frame.
        scaled_steps: (B, T, 7), translations in units of the largest step.
        projections: (B, V, 3, 4), base frame to unit-size image.
    """
    ahead = torch.cumsum(TRANSLATION_LIMIT_M * scaled_steps[..., :3], 1)
    positions = position[:, None] + torch.cat([torch.zeros_like(ahead[:, :1]), ahead], 1)
    return project_through(positions, projections)


def path_features(path_uv: Tensor) -> Tensor:
    """Vectors from every patch centre to the TCP of each instant, with waves: (B, N, features)."""
    to_hand = path_uv.clamp(-0.5, 1.5).transpose(1, 2)[:, :, None] - patch_centres(path_uv)[:, None]
    flat = to_hand.reshape(-1, TOKENS, (1 + HORIZON) * 2)
    return torch.cat([4 * flat, waves(flat, _PICTURE_WAVES)], -1)
