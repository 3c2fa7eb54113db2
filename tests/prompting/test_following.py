"""What the hand holds or pushes moves with the hand, since its fingers hide it from the cameras."""

from __future__ import annotations

import numpy as np
import pytest

from vplanner.prompting.following import carried, pushed, steadied
from vplanner.transforms import quat_from_matrix, so3_exp
from vplanner.types import CameraFrame, CameraModel, GroundedObject, GroundedPoint, Observation, RobotState

_HAND = np.array([0.5, 0.0, 0.05], np.float32)


def _robot(position: np.ndarray, opening: float, yaw: float = 0.0) -> RobotState:
    quat = quat_from_matrix(so3_exp([0.0, 0.0, yaw])).astype(np.float32)
    return RobotState(np.zeros(7, np.float32), position.astype(np.float32), quat, opening)


def _seen(robot: RobotState) -> Observation:
    camera = CameraModel(np.eye(3, dtype=np.float32), np.eye(4, dtype=np.float32))
    return Observation(0.0, (CameraFrame("front", np.zeros((64, 64, 3), np.uint8), camera),), robot)


@pytest.mark.parametrize(
    ("opening", "offset", "moves"),
    [(0.5, 0.01, True), (1.0, 0.01, False), (0.0, 0.01, False), (0.5, 0.05, False)],
    ids=["held", "open", "closed on nothing", "beside the hand"],
)
def test_only_what_is_between_the_fingers_is_carried(opening: float, offset: float, moves: bool) -> None:
    thing = GroundedObject("red cube", (), _HAND + np.array([0.0, offset, 0.0], np.float32), 0.9)
    lifted = _robot(_HAND + [0.03, 0.0, 0.08], opening)
    found = carried(_seen(lifted), thing, _robot(_HAND, 1.0)).position
    moved = thing.position + (lifted.position - _HAND if moves else 0)
    np.testing.assert_allclose(found, moved, atol=1e-6)


def test_what_is_held_turns_with_the_hand() -> None:
    thing = GroundedObject("green peg", (), _HAND + np.array([0.02, 0.0, 0.0], np.float32), 0.9)
    found = carried(_seen(_robot(_HAND, 0.3, yaw=np.pi / 2)), thing, _robot(_HAND, 0.3)).position
    np.testing.assert_allclose(found, _HAND + [0.0, 0.02, 0.0], atol=1e-6)


@pytest.mark.parametrize(
    ("offset", "rise", "pushed_to"),
    [((0.04, 0.0), 0.0, 0.062), ((0.04, 0.035), 0.0, 0.04), ((-0.02, 0.0), 0.0, -0.02), ((0.04, 0.0), 0.1, 0.04)],
    ids=["in the way", "beside the way", "behind the hand", "below the hand"],
)
def test_what_is_in_the_way_of_the_hand_slides_ahead(
    offset: tuple[float, float], rise: float, pushed_to: float
) -> None:
    thing = GroundedObject("red cube", (), _HAND + np.array([*offset, 0.0], np.float32), 0.9)
    moved = _robot(_HAND + [0.03, 0.0, rise], 0.0)
    found = pushed(_seen(moved), thing, _robot(_HAND + [0.0, 0.0, rise], 0.0)).position
    np.testing.assert_allclose(found - _HAND, [pushed_to, offset[1], 0.0], atol=1e-6)


@pytest.mark.parametrize(
    ("shift", "hand_off", "followed"),
    [(0.01, 0.05, 0.1), (0.01, 0.3, 0.5), (0.05, 0.05, 1.0)],
    ids=["hand beside it", "hand far away", "moved for certain"],
)
def test_what_is_not_acted_on_is_believed_slowly_while_the_hand_is_beside_it(
    shift: float, hand_off: float, followed: float
) -> None:
    point = GroundedPoint("front", 0.4, 0.4)
    old = GroundedObject("blue bowl", (point,), _HAND, 0.9)
    new = GroundedObject("blue bowl", (GroundedPoint("front", 0.5, 0.4),), _HAND + np.float32([shift, 0, 0]), 0.9)
    seen = _seen(_robot(_HAND + [0.0, 0.0, hand_off], 1.0))
    found = steadied(seen, old, new)
    np.testing.assert_allclose(found.position - _HAND, [followed * shift, 0, 0], atol=1e-6)
    assert found.points[0].u == pytest.approx(0.4 + followed * 0.1)
