"""A data set as tensors, with the bookkeeping that keeps windows inside their episodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vplanner_models.arrays import EpisodeArrays
from vplanner_models.config import FIRST_VALIDATION_SEED, HORIZON, SKILLS
from vplanner_models.errors import TrainingInputError
from vplanner_models.geometry import proprioception

_BLOCKED_M = 0.01


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Everything but pictures, `N` rows; indices are int64."""

    proprio: Tensor
    """(N, 10)."""
    action: Tensor
    """(N, 7) SI units; in an episode's last row: no motion, gripper as last commanded."""
    wanted: Tensor
    """(N, 7) SI units; what the expert would have done here, whatever was done."""
    skill: Tensor
    """(N,) index."""
    points_xyz: Tensor
    """(N, 2, 3) source and target [m]."""
    progress: Tensor
    success: Tensor
    """(N,) labels of the row."""
    deliberate: Tensor
    """(N,) bool: the executed action is what the expert wanted."""
    carried_out: Tensor
    """(N,) bool: the hand went where the action said. Pictures cannot show a step that something blocked."""
    first: Tensor
    last: Tensor
    """(N,) first and last row of the row's episode."""
    training_rows: Tensor
    validation_rows: Tensor
    """Rows whose scenes may be trained on, and those that only measure."""
    intrinsics: Tensor
    """(V, 3, 3)."""
    T_base_cam: Tensor
    """(V, 4, 4)."""

    @classmethod
    def of(cls, arrays: EpisodeArrays) -> TrainingSet:
        """Read everything but the pictures into memory.

        Raises:
            TrainingInputError: if no scene may be trained on.
        """
        episode = np.asarray(arrays.episode)
        starts = np.flatnonzero(np.r_[True, episode[1:] != episode[:-1]])
        ends = np.r_[starts[1:], len(episode)] - 1
        lengths = ends - starts + 1
        first, last = np.repeat(starts, lengths), np.repeat(ends, lengths)
        action = np.array(arrays.action, dtype=np.float32)
        action[ends] = 0
        # Staying means holding the gripper where it was told to be.
        action[ends, 6] = action[np.maximum(ends - 1, starts), 6]
        wanted = np.array(arrays.expert_action, dtype=np.float32)
        wanted[ends] = action[ends]
        deliberate = ~np.asarray(arrays.noisy, dtype=bool)
        # An episode that ended without success must not teach that stopping there is right.
        deliberate[ends] = np.asarray(arrays.success)[ends] > 0.5
        training = np.asarray(arrays.seed) < FIRST_VALIDATION_SEED
        if not training.any():
            raise TrainingInputError(
                f"all seeds are {FIRST_VALIDATION_SEED} or more; training needs scenes with smaller seeds"
            )
        points = np.stack([arrays.source_xyz, arrays.target_xyz], 1)
        return cls(
            proprio=proprioception(_float(arrays.state)),
            action=torch.from_numpy(action),
            wanted=torch.from_numpy(wanted),
            skill=torch.from_numpy(np.array(arrays.skill, dtype=np.int64)),
            points_xyz=_float(points),
            progress=_float(arrays.progress),
            success=_float(arrays.success),
            deliberate=torch.from_numpy(deliberate),
            carried_out=torch.from_numpy(_carried_out(np.asarray(arrays.state), action, ends)),
            first=torch.from_numpy(first.astype(np.int64)),
            last=torch.from_numpy(last.astype(np.int64)),
            training_rows=torch.from_numpy(np.flatnonzero(training)),
            validation_rows=torch.from_numpy(np.flatnonzero(~training)),
            intrinsics=_float(arrays.intrinsics),
            T_base_cam=_float(arrays.T_base_cam),
        )

    def one_hot(self, rows: Tensor) -> Tensor:
        """Skill code (B, 10) of the rows."""
        return torch.nn.functional.one_hot(self.skill[rows], len(SKILLS)).float()

    def future_rows(self, rows: Tensor) -> Tensor:
        """Rows (B, T) that follow; past the end of an episode its last row repeats."""
        ahead = rows[:, None] + torch.arange(1, HORIZON + 1)
        return torch.minimum(ahead, self.last[rows][:, None])

    def acting_rows(self, rows: Tensor) -> Tensor:
        """Rows (B, T) whose actions lead from each instant of a window to the next."""
        ahead = rows[:, None] + torch.arange(HORIZON)
        return torch.minimum(ahead, self.last[rows][:, None])


def _carried_out(
    state: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    action: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    ends: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    moved = np.diff(state[:, 7:10], axis=0, append=state[-1:, 7:10])
    moved[ends] = 0
    return np.asarray(np.linalg.norm(moved - action[:, :3], axis=1) < _BLOCKED_M)


def _float(array: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Tensor:
    return torch.from_numpy(np.array(array, dtype=np.float32))


def draw(rows: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Draw `count` of `rows` with replacement."""
    return rows[torch.randint(len(rows), (count,), generator=generator)]
