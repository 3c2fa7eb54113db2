"""Cameras and poses in torch."""

from __future__ import annotations

import torch
from torch import Tensor


def project(points: Tensor, intrinsics: Tensor, T_base_cam: Tensor) -> Tensor:
    """Project points (B, P, 3) [m] in the base frame to (B, P, V, 2), unit-size image coordinates.

    Args:
        points: positions in the base frame.
        intrinsics: K (V, 3, 3) for an image of width 1 and height 1.
        T_base_cam: (V, 4, 4), OpenCV convention.
    """
    return project_through(points, projection_matrices(intrinsics, T_base_cam).expand(len(points), -1, -1, -1))


def projection_matrices(intrinsics: Tensor, T_base_cam: Tensor) -> Tensor:
    """Return (V, 3, 4): homogeneous points of the base frame to homogeneous unit-size image coordinates."""
    return intrinsics @ torch.linalg.inv(T_base_cam)[:, :3]


def project_through(points: Tensor, projections: Tensor) -> Tensor:
    """Project points (B, P, 3) [m] through matrices (B, V, 3, 4) to (B, P, V, 2), unit-size image coordinates."""
    seen = torch.einsum("bvij,bpj->bpvi", projections[..., :3], points) + projections[:, None, :, :, 3]
    # A point behind the camera has no picture; the floor keeps its coordinates finite.
    return seen[..., :2] / seen[..., 2:].clamp_min(1e-3)


def rotation_columns(quat_wxyz: Tensor) -> Tensor:
    """Return columns 0 and 1 of the rotation matrix of unit quaternions (B, 4) as (B, 6)."""
    w, x, y, z = (quat_wxyz / quat_wxyz.norm(dim=-1, keepdim=True)).unbind(-1)
    column0 = torch.stack([1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)], -1)
    column1 = torch.stack([2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)], -1)
    return torch.cat([column0, column1], -1)


def proprioception(state: Tensor) -> Tensor:
    """Turn states (B, 15) of the data set into what the networks read (B, 10): xyz, rotation columns, gripper."""
    return torch.cat([state[:, 7:10], rotation_columns(state[:, 10:14]), state[:, 14:15]], -1)
