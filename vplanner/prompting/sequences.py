"""What steps that follow each other make of one another: their order, one said twice, towers, and drawers to open."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from vplanner.prompting.structure import Step, Thing
from vplanner.prompting.vocabulary import ANY_COLOUR
from vplanner.types import Skill

_AT_ONE_PLACE = (Skill.PRESS, Skill.OPEN_DRAWER, Skill.CLOSE_DRAWER, Skill.TURN_LEVER)


def with_open_drawers(steps: list[Step]) -> list[Step]:
    """The steps, with the drawer opened before something is put into it, and closed once at most."""
    found: list[Step] = []
    for i, step in enumerate(steps):
        opened = any(earlier.skill is Skill.OPEN_DRAWER for earlier in found)
        if step.target is not None and step.target.noun == "drawer" and not opened:
            found.append(Step(Skill.OPEN_DRAWER, step.target))
        closes_later = any(later.skill is Skill.CLOSE_DRAWER for later in steps[i + 1 :])
        if not (step.skill is Skill.CLOSE_DRAWER and closes_later):
            found.append(step)
    return found


def goes_on(before: Step, step: Step, named: bool) -> bool:
    """Whether a step says in other words, or more exactly, what the step before it said."""
    if not (
        _agree(before.source, step.source) and not (named and before.source == step.source and step.target is None)
    ):
        return False
    if before.skill is step.skill:
        both = before.target is not None and step.target is not None and _agree(before.target, step.target)
        return before.target is None or (both and not named)
    return before.skill is Skill.REACH and step.skill in _AT_ONE_PLACE and not named


def _agree(one: Thing, other: Thing) -> bool:
    return one.noun == other.noun and (one.colour == other.colour or ANY_COLOUR in (one.colour, other.colour))


def finer(before: Step, step: Step) -> Step:
    """The later step, with what only the earlier one said of its things."""
    source = before.source if step.source.colour == ANY_COLOUR else step.source
    target = step.target
    if target is not None and before.target is not None and target.colour == ANY_COLOUR:
        target = before.target
    return replace(step, source=source, target=target)


def tower(roles: dict[str, list[Thing]]) -> list[Step]:
    """The steps that put the middle cube on the lowest, and the highest on the middle one."""
    levels = [(roles[role] or [Thing("cube")])[0].called("cube") for role in ("low", "middle", "high")]
    if not roles["middle"]:
        return [Step(Skill.STACK, levels[2], levels[0])]
    return [Step(Skill.STACK, upper, lower) for lower, upper in pairwise(levels)]


def in_order(groups: list[list[Step]], begins: list[str]) -> list[list[Step]]:
    """The groups with those that begin `earlier` before the one that was said before them."""
    ordered: list[list[Step]] = []
    for group, begin in zip(groups, begins, strict=True):
        ordered.insert(len(ordered) - 1 if begin == "earlier" and ordered else len(ordered), group)
    return ordered
