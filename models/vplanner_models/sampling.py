"""Which rows training sees how often: every skill alike, and small motions as often as large ones."""

from __future__ import annotations

import torch
from torch import Tensor

from vplanner_models.config import ROTATION_LIMIT_RAD, TRANSLATION_LIMIT_M
from vplanner_models.dataset import TrainingSet

_EDGES = (0.03, 0.12, 0.25, 0.45, 0.7, 0.95)
"""Borders between sizes of motion, in units of the largest step; below the first the hand rests."""
_EVENNESS = 0.7
"""0 draws rows as they come, 1 draws every group of rows equally often."""


class RowSampler:
    """Draws rows with replacement; rare groups (skill, size of motion) come up more often than they were recorded.

    Experts mostly move at full speed or rest. A network that sees them as they come learns to choose between the two,
    and misses the centimetre in between that decides whether a grasp holds.
    """

    def __init__(self, data: TrainingSet, rows: Tensor) -> None:
        """Sample from `rows`; the motion of a row is that of the step which starts there."""
        self.rows = rows
        action = data.action[rows]
        size = torch.maximum(
            action[:, :3].norm(dim=-1) / TRANSLATION_LIMIT_M, action[:, 3:6].norm(dim=-1) / ROTATION_LIMIT_RAD
        )
        sizes = torch.bucketize(size, torch.tensor(_EDGES))
        groups = data.skill[rows] * (len(_EDGES) + 1) + sizes
        counts = torch.bincount(groups).double()
        self._upto = counts[groups].pow(-_EVENNESS).cumsum(0)

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw `count` rows."""
        at = torch.rand(count, generator=generator, dtype=torch.float64) * self._upto[-1]
        return self.rows[torch.searchsorted(self._upto, at).clamp_max(len(self.rows) - 1)]
