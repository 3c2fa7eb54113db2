"""Deviations from the expert stay within the limits and leave it time to recover."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vplanner.data.behaviours import MAX_ROTATION_RAD, MAX_TRANSLATION_M, Behaviour, limit_step, make_actor

_WANTED = np.array([0.01, 0.0, -0.02, 0.0, 0.1, 0.0, 1.0], np.float32)
_HERE = np.array([0.5, 0.0, 0.2], np.float32)
_OBJECTS = [np.array([0.45, 0.1, 0.02], np.float32), np.array([0.6, -0.1, 0.02], np.float32)]


@given(arrays(np.float64, 7, elements=st.floats(-3, 3)))
def test_limited_step_keeps_its_direction(step: np.ndarray) -> None:
    limited = limit_step(step)
    assert limited.dtype == np.float32
    for part, limit in ((slice(0, 3), MAX_TRANSLATION_M), (slice(3, 6), MAX_ROTATION_RAD)):
        assert np.linalg.norm(limited[part]) <= limit * (1 + 1e-5)
        assert np.linalg.norm(np.cross(limited[part], step[part])) < 1e-5
    np.testing.assert_allclose(limit_step(limited), limited, rtol=1e-5)


def test_expert_does_what_it_wants() -> None:
    actor = make_actor(Behaviour.EXPERT, np.random.default_rng(0))
    np.testing.assert_array_equal(actor.act(_WANTED, _HERE, _OBJECTS), _WANTED)


@pytest.mark.parametrize("seed", range(20))
def test_disturbed_expert_has_a_whole_window_of_clean_steps_after_each_burst(seed: int) -> None:
    actor = make_actor(Behaviour.NOISY, np.random.default_rng(seed))
    noisy = [not np.array_equal(actor.act(_WANTED, _HERE, _OBJECTS), _WANTED) for _ in range(400)]
    runs = [(burst, len(list(run))) for burst, run in groupby(noisy)]
    assert all(length <= 4 for burst, length in runs if burst)
    assert all(length >= 4 for burst, length in runs[1:] if not burst)
    assert sum(burst for burst, _ in runs) in (8, 9)


@pytest.mark.parametrize("seed", range(10))
def test_expert_takes_over_from_the_student_for_a_whole_window(seed: int) -> None:
    asked: list[bool] = []

    def student(fresh: bool) -> np.ndarray:
        asked.append(fresh)
        return 2 * _WANTED

    actor = make_actor(Behaviour.HANDOVER, np.random.default_rng(seed), student)
    acts = [not np.array_equal(actor.act(_WANTED, _HERE, _OBJECTS), _WANTED) for _ in range(200)]
    runs = [(own, len(list(run))) for own, run in groupby(acts)]
    assert runs[0][0], "the student begins"
    assert all(length >= 4 for own, length in runs[:-1] if not own)
    assert sum(asked) == sum(own for own, _ in runs), "it is told once after each time the expert acted"
    assert asked[0]


def test_handover_without_a_student_is_refused() -> None:
    with pytest.raises(ValueError, match="student"):
        make_actor(Behaviour.HANDOVER, np.random.default_rng(0))


def test_play_is_smooth_and_comes_near_the_objects() -> None:
    nearest = []
    for seed in range(5):
        actor = make_actor(Behaviour.PLAY, np.random.default_rng(seed))
        position, last = _HERE.copy(), np.zeros(3)
        for _ in range(40):
            step = limit_step(actor.act(_WANTED, position, _OBJECTS))
            assert np.isfinite(step).all() and np.linalg.norm(step[:3] - last) < 0.09
            position, last = position + step[:3], step[:3]
            nearest.append(min(np.linalg.norm(position - thing) for thing in _OBJECTS))
    assert np.quantile(nearest, 0.3) < 0.08
