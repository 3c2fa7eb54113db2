"""Finds things by noun and colour: one, all of a kind, or everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vplanner.prompting.following import LEAST_CONFIDENCE, apart_m
from vplanner.prompting.locating import Locator
from vplanner.prompting.reading import Phrase
from vplanner.prompting.vocabulary import ANY_COLOUR, Role, Vocabulary
from vplanner.types import GroundedObject, Observation

INSIDE = "drawer"
"""As the target of what is put into it, a drawer is its inside; otherwise its handle."""
_SAME_PLACE_M, _SAME_THING_M = 0.015, 0.03
_DEPTH_M = 0.2
"""From a drawer's handle to its inside at most."""


class Finder:
    """A locator that knows the words for things."""

    def __init__(self, locator: Locator, vocabulary: Vocabulary) -> None:
        """Ask `locator` for the things of `vocabulary`."""
        self._locator = locator
        self._words = vocabulary
        self._colours = [colour for colour in vocabulary.colours if colour != ANY_COLOUR]

    def knows(self, label: str) -> bool:
        """Whether this is a label of something that can be looked for."""
        phrase = as_phrase(label)
        return phrase.noun in self._words.vision_nouns and phrase.colour in self._words.colours

    def point(self, noun: str, role: Role, fills: bool = True) -> str:
        """What is looked for when a noun is source or target; of a drawer as target that is filled, its inside."""
        return INSIDE if noun == INSIDE and role == "target" and fills else self._words.point_of(noun, role)

    def locate(self, observation: Observation, phrases: Sequence[Phrase]) -> list[GroundedObject]:
        """Each thing where it is most likely, in one look. Raises `ObservationError` when it is malformed."""
        return self._locator.locate(observation, list(phrases))

    def one(self, observation: Observation, phrase: Phrase) -> GroundedObject:
        """One thing where it is most likely."""
        return self.locate(observation, [phrase])[0]

    def every(self, observation: Observation, points: Sequence[str]) -> dict[str, list[GroundedObject]]:
        """In one look, all things that are seen of each kind of point, with their colours.

        Where no colour can be told, the likeliest thing stands alone, without one.
        """
        front = self._words.point_of(INSIDE, "source")
        looked_for = dict.fromkeys([*points, front] if INSIDE in points else points)
        colours = [*self._colours, ANY_COLOUR]
        found = iter(self.locate(observation, [Phrase(point, colour) for point in looked_for for colour in colours]))
        all_of = {point: [next(found) for _ in colours] for point in looked_for}
        seen = {point: distinct(named) or distinct([unnamed]) for point, (*named, unnamed) in all_of.items()}
        if INSIDE in points:
            seen[INSIDE] = [_inside_of(handle, all_of[INSIDE]) for handle in seen[front]]
        return _without_doubles({point: seen[point] for point in points})

    def inventory(self, observation: Observation) -> list[GroundedObject]:
        """Everything nameable that is in view."""
        phrases = [Phrase(noun, colour) for noun in self._words.vision_nouns for colour in self._colours]
        return distinct(self.locate(observation, phrases))


def as_phrase(label: str) -> Phrase:
    """The phrase of a label, such as `red cube`."""
    colour, _, noun = label.rpartition(" ")
    return Phrase(noun, colour or ANY_COLOUR)


def distinct(things: Sequence[GroundedObject]) -> list[GroundedObject]:
    """Those that are seen; of several names for one place, the likeliest."""
    kept: list[GroundedObject] = []
    for thing in sorted(things, key=lambda thing: -thing.confidence):
        apart = all(apart_m(thing, other) > _SAME_PLACE_M for other in kept)
        if thing.confidence > LEAST_CONFIDENCE and apart:
            kept.append(thing)
    return kept


def _inside_of(handle: GroundedObject, insides: Sequence[GroundedObject]) -> GroundedObject:
    """The inside of the drawer that a handle belongs to, which tells its colour; at the handle while it is not seen."""
    colour = as_phrase(handle.label).colour
    label = INSIDE if colour == ANY_COLOUR else f"{colour} {INSIDE}"
    near = [thing for thing in insides if apart_m(thing, handle) < _DEPTH_M]
    best = max((thing for thing in near if thing.label == label), key=lambda thing: thing.confidence, default=handle)
    return replace(best, label=label, confidence=handle.confidence)


def _without_doubles(seen: dict[str, list[GroundedObject]]) -> dict[str, list[GroundedObject]]:
    """Without what has the colour and the place of a likelier thing of another noun: a blue bowl looks like a cube."""
    everything = [(point, thing) for point, things in seen.items() for thing in things]
    return {
        point: [
            thing
            for thing in things
            if not any(
                _whole(point) != _whole(other)
                and likelier.confidence > thing.confidence
                and as_phrase(likelier.label).colour == as_phrase(thing.label).colour
                and apart_m(likelier, thing) < _SAME_THING_M
                for other, likelier in everything
            )
        ]
        for point, things in seen.items()
    }


def _whole(point: str) -> str:
    """The noun of a point that may be a part of it, as `drawer` for `drawer_handle`."""
    return point.partition("_")[0]
