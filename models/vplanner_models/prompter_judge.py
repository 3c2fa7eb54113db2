"""Judge of the prompter: from close-ups of source and target and the hand's pose, whether a sub-goal is reached."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vplanner_models.config import SKILLS, VIEWS
from vplanner_models.prompter_net import VISION_SIZE

OBJECTS = 2
"""Source and target; skills about a single thing have it twice."""
_CROP = 48  # pixels along each side of a close-up, about 25 cm on the table
_FEATURES = 48
_HIDDEN = 128
_METRE_SCALES = (0.03, 0.1, 0.3)


class JudgeNet(nn.Module):
    """Convolutions over one close-up per view and object, then an MLP over all of them, the hand and the skill."""

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Sequential(
            _convolve(3, 16), _convolve(16, 32), _convolve(32, 48), _convolve(48, 64), nn.Flatten(),
            nn.Linear(64 * (_CROP // 16) ** 2, _FEATURES), nn.ReLU(),
        )  # fmt: skip
        where = 3 * 3 * (1 + len(_METRE_SCALES))
        state = where + 6 + 1 + len(SKILLS)
        self.decide = nn.Sequential(
            nn.Linear(len(VIEWS) * OBJECTS * _FEATURES + state, _HIDDEN), nn.ReLU(), nn.Dropout(0.1),
            nn.Linear(_HIDDEN, _HIDDEN), nn.ReLU(), nn.Linear(_HIDDEN, 1),
        )  # fmt: skip

    def forward(self, images: Tensor, skill: Tensor, points_uv: Tensor, points_xyz: Tensor, proprio: Tensor) -> Tensor:
        """Judge B instants.

        Args:
            images: (B, V, 3, 128, 128) in 0..1.
            skill: (B, 10) one-hot.
            points_uv: source and target (B, 2, V, 2) in 0..1 from the top left.
            points_xyz: the same (B, 2, 3) in the base frame [m].
            proprio: (B, 10) TCP position [m], two columns of its rotation matrix, gripper opening.

        Returns:
            Logit (B,) that the sub-goal is reached.
        """
        views = images.shape[1]
        pictures = images[:, None].expand(-1, OBJECTS, -1, -1, -1, -1).flatten(0, 2)
        crops = F.grid_sample(pictures, _window(points_uv.flatten(0, 2)), padding_mode="border", align_corners=False)
        seen = self.see(crops * 2 - 1).reshape(-1, OBJECTS * views * _FEATURES)
        source, target, hand = points_xyz[:, 0], points_xyz[:, 1], proprio[:, :3]
        ways = torch.cat([hand - source, hand - target, source - target], -1)
        scaled = [torch.tanh(ways / scale) for scale in _METRE_SCALES]
        state = torch.cat([ways, *scaled, proprio[:, 3:], skill], -1)
        return self.decide(torch.cat([seen, state], -1)).squeeze(-1)


def _window(centres: Tensor) -> Tensor:
    """Sampling grid (N, crop, crop, 2) around centres (N, 2) in 0..1, one sample a pixel."""
    steps = (torch.arange(_CROP, device=centres.device) + 0.5 - _CROP / 2) * (2 / VISION_SIZE)
    v, u = torch.meshgrid(steps, steps, indexing="ij")
    return torch.stack([u, v], -1) + (2 * centres - 1)[:, None, None]


def _convolve(into: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(into, out, 3, 2, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU())
