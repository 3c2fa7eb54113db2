"""What the prompter makes of instructions that people wrote by hand. Run with `-s` to see the shares."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from vplanner.errors import PromptRefusedError
from vplanner.prompting import EmbeddedPrompter
from vplanner.prompting.structure import ROBOT, Step, Thing

FOLDER = Path(__file__).parent.parent / "data" / "paraphrases"
LEAST = {
    "paraphrase": 0.8, "mixed": 0.85, "relation": 0.75, "negation": 0.6, "plural": 0.65, "steps": 0.5, "refuse": 0.92,
}  # fmt: skip


def lines(language: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / f"{language}.jsonl").read_text("utf-8").splitlines()]


def is_meant(thing: Thing, wanted: dict[str, Any]) -> bool:
    """Whether noun, colour, what it is not, how many, and where it is are those of the label."""
    relation = None
    if thing.relation is not None:
        anchor = thing.relation.anchor or Thing(ROBOT)
        relation = {
            "where": thing.relation.where,
            "noun": anchor.noun,
            "colour": None if anchor.colour == "any" else anchor.colour,
        }
    return (
        thing.noun == wanted["noun"]
        and thing.colour == (wanted["colour"] or "any")
        and sorted(thing.not_colours) == sorted(wanted.get("not_colours", ()))
        and thing.every == wanted.get("all", False)
        and relation == wanted.get("relation")
    )


def understood(step: Step, wanted: dict[str, Any]) -> bool:
    target = wanted["target"]
    return (
        step.skill.value == wanted["skill"]
        and is_meant(step.source, wanted["source"])
        and (target is None or (step.target is not None and is_meant(step.target, target)))
    )


def is_right(prompter: EmbeddedPrompter, line: dict[str, Any]) -> bool:
    try:
        steps = prompter.read(line["text"]).steps
    except PromptRefusedError:
        return not line["sub_goals"]
    wanted = line["sub_goals"]
    return len(steps) == len(wanted) and all(understood(*pair) for pair in zip(steps, wanted, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_most_of_what_people_say_is_understood_and_nonsense_is_refused(
    prompter: EmbeddedPrompter, language: str
) -> None:
    right: dict[str, list[bool]] = defaultdict(list)
    for line in lines(language):
        right[line["kind"]].append(is_right(prompter, line))
    shares = {kind: sum(found) / len(found) for kind, found in right.items()}
    print(language, {kind: f"{100 * share:.0f} % of {len(right[kind])}" for kind, share in shares.items()})
    assert all(share >= LEAST[kind] for kind, share in shares.items())
