"""Which things each skill of a vocabulary is done to, by the names of the points that stand for them."""

from __future__ import annotations

from vplanner.prompting.vocabulary import Vocabulary
from vplanner.types import Skill


def needs_target(vocabulary: Vocabulary, skill: Skill) -> bool:
    """Whether a sub-goal of `skill` has a target other than its source, or another point of the same thing."""
    return bool(target_points(vocabulary, skill))


def source_points(vocabulary: Vocabulary, skill: Skill) -> tuple[str, ...]:
    """Names of the points that can be the source of `skill`."""
    return tuple(vocabulary.point_of(noun, "source") for noun in vocabulary.affordances[skill].sources)


def target_points(vocabulary: Vocabulary, skill: Skill) -> tuple[str, ...]:
    """Names of the points that can be the target of `skill`; none where it is about its source alone."""
    allowed = vocabulary.affordances[skill]
    if allowed.targets:
        return tuple(vocabulary.point_of(noun, "target") for noun in allowed.targets)
    targets = tuple(vocabulary.point_of(noun, "target") for noun in allowed.sources)
    both = zip(source_points(vocabulary, skill), targets, strict=True)
    return targets if all(source != target for source, target in both) else ()
