"""The prompter that a bundle carries: a small text network and a small vision network."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace

from vplanner.backends import BackendConfig
from vplanner.bundle import Bundle
from vplanner.errors import InputError
from vplanner.placing import placed
from vplanner.prompting.finding import Finder, as_phrase
from vplanner.prompting.following import (
    JUMP_M,
    SURE,
    apart_m,
    carried,
    first_met,
    followed,
    pushed,
    steadied,
)
from vplanner.prompting.locating import Locator
from vplanner.prompting.places import Place, first_place, moved, seen
from vplanner.prompting.reading import Phrase, Reader
from vplanner.prompting.resolving import Resolver
from vplanner.prompting.structure import Reading
from vplanner.prompting.vocabulary import Vocabulary, load_vocabulary
from vplanner.types import GroundedObject, Observation, RobotState, Skill, SubGoal


@dataclass(frozen=True, slots=True)
class _Tracked:
    """A sub-goal as it was tracked last, the arm at that moment, and how well the places are known.

    `met` says whether source and target were seen since the sub-goal began; until then, they may be anywhere.
    """

    sub_goal: SubGoal
    robot: RobotState
    places: tuple[Place, Place] | None
    met: tuple[bool, bool]


class EmbeddedPrompter:
    """Reads instructions of a fixed set of skills, in free wording, and finds what they name in the pictures."""

    def __init__(self, bundle: Bundle, backend: BackendConfig) -> None:
        """Open the networks.

        Args:
            bundle: Holds the prompter's networks and vocabulary.
            backend: How to run them.

        Raises:
            BundleError: A network or the vocabulary is missing or damaged.
        """
        self._vocabulary = load_vocabulary(bundle)
        self._reader = Reader(bundle, backend, self._vocabulary)
        self._finder = Finder(Locator(bundle, backend, self._vocabulary), self._vocabulary)
        self._last: _Tracked | None = None

    def fresh(self) -> EmbeddedPrompter:
        """The same networks without what this one remembers, for an episode that runs beside others."""
        other = copy(self)
        other._last = None
        return other

    @property
    def vocabulary(self) -> Vocabulary:
        """What it knows to name and to do."""
        return self._vocabulary

    def read(self, instruction: str) -> Reading:
        """What the words ask for, whatever is in view. Raises `PromptRefusedError` when that is nothing known."""
        return self._reader.read(instruction)

    def plan(self, observation: Observation, instruction: str) -> list[SubGoal]:
        """The sub-goals in order, each with source and target found in the pictures, and words of its own.

        Raises:
            PromptRefusedError: The words name nothing that can be done, or nothing (or too much) that is in view.
            ObservationError: The observation is malformed.
        """
        steps = self._reader.read(instruction).steps
        return Resolver(self._vocabulary, self._finder, observation).sub_goals(steps)

    def track(self, observation: Observation, sub_goal: SubGoal) -> SubGoal:
        """The sub-goal with its points where the things are seen now.

        What is hardly seen stays where it was, or where the hand has carried or pushed it since this sub-goal was last
        tracked. An earlier sub-goal may have moved its things: they are taken wherever they are seen first.
        """
        goes_on = self._last is not None and self._last.sub_goal is sub_goal
        met = self._last.met if self._last is not None and goes_on else (False, False)
        phrases = [self._phrase(thing.label) for thing in (sub_goal.source, sub_goal.target)]
        found = self._finder.locate(observation, phrases[:1] if phrases[0] == phrases[1] else phrases)
        old_source, old_target = self._moved_by_hand(observation, sub_goal)
        if sub_goal.skill is Skill.PUSH and goes_on:
            return self._track_on_table(observation, sub_goal, found)
        source = (followed if met[0] else first_met)(observation, old_source, found[0])
        target = (followed if met[1] else first_met)(observation, old_target, found[-1])
        if len(found) > 1 and met[1]:
            target = steadied(observation, old_target, target)
        met = met[0] or source is found[0], met[1] or target is found[-1]
        return self._remember(observation, sub_goal, source, target, met=met)

    def _track_on_table(self, observation: Observation, sub_goal: SubGoal, found: list[GroundedObject]) -> SubGoal:
        """As `track`, for things that slide: the hand stands before them, and each camera sees another part."""
        known = self._last.places if self._last is not None else None
        source, target = known or (first_place(sub_goal.source.position), first_place(sub_goal.target.position))
        hand = observation.robot.position
        pushed_to = self._moved_by_hand(observation, sub_goal)[0]
        source = seen(
            moved(source, pushed_to.position - sub_goal.source.position, hand), observation.frames, found[0], SURE
        )
        target = seen(target, observation.frames, found[-1], SURE)
        things = (
            placed(observation, replace(found[0], label=sub_goal.source.label), source.position),
            placed(observation, replace(found[-1], label=sub_goal.target.label), target.position),
        )
        return self._remember(observation, sub_goal, *things, (source, target))

    def track_foreign(self, observation: Observation, sub_goal: SubGoal) -> SubGoal:
        """As `track`, for points that another prompter found and named.

        They are followed where this prompter knows the name and sees such a thing close by; others stay, or go where
        the hand carries or pushes them.
        """
        things = self._moved_by_hand(observation, sub_goal)
        known = [thing for thing in things if self._finder.knows(thing.label)]
        found = self._finder.locate(observation, [self._phrase(thing.label) for thing in known]) if known else []
        now = {thing.label: thing for thing in found}
        source, target = (
            followed(observation, thing, now[thing.label])
            if thing.label in now and apart_m(thing, now[thing.label]) <= JUMP_M
            else thing
            for thing in things
        )
        return self._remember(observation, sub_goal, source, target)

    def _moved_by_hand(self, observation: Observation, sub_goal: SubGoal) -> tuple[GroundedObject, GroundedObject]:
        """Source and target where they must be, given how the hand moved since `sub_goal` was tracked."""
        if self._last is None or self._last.sub_goal is not sub_goal:
            return sub_goal.source, sub_goal.target
        by_hand = pushed if sub_goal.skill is Skill.PUSH else carried
        return by_hand(observation, sub_goal.source, self._last.robot), sub_goal.target

    def _remember(
        self,
        observation: Observation,
        sub_goal: SubGoal,
        source: GroundedObject,
        target: GroundedObject,
        places: tuple[Place, Place] | None = None,
        met: tuple[bool, bool] = (True, True),
    ) -> SubGoal:
        tracked = replace(sub_goal, source=source, target=target)
        self._last = _Tracked(tracked, observation.robot, places, met)
        return tracked

    def inventory(self, observation: Observation) -> list[GroundedObject]:
        """Everything nameable that is in view."""
        return self._finder.inventory(observation)

    def _phrase(self, label: str) -> Phrase:
        """The phrase of a label that this prompter gave. Raises `InputError` for others."""
        if not self._finder.knows(label):
            known = ", ".join(self._vocabulary.vision_nouns)
            raise InputError(f"cannot track '{label}'; labels are a colour and one of {known}")
        return as_phrase(label)
