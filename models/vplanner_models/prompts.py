"""Prompts of a batch: true points with the errors that grounding makes in use."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vplanner_models.dataset import TrainingSet
from vplanner_models.geometry import project_through, projection_matrices

_POINT_NOISE_M = 0.006
_PICTURE_NOISE = 0.004
_PROPRIO_NOISE_M = 0.001


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the networks read of sub-goal and robot."""

    skill: Tensor
    """(B, 10)."""
    points_uv: Tensor
    """(B, 2, V, 2)."""
    points_xyz: Tensor
    """(B, 2, 3) [m]."""
    proprio: Tensor
    """(B, 10)."""
    projections: Tensor
    """(B, V, 3, 4), base frame to unit-size image."""


def prompt_of(data: TrainingSet, rows: Tensor, generator: torch.Generator | None) -> Prompt:
    """Assemble the prompts of the rows; with a generator, add noise as in training."""
    xyz, proprio = data.points_xyz[rows], data.proprio[rows]
    cameras = projection_matrices(data.intrinsics, data.T_base_cam).expand(len(rows), -1, -1, -1)
    if generator is None:
        return Prompt(data.one_hot(rows), project_through(xyz, cameras), xyz, proprio, cameras)
    level = _POINT_NOISE_M * torch.rand(len(rows), 1, 1, generator=generator)
    offsets = level * torch.randn(xyz.shape, generator=generator)
    # Skills about one object name it twice: the noisy points must agree there, as they do in use.
    same = (xyz[:, 0] == xyz[:, 1]).all(-1)
    offsets[same, 1] = offsets[same, 0]
    xyz = xyz + offsets
    uv = project_through(xyz, cameras)
    uv_noise = _PICTURE_NOISE * torch.randn(uv.shape, generator=generator)
    uv_noise[same, 1] = uv_noise[same, 0]
    wobble = torch.zeros_like(proprio)
    wobble[:, :3] = _PROPRIO_NOISE_M * torch.randn(len(rows), 3, generator=generator)
    return Prompt(data.one_hot(rows), uv + uv_noise, xyz, proprio + wobble, cameras)
