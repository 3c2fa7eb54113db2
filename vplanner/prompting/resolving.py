"""Finds what the steps of an instruction are about in the pictures, and makes sub-goals of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from vplanner.errors import PromptRefusedError
from vplanner.prompting.finding import Finder
from vplanner.prompting.following import LEAST_CONFIDENCE, apart_m
from vplanner.prompting.mentions import HANDLE
from vplanner.prompting.reading import Phrase
from vplanner.prompting.relations import in_turn, related
from vplanner.prompting.structure import ANY_THING, GRIPPER, ROBOT, Relation, Step, Thing
from vplanner.prompting.vocabulary import ANY_COLOUR, Role, Vocabulary
from vplanner.types import Float, GroundedObject, Observation, Skill, SubGoal

WORDING = {
    Skill.REACH: "reach the {s}",
    Skill.PUSH: "push the {s} to the {t}",
    Skill.PICK_PLACE: "put the {s} in the {t}",
    Skill.STACK: "stack the {s} on the {t}",
    Skill.PRESS: "press the {s}",
    Skill.OPEN_DRAWER: "open the {s}",
    Skill.CLOSE_DRAWER: "close the {s}",
    Skill.TURN_LEVER: "turn the {s}",
    Skill.POUR: "pour the {s} into the {t}",
    Skill.INSERT: "insert the {s} in the {t}",
}
"""How a sub-goal is said in words of its own, which the reader reads back as just that."""
_MOST_SUB_GOALS = 12
_SAME_M = 0.03


class Resolver:
    """Grounds the steps of one instruction in one observation."""

    def __init__(self, vocabulary: Vocabulary, finder: Finder, observation: Observation) -> None:
        """Look with `finder` at what `observation` shows."""
        self._words = vocabulary
        self._finder = finder
        self._observation = observation
        self._used: list[GroundedObject] = []
        self._seen: dict[str, list[GroundedObject]] = {}

    def sub_goals(self, steps: Sequence[Step]) -> list[SubGoal]:
        """One sub-goal for each step, or for each thing where a step is about several.

        Raises:
            PromptRefusedError: Something that is named is not in view, or could be one of several.
        """
        self._seen = self._finder.every(self._observation, self._asked_for(steps))
        found: list[SubGoal] = []
        for step in steps:
            found.extend(self._best_guess(step))
        if len(found) > _MOST_SUB_GOALS:
            raise PromptRefusedError(f"that is {len(found)} things to do; ask for {_MOST_SUB_GOALS} at most")
        return found

    def _asked_for(self, steps: Sequence[Step]) -> list[str]:
        """The kinds of points that any of the steps needs."""
        points: dict[str, None] = {}
        roles: tuple[Role, Role] = ("source", "target")
        for step in steps:
            allowed = self._words.affordances[step.skill]
            for role, thing in zip(roles, (step.source, step.target or step.source), strict=True):
                nouns = allowed.targets if role == "target" and step.target is not None else allowed.sources
                named = self._nouns(thing, nouns)
                points.update(dict.fromkeys(self._finder.point(noun, role, bool(step.target)) for noun in named))
                relation = thing.relation or Relation("")
                for anchor in (relation.anchor, relation.second):
                    if anchor is not None and anchor.noun not in (ROBOT, GRIPPER):
                        named = self._nouns(anchor, self._words.nouns)
                        points.update(dict.fromkeys(self._finder.point(noun, "source") for noun in named))
        return list(points)

    def _nouns(self, thing: Thing, allowed: tuple[str, ...]) -> tuple[str, ...]:
        """What a thing may be of those `allowed`; a handle is that of a drawer or a lever."""
        if thing.noun == HANDLE:
            return tuple(noun for noun in self._words.nouns if noun in self._words.parts)
        return (thing.noun,) if thing.noun in self._words.nouns else allowed

    def _best_guess(self, step: Step) -> list[SubGoal]:
        """The sub-goals of a step; where nouns go unsaid, what is in view may say that another skill is meant."""
        try:
            return self._ground(step)
        except PromptRefusedError:
            said = [thing for thing in (step.source, step.target) if thing is not None]
            if not any(thing.guessed for thing in said):
                raise
            fitting: list[list[SubGoal]] = []
            for skill in self._words.skills:
                with suppress(PromptRefusedError):
                    fitting.extend(self._as_skill(skill, step.source, step.target))
            if len(fitting) != 1:
                raise
            return fitting[0]

    def _as_skill(self, skill: Skill, source: Thing, target: Thing | None) -> list[list[SubGoal]]:
        """What a skill makes of a source and a target of which guessed nouns may be others; nothing where it cannot."""
        allowed = self._words.affordances[skill]
        step = Step(skill, _unnamed(source), None if target is None else _unnamed(target))
        fits = step.source.noun in (ANY_THING, *allowed.sources) and bool(allowed.targets) == (step.target is not None)
        if step.target is not None:
            fits = fits and step.target.noun in (ANY_THING, *allowed.targets)
        if not fits or skill is Skill.REACH:
            return []
        missing = [point for point in self._asked_for([step]) if point not in self._seen]
        if missing:
            self._seen |= self._finder.every(self._observation, missing)
        return [self._ground(step)]

    def _ground(self, step: Step) -> list[SubGoal]:
        allowed = self._words.affordances[step.skill]
        source = step.source
        if step.target is not None and step.target.same_colour and source.colour == ANY_COLOUR:
            source = replace(source, every=True)  # each has its own target
        sources = self._find(source, allowed.sources, "source")
        if step.target is None:
            found = [(source, self._other_point(source)) for source in sources]
        else:
            found = self._pairs(step, step.target, sources)
        self._used.extend(sources)
        return [self._sub_goal(step.skill, source, target) for source, target in found]

    def _pairs(
        self, step: Step, target: Thing, sources: list[GroundedObject]
    ) -> list[tuple[GroundedObject, GroundedObject]]:
        allowed = self._words.affordances[step.skill].targets
        found: list[tuple[GroundedObject, GroundedObject]] = []
        missing = ""
        for source in sources:
            wanted = target
            if target.same_colour:
                wanted = replace(target, colour=_colour_of(source), every=False, same_colour=False)
            try:
                (place, *_) = self._find(replace(wanted, every=False), allowed, "target", but=source)
            except PromptRefusedError as error:
                if not (target.same_colour and len(sources) > 1):
                    raise
                missing = str(error)
                continue
            found.append((source, place))
        if not found:
            raise PromptRefusedError(missing)
        return found

    def _other_point(self, source: GroundedObject) -> GroundedObject:
        """The point that stands for a thing as a target, which for most things is that of the source."""
        noun = _noun_of(source)
        point = next((parts.target for parts in self._words.parts.values() if parts.source == noun), noun)
        if point == noun:
            return source
        near = sorted(self._seen.get(point, ()), key=lambda found: apart_m(found, source))
        return near[0] if near else self._finder.one(self._observation, Phrase(point, _colour_of(source)))

    def _sub_goal(self, skill: Skill, source: GroundedObject, target: GroundedObject) -> SubGoal:
        names = (self._spoken(thing.label) for thing in (source, target))
        return SubGoal(skill, WORDING[skill].format(**dict(zip("st", names, strict=True))), source, target)

    def _spoken(self, label: str) -> str:
        """A label with the noun that people say, `drawer` for `drawer_handle`."""
        colour, _, noun = label.rpartition(" ")
        for name, parts in self._words.parts.items():
            if noun in (parts.source, parts.target):
                noun = name
        return f"{colour} {noun}".strip()

    def _find(
        self, thing: Thing, allowed: tuple[str, ...], role: Role, but: GroundedObject | None = None
    ) -> list[GroundedObject]:
        """What is in view that the words fit: one thing, or all of them where all are meant."""
        nouns = self._nouns(thing, allowed)
        seen = [found for noun in nouns for found in self._seen[self._finder.point(noun, role)]]
        fitting = [found for found in seen if self._fits(found, thing, but)]
        if not fitting and thing.colour != ANY_COLOUR:
            fitting = [found for found in self._by_name(nouns, thing, role) if self._fits(found, thing, but)]
        if not fitting:
            raise PromptRefusedError(f"I see no {_without_place(thing).label}; {self._what_is_there()}")
        if thing.relation is not None:
            fitting = self._placed(fitting, thing, thing.relation)
        if thing.every:
            return in_turn(fitting)
        if len(fitting) > 1:
            options = " or the ".join(self._spoken(found.label) for found in fitting)
            kind = nouns[0] if len(nouns) == 1 else ANY_THING
            blind = f"; I cannot tell which is '{thing.unjudged}'" if thing.unjudged else ""
            raise PromptRefusedError(
                f"there are {len(fitting)} of the kind '{kind}': the {options}{blind}? Name the colour, or where it is"
            )
        return fitting

    def _fits(self, found: GroundedObject, thing: Thing, but: GroundedObject | None) -> bool:
        colour = _colour_of(found)
        taken = [*(self._used if thing.other else []), *([but] if but is not None else [])]
        return (
            (thing.colour in (ANY_COLOUR, colour))
            and colour not in thing.not_colours
            and all(not _is_same(found, used) for used in taken)
        )

    def _by_name(self, nouns: tuple[str, ...], thing: Thing, role: Role) -> list[GroundedObject]:
        """Those that are seen when their colour is asked for, though they may look more like another one."""
        asked = [Phrase(self._finder.point(noun, role), thing.colour) for noun in nouns]
        found = (self._finder.one(self._observation, phrase) for phrase in asked)
        return [thing for thing in found if thing.confidence >= LEAST_CONFIDENCE]

    def _placed(self, things: list[GroundedObject], thing: Thing, relation: Relation) -> list[GroundedObject]:
        ends: list[Float | None] = []
        for anchor in (relation.anchor, relation.second):
            place = None if anchor is None else self._place_of(anchor)
            if anchor is not None and place is not None and anchor.noun not in (ROBOT, GRIPPER):
                things = [found for found in things if not _is_at(found, place)]
            ends.append(place)
        found = related(things, relation.where, *ends)
        if not found:
            raise PromptRefusedError(f"I see no {thing.label}, as the robot sees it; {self._what_is_there()}")
        return found

    def _place_of(self, anchor: Thing) -> Float:
        """Where (3,) [m] the thing is that others are named by."""
        if anchor.noun == ROBOT:
            return np.zeros(3, dtype=np.float32)
        if anchor.noun == GRIPPER:
            return self._observation.robot.position
        return self._find(anchor, self._words.nouns, "source")[0].position

    def _what_is_there(self) -> str:
        names = [self._spoken(thing.label) for thing in self._finder.inventory(self._observation)]
        return f"in view: {', '.join(dict.fromkeys(names))}" if names else "nothing that I know is in view"


def _is_at(found: GroundedObject, place: Float) -> bool:
    return float(np.linalg.norm(found.position - place)) <= _SAME_M


def _unnamed(thing: Thing) -> Thing:
    return thing.called(ANY_THING) if thing.guessed else thing


def _without_place(thing: Thing) -> Thing:
    return replace(thing, relation=None, every=False)


def _colour_of(found: GroundedObject) -> str:
    return found.label.rpartition(" ")[0] or ANY_COLOUR


def _noun_of(found: GroundedObject) -> str:
    return found.label.rpartition(" ")[2]


def _is_same(one: GroundedObject, other: GroundedObject) -> bool:
    return one.label == other.label or apart_m(one, other) < _SAME_M
