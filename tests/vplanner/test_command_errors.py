"""Errors of commands in centimetres and degrees, and where they are measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vplanner.bundle import load_bundle
from vplanner.command_errors import command_errors, measure_commands


def test_exact_commands_have_no_error() -> None:
    steps = np.random.default_rng(0).normal(0.0, 0.02, (30, 7)).astype(np.float32)
    errors = command_errors(steps, steps)
    assert errors.steps == 30
    assert errors.translation_cm.p95 == 0.0
    assert errors.rotation_deg.p95 < 1e-3
    assert errors.gripper_right == 1.0


def test_errors_are_centimetres_and_degrees() -> None:
    true = np.zeros((40, 7), dtype=np.float32)
    found = true.copy()
    found[:, 1], found[:, 5], found[:10, 6] = 0.02, np.deg2rad(3.0), 1.0
    errors = command_errors(true, found)
    assert errors.translation_cm.p50 == pytest.approx(2.0, abs=1e-3)
    assert errors.rotation_deg.p95 == pytest.approx(3.0, abs=1e-3)
    assert errors.gripper_right == 0.75


def test_every_whole_window_of_an_expert_episode_counts(bundle_folder: Path) -> None:
    windows = list(measure_commands(load_bundle(bundle_folder), ("reach",), 1, 100_000, unseen=True))
    again = list(measure_commands(load_bundle(bundle_folder), ("reach",), 1, 100_000, unseen=False))
    assert windows
    assert all(part.shape == (4, 7) for window in windows for part in window)
    for (first, _, _), (second, _, _) in zip(windows[1:], windows, strict=False):
        np.testing.assert_array_equal(first[:-1], second[1:])
    assert not np.array_equal(windows[0][1], again[0][1]), "tables and lights differ"
