from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vplanner.errors import SafetyError
from vplanner.safety import SafetyFilter, SafetyLimits
from vplanner.types import ActionChunk, RobotState

LIMITS = SafetyLimits()


def state(position: tuple[float, float, float] = (0.5, 0.0, 0.2)) -> RobotState:
    return RobotState(np.zeros(7, dtype=np.float32), np.array(position, dtype=np.float32), np.eye(4)[1], 1.0)


@given(arrays(np.float32, (4, 7), elements=st.floats(-2, 2, width=32, allow_subnormal=False)))
def test_whatever_comes_in_only_safe_steps_come_out(steps: np.ndarray) -> None:
    robot = state()
    safe = SafetyFilter(LIMITS).apply(ActionChunk(steps, 0.2), robot).chunk.steps
    assert (np.linalg.norm(safe[:, :3], axis=1) <= LIMITS.translation_m + 1e-6).all()
    assert (np.linalg.norm(safe[:, 3:6], axis=1) <= LIMITS.rotation_rad + 1e-6).all()
    assert (safe[:, 6] >= 0.0).all() and (safe[:, 6] <= 1.0).all()
    assert (LIMITS.outside_m(robot.position + np.cumsum(safe[:, :3], axis=0)) < 1e-5).all()


@given(arrays(np.float32, (4, 7), elements=st.floats(0, 1 / 64, width=32, allow_subnormal=False)))
def test_safe_steps_pass_unchanged(steps: np.ndarray) -> None:
    result = SafetyFilter(LIMITS).apply(ActionChunk(steps, 0.2), state())
    np.testing.assert_array_equal(result.chunk.steps, steps)
    assert result.changes == ()


def test_changes_are_told() -> None:
    steps = np.zeros((2, 7), dtype=np.float32)
    steps[0, :3], steps[0, 6], steps[1, 3], steps[1, 6] = [0.0, 0.0, -0.5], 1.00005, 1.0, -0.25
    changes = SafetyFilter(LIMITS).apply(ActionChunk(steps, 0.2), state((0.5, 0.0, 0.02))).changes
    assert len(changes) == 4
    assert "translation 0.500 m cut to 0.050 m" in changes[0]
    assert "left the workspace, moved by 30.0 mm" in changes[1]
    assert "rotation 1.000 rad" in changes[2]
    assert changes[3] == "step 1: gripper opening -0.250 brought to 0"


def test_an_arm_outside_the_workspace_may_come_back_slowly_but_not_go_further() -> None:
    steps = np.zeros((2, 7), dtype=np.float32)
    steps[0, 0], steps[1, 0] = 0.04, -0.04
    outside = state((0.9, 0.0, 0.2))
    safe = SafetyFilter(LIMITS).apply(ActionChunk(steps, 0.2), outside).chunk.steps
    np.testing.assert_allclose(safe[:, 0], [0.0, -0.04], atol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_commands_that_are_not_finite_are_refused(bad: float) -> None:
    steps = np.zeros((4, 7), dtype=np.float32)
    steps[2, 5] = bad
    with pytest.raises(SafetyError, match="step 2, element 5"):
        SafetyFilter(LIMITS).apply(ActionChunk(steps, 0.2), state())


def test_malformed_commands_are_refused() -> None:
    with pytest.raises(SafetyError, match=r"\(4, 6\); it must be \(T, 7\)"):
        SafetyFilter(LIMITS).apply(ActionChunk(np.zeros((4, 6), dtype=np.float32), 0.2), state())
    with pytest.raises(SafetyError, match="TCP position is not finite"):
        SafetyFilter(LIMITS).apply(ActionChunk(np.zeros((4, 7), dtype=np.float32), 0.2), state((np.nan, 0.0, 0.0)))
