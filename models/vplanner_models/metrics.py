"""Errors of commands in units that mean something at the gripper."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def rotation_matrices(vectors: Tensor) -> Tensor:
    """Rotation matrices (B, 3, 3) of rotation vectors (B, 3) [rad]."""
    x, y, z = vectors.unbind(-1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape(-1, 3, 3)
    return torch.as_tensor(torch.linalg.matrix_exp(cross))


def rotation_angles(first: Tensor, second: Tensor) -> Tensor:
    """Angle (B,) [deg] between the rotations of two sets of rotation vectors (B, 3) [rad]."""
    between = rotation_matrices(first.double()).transpose(1, 2) @ rotation_matrices(second.double())
    # The skew part keeps small angles exact, where the arc cosine of the trace does not.
    skew = torch.stack(
        [between[:, 2, 1] - between[:, 1, 2], between[:, 0, 2] - between[:, 2, 0], between[:, 1, 0] - between[:, 0, 1]],
        -1,
    )
    trace = between.diagonal(dim1=1, dim2=2).sum(-1)
    return torch.atan2(skew.norm(dim=-1), trace - 1) * (180 / math.pi)


def step_errors(steps: Tensor, truth: Tensor) -> dict[str, float]:
    """Compare SE(3) steps (B, 7) in SI units: median and 95th percentile, and how often the gripper is right."""
    translation = 100 * (steps[:, :3] - truth[:, :3]).norm(dim=-1)
    rotation = rotation_angles(steps[:, 3:6], truth[:, 3:6])
    gripper = ((steps[:, 6] > 0.5) == (truth[:, 6] > 0.5)).float()
    return {
        "translation_median_cm": float(translation.median()),
        "translation_p95_cm": float(translation.quantile(0.95)),
        "rotation_median_deg": float(rotation.median()),
        "rotation_p95_deg": float(rotation.quantile(0.95)),
        "gripper_accuracy": float(gripper.mean()),
    }
