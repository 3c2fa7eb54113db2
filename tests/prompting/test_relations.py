"""Left, right, in front and behind as the robot sees them, which looks along +x."""

from __future__ import annotations

import numpy as np
import pytest

from vplanner.prompting.relations import in_turn, related
from vplanner.types import GroundedObject

PLACES = {"left": (0.5, 0.2), "right": (0.5, -0.2), "front": (0.35, 0.0), "back": (0.65, 0.0)}
THINGS = [GroundedObject(name, (), np.array([x, y, 0.02], np.float32), 0.9) for name, (x, y) in PLACES.items()]
MIDDLE = np.array([0.5, 0.0, 0.02], np.float32)


@pytest.mark.parametrize(
    ("where", "name"), [("left_of", "left"), ("right_of", "right"), ("in_front_of", "front"), ("behind", "back")]
)
def test_a_direction_finds_what_stands_there_and_the_outermost(where: str, name: str) -> None:
    assert [thing.label for thing in related(THINGS, where, MIDDLE)] == [name]
    assert [thing.label for thing in related(THINGS, where, None)] == [name]


def test_nearest_and_farthest_are_measured_from_the_anchor_or_the_robot() -> None:
    by_left = np.array([0.5, 0.15, 0.0], np.float32)
    assert related(THINGS, "nearest", by_left)[0].label == "left"
    assert related(THINGS, "farthest", by_left)[0].label == "right"
    assert related(THINGS, "nearest", None)[0].label == "front"


def test_two_that_stand_alike_are_both_named_and_nothing_there_is_nothing() -> None:
    twins = [
        GroundedObject(n, (), np.array([0.5 + d, 0.1, 0.0], np.float32), 0.9) for n, d in (("a", 0.03), ("b", -0.03))
    ]
    assert {thing.label for thing in related(twins, "left_of", MIDDLE)} == {"a", "b"}
    assert related(twins, "right_of", MIDDLE) == []
    assert related([], "nearest", None) == []


def test_next_to_is_close_by() -> None:
    far = np.array([0.5, 1.0, 0.0], np.float32)
    assert related(THINGS, "next_to", far) == []
    assert "left" in [thing.label for thing in related(THINGS, "next_to", MIDDLE + np.array([0, 0.1, 0], np.float32))]


def test_several_are_dealt_with_from_the_robot_outwards() -> None:
    assert in_turn(THINGS)[0].label == "front" and in_turn(THINGS)[-1].label == "back"
