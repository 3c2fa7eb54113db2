"""The transformer that the video model and the behaviour-cloning baseline share."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vplanner_models.config import GRID, LATENT_CHANNELS, SKILLS, VIEWS, TrunkConfig
from vplanner_models.layers import DiTBlock, modulate, waves

PATCH = 2
SIDE = GRID // PATCH
TOKENS = len(VIEWS) * SIDE * SIDE
_METRE_WAVES = (0.4, 0.12, 0.04)
_PICTURE_WAVES = (0.5, 0.2)
RELATIVE = 9
PROMPT_FEATURES = len(SKILLS) + RELATIVE + RELATIVE * 2 * len(_METRE_WAVES)
"""Numbers that `prompt_features` gives: the skill, three vectors, and sine and cosine of each at every wavelength."""
BODY_FEATURES = 10
"""Numbers that `scaled_proprioception` gives."""
_POINT_FEATURES = 4 + 4 * 2 * len(_PICTURE_WAVES)


def patchify(latents: Tensor) -> Tensor:
    """Turn latents (B, F, V, C, 8, 8) into tokens (B, N, F C 4), one per patch of 2x2 cells of a view."""
    frames = latents.shape[1]
    grid = latents.reshape(-1, frames, len(VIEWS), LATENT_CHANNELS, SIDE, PATCH, SIDE, PATCH)
    return grid.permute(0, 2, 4, 6, 1, 3, 5, 7).reshape(-1, TOKENS, frames * LATENT_CHANNELS * PATCH * PATCH)


def unpatchify(tokens: Tensor, frames: int) -> Tensor:
    """Turn tokens (B, N, F C 4) back into latents (B, F, V, C, 8, 8)."""
    grid = tokens.reshape(-1, len(VIEWS), SIDE, SIDE, frames, LATENT_CHANNELS, PATCH, PATCH)
    return grid.permute(0, 4, 1, 5, 2, 6, 3, 7).reshape(-1, frames, len(VIEWS), LATENT_CHANNELS, GRID, GRID)


def scaled_proprioception(proprio: Tensor) -> Tensor:
    """Bring proprioception (B, 10) to about unit scale around the middle of the workspace."""
    middle = proprio.new_tensor([0.5, 0.0, 0.2])
    return torch.cat([(proprio[:, :3] - middle) / 0.2, proprio[:, 3:9], 2 * proprio[:, 9:] - 1], -1)


def prompt_features(skill: Tensor, points_xyz: Tensor, proprio: Tensor) -> Tensor:
    """Describe the sub-goal as seen from the TCP: skill, relative vectors and their waves (B, features)."""
    tcp = proprio[:, :3]
    source, target = points_xyz[:, 0], points_xyz[:, 1]
    relative = torch.cat([source - tcp, target - tcp, target - source], -1)
    return torch.cat([skill, relative / 0.15, waves(relative, _METRE_WAVES)], -1)


def patch_centres(like: Tensor) -> Tensor:
    """Centres (cells, 2) of the patches of one view, unit-size image coordinates."""
    steps = (torch.arange(SIDE, dtype=like.dtype, device=like.device) + 0.5) / SIDE
    return torch.stack(
        [steps[None, :].expand(SIDE, SIDE).reshape(-1), steps[:, None].expand(SIDE, SIDE).reshape(-1)], -1
    )


def point_features(points_uv: Tensor) -> Tensor:
    """Vectors from every patch centre to both points of its view, with waves: (B, N, features)."""
    # Points far outside the picture say only "that way"; clipping keeps them from dominating.
    to_points = (
        points_uv.clamp(-0.5, 1.5).transpose(1, 2)[:, :, None] - patch_centres(points_uv)[:, None]
    )  # (B, V, cells, 2, 2)
    flat = to_points.reshape(-1, TOKENS, 4)
    return torch.cat([4 * flat, waves(flat, _PICTURE_WAVES)], -1)


def _mlp(inputs: int, width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, width), nn.SiLU(), nn.Linear(width, width))


class Trunk(nn.Module):
    """Tokens of the present (and of whatever else is stacked in channels), under prompt, proprioception and more."""

    def __init__(self, config: TrunkConfig, extra_channels: int) -> None:
        """Build the trunk; `extra_channels` counts the token features beside the present and the points."""
        super().__init__()
        width = config.width
        present = LATENT_CHANNELS * PATCH * PATCH
        self.embed = nn.Linear(present + _POINT_FEATURES + extra_channels, width)
        self.position = nn.Parameter(0.02 * torch.randn(TOKENS, width))
        self.prompt = _mlp(PROMPT_FEATURES + BODY_FEATURES, width)
        # Where to go next depends on skill, gripper and distance together; one hidden layer is too few for that.
        self.refine = nn.Sequential(
            nn.Linear(PROMPT_FEATURES + BODY_FEATURES, 256),
            nn.SiLU(),
            nn.Linear(256, 256),
            nn.SiLU(),
            nn.Linear(256, width),
        )
        self.proprio = _mlp(BODY_FEATURES, width)
        self.blocks = nn.ModuleList(DiTBlock(width, config.heads) for _ in range(config.depth))
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation = nn.Linear(width, 2 * width)
        for silent in (self.modulation, self.refine[-1]):
            assert isinstance(silent, nn.Linear)
            nn.init.zeros_(silent.weight)
            nn.init.zeros_(silent.bias)

    def read_prompt(self, skill: Tensor, points_xyz: Tensor, proprio: Tensor) -> Tensor:
        """Embed sub-goal and body (B, width)."""
        features = torch.cat([prompt_features(skill, points_xyz, proprio), scaled_proprioception(proprio)], -1)
        return torch.as_tensor(self.prompt(features) + self.refine(features))

    def forward(
        self,
        tokens: Tensor,
        skill: Tensor,
        points_uv: Tensor,
        points_xyz: Tensor,
        proprio: Tensor,
        prompt_on: Tensor,
        extra_condition: Tensor,
    ) -> Tensor:
        """Return tokens (B, N, width).

        Args:
            tokens: (B, N, present + extra channels), patches of the present first.
            skill: one-hot (B, 10).
            points_uv: (B, 2, V, 2), source and target, unit-size image coordinates.
            points_xyz: (B, 2, 3) [m], base frame.
            proprio: (B, 10).
            prompt_on: (B, 1), 1 where skill and points may be used.
            extra_condition: (B, width), added to the condition.
        """
        body = scaled_proprioception(proprio)
        prompt = self.read_prompt(skill, points_xyz, proprio)
        condition = nn.functional.silu(prompt_on * prompt + self.proprio(body) + extra_condition)
        points = prompt_on[:, None] * point_features(points_uv)
        x = self.embed(torch.cat([tokens, points], -1)) + self.position
        for block in self.blocks:
            x = block(x, condition)
        shift, scale = self.modulation(condition).chunk(2, -1)
        return modulate(self.norm(x), shift, scale)
