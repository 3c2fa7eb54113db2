"""Rare motions come up more often than they were recorded, and nothing else does."""

from __future__ import annotations

import dataclasses

import torch

from vplanner_models.arrays import EpisodeArrays
from vplanner_models.dataset import TrainingSet
from vplanner_models.sampling import RowSampler


def test_only_the_given_rows_are_drawn(arrays: EpisodeArrays) -> None:
    data = TrainingSet.of(arrays)
    rows = data.training_rows[::3]
    drawn = RowSampler(data, rows).draw(500, torch.Generator().manual_seed(0))
    assert set(drawn.tolist()) <= set(rows.tolist())


def test_a_rare_motion_is_drawn_more_often_than_recorded(arrays: EpisodeArrays) -> None:
    data = TrainingSet.of(arrays)
    action = torch.zeros_like(data.action)
    action[:, 0] = 0.05
    rare = data.training_rows[:2]
    action[rare, 0] = 0.01
    data = dataclasses.replace(data, action=action, skill=torch.zeros_like(data.skill))
    drawn = RowSampler(data, data.training_rows).draw(4000, torch.Generator().manual_seed(0))
    share = float(torch.isin(drawn, rare).float().mean())
    recorded = len(rare) / len(data.training_rows)
    assert 1.5 * recorded < share < 0.5
