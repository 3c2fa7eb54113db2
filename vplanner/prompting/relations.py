"""Which of some things stands where the words say: by places in the robot's base frame, as the robot sees them.

The robot looks along +x: `left` is +y, `behind` a thing is further from the robot, `in front of` it is nearer. That is
also how a drawer, which opens towards the robot, has its front. The front camera looks the other way: what is to the
left for the robot is on the right of that picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from vplanner.prompting.structure import BETWEEN, FARTHEST, NEAREST
from vplanner.types import Float, GroundedObject

_LEAST_WAY_M = 0.01
_CLEARLY = 1.4
_BESIDE_M = 0.2
_BETWEEN = (0.1, 0.9)
_ASIDE = 0.7
_WAYS: dict[str, tuple[float, float]] = {
    "left_of": (0.0, 1.0), "right_of": (0.0, -1.0), "in_front_of": (-1.0, 0.0), "behind": (1.0, 0.0),
}  # fmt: skip


def related(
    things: Sequence[GroundedObject], where: str, anchor: Float | None, second: Float | None = None
) -> list[GroundedObject]:
    """The things that stand `where` from `anchor` (3,) [m], or outermost that way where there is none.

    Nearest, farthest and next to give one thing; so do directions when one of several is clearly closer to the anchor,
    and between, which asks for a `second` anchor (3,) [m], when one is clearly closer to the line from one to the
    other.
    """
    if not things:
        return []
    if where == BETWEEN:
        return [] if anchor is None or second is None else _between(things, anchor, second)
    origin = np.zeros(2) if anchor is None else np.asarray(anchor[:2], dtype=float)
    away = [float(np.linalg.norm(thing.position[:2] - origin)) for thing in things]
    if where in (NEAREST, FARTHEST):
        return [things[int(np.argmin(away) if where == NEAREST else np.argmax(away))]]
    if where in _WAYS:
        along = [float(np.dot(thing.position[:2] - origin, _WAYS[where])) for thing in things]
        if anchor is None:
            return [things[int(np.argmax(along))]]
        there = [i for i, way in enumerate(along) if way > _LEAST_WAY_M]
        straight = [i for i in there if along[i] >= 0.7 * away[i]]
        return _closest(things, away, straight or there)
    return _closest(things, away, [i for i, distance in enumerate(away) if distance < _BESIDE_M])[:1]


def _between(things: Sequence[GroundedObject], one: Float, other: Float) -> list[GroundedObject]:
    """The thing closest to the middle of those that are neither before the one, behind the other, nor far aside."""
    way = np.asarray(other[:2] - one[:2], dtype=float)
    length = float(np.linalg.norm(way))
    if length == 0.0:
        return []
    from_one = [np.asarray(thing.position[:2] - one[:2], dtype=float) for thing in things]
    off = [float(np.linalg.norm(where - 0.5 * way)) for where in from_one]
    shares = [float(where @ way) / length**2 for where in from_one]
    inside = [i for i, share in enumerate(shares) if _BETWEEN[0] < share < _BETWEEN[1] and off[i] < _ASIDE * length]
    return _closest(things, off, inside)


def in_turn(things: Sequence[GroundedObject]) -> list[GroundedObject]:
    """Things in the order in which they are dealt with: from the robot outwards, so that nothing is in the way."""
    distance: Callable[[GroundedObject], float] = lambda thing: float(np.linalg.norm(thing.position[:2]))  # noqa: E731
    return sorted(things, key=distance)


def _closest(things: Sequence[GroundedObject], away: list[float], places: list[int]) -> list[GroundedObject]:
    ordered = sorted(places, key=lambda i: away[i])
    if len(ordered) > 1 and away[ordered[1]] > _CLEARLY * away[ordered[0]]:
        ordered = ordered[:1]
    return [things[i] for i in ordered]
