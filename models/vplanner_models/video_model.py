"""Video model: imagines the next latents of both views, as proposer (prompt) or simulator (actions)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vplanner_models.config import (
    HORIZON,
    LATENT_CHANNELS,
    ROTATION_LIMIT_RAD,
    TRANSLATION_LIMIT_M,
    TrunkConfig,
)
from vplanner_models.hand_path import PATH_FEATURES, Intention, hand_path, path_features
from vplanner_models.layers import waves
from vplanner_models.trunk import PATCH, Trunk, patchify, unpatchify

_FUTURE = HORIZON * LATENT_CHANNELS * PATCH * PATCH


def scaled_actions(actions: Tensor) -> Tensor:
    """Bring SE(3) steps (..., 7) in SI units to -1..1 at the limits; gripper from 0..1 to -1..1."""
    return torch.cat(
        [actions[..., :3] / TRANSLATION_LIMIT_M, actions[..., 3:6] / ROTATION_LIMIT_RAD, 2 * actions[..., 6:] - 1], -1
    )


def unscaled_actions(scaled: Tensor) -> Tensor:
    """Invert `scaled_actions`."""
    return torch.cat(
        [scaled[..., :3] * TRANSLATION_LIMIT_M, scaled[..., 3:6] * ROTATION_LIMIT_RAD, (scaled[..., 6:] + 1) / 2], -1
    )


class VideoModel(nn.Module):
    """One denoising step of the residual between future and present latents.

    `residual_scale` (T,) brings the residual of each step to unit size; it is applied outside, by whoever calls.
    All T future frames are stacked in the channels of a token: attention cost does not grow with the horizon.
    """

    def __init__(self, config: TrunkConfig) -> None:
        super().__init__()
        width = config.width
        self.residual_scale: Tensor
        self.register_buffer("residual_scale", torch.ones(HORIZON))
        self.intention = Intention()
        self.trunk = Trunk(config, extra_channels=_FUTURE + PATH_FEATURES)
        self.actions = nn.Sequential(nn.Linear(HORIZON * 7, width), nn.SiLU(), nn.Linear(width, width))
        self.sigma = nn.Sequential(nn.Linear(9, width), nn.SiLU(), nn.Linear(width, width))
        self.head = nn.Linear(width, _FUTURE)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def future(self, now: Tensor, clean: Tensor) -> Tensor:
        """Future latents (B, T, V, C, 8, 8) of present latents (B, 1, V, C, 8, 8) and scaled residuals."""
        return now + self.residual_scale.view(-1, 1, 1, 1, 1) * clean

    def residual(self, now: Tensor, future: Tensor) -> Tensor:
        """Scaled residuals, the inverse of `future`."""
        return (future - now) / self.residual_scale.view(-1, 1, 1, 1, 1)

    def suggested(self, skill: Tensor, points_xyz: Tensor, proprio: Tensor) -> Tensor:
        """Scaled steps (B, T, 7) that the prompt alone suggests, as `scaled_actions` gives them."""
        raw = self.intention(skill, points_xyz, proprio)
        return torch.cat([raw[..., :6], torch.tanh(raw[..., 6:] / 2)], -1)

    def forward(
        self,
        now: Tensor,
        skill: Tensor,
        points_uv: Tensor,
        points_xyz: Tensor,
        proprio: Tensor,
        projections: Tensor,
        prompt_on: Tensor,
        actions: Tensor,
        actions_on: Tensor,
        noisy: Tensor,
        sigma: Tensor,
    ) -> Tensor:
        """Return the clean scaled residual (B, T, V, C, 8, 8).

        Args:
            now: (B, V, C, 8, 8), present latents. The past is left out on purpose: experts rest only where they are
                done, and a network that sees the past concludes from rest that it is done.
            skill: one-hot (B, 10).
            points_uv: (B, 2, V, 2), source and target, unit-size image coordinates.
            points_xyz: (B, 2, 3) [m], base frame.
            proprio: (B, 10): TCP position [m], two columns of its rotation, gripper opening.
            projections: (B, V, 3, 4), from the base frame to unit-size image coordinates of each view.
            prompt_on: (B, 1), 0 hides skill and points.
            actions: (B, T, 7) SE(3) steps in SI units.
            actions_on: (B, 1), 0 hides the actions.
            noisy: (B, T, V, C, 8, 8), residual at noise level `sigma`.
            sigma: (B, 1) in 0..1; at 1 `noisy` is noise alone.
        """
        # Where the hand goes is told to every patch: by the actions if there are any, else by what the prompt suggests.
        # The suggestion has a loss of its own; through the pictures it would learn to please the renderer.
        meant = prompt_on[:, None] * self.suggested(skill, points_xyz, proprio).detach()
        steps = torch.where(actions_on[:, None] > 0, scaled_actions(actions), meant)
        path = path_features(hand_path(proprio[:, :3], steps, projections))
        tokens = torch.cat([patchify(now[:, None]), patchify(noisy), path], -1)
        acting = self.actions(steps.reshape(-1, HORIZON * 7))
        level = self.sigma(torch.cat([2 * sigma - 1, waves(sigma, (4.0, 2.0, 1.0, 0.5))], -1))
        x = self.trunk(tokens, skill, points_uv, points_xyz, proprio, prompt_on, acting + level)
        return unpatchify(self.head(x), HORIZON)
