"""Baseline: the video model's trunk, trained to output the next commands directly, without imagining anything."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vplanner_models.config import HORIZON, TrunkConfig
from vplanner_models.trunk import TOKENS, Trunk, patchify


class BehaviourCloning(nn.Module):
    """The present and the prompt to a chunk of commands."""

    def __init__(self, config: TrunkConfig) -> None:
        super().__init__()
        self.trunk = Trunk(config, extra_channels=0)
        self.squeeze = nn.Linear(config.width, 32)
        self.head = nn.Sequential(
            nn.SiLU(), nn.Linear(TOKENS * 32, config.width), nn.SiLU(), nn.Linear(config.width, HORIZON * 7)
        )

    def forward(self, now: Tensor, skill: Tensor, points_uv: Tensor, points_xyz: Tensor, proprio: Tensor) -> Tensor:
        """Return scaled steps (B, T, 7), the gripper as a logit; inputs as in the video model."""
        on = torch.ones_like(proprio[:, :1])
        nothing = proprio.new_zeros(1, self.squeeze.in_features)
        x = self.trunk(patchify(now[:, None]), skill, points_uv, points_xyz, proprio, on, nothing)
        return torch.as_tensor(self.head(self.squeeze(x).reshape(-1, TOKENS * 32))).reshape(-1, HORIZON, 7)
