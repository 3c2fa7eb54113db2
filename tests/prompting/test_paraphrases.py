"""What the prompter makes of instructions that people wrote by hand. Run with `-s` to see the shares."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from vplanner.errors import PromptRefusedError
from vplanner.prompting import EmbeddedPrompter
from vplanner.prompting.reading import Phrase, Reading

FOLDER = Path(__file__).parent.parent / "data" / "paraphrases"
SINGLE = ("paraphrase", "mixed")


def lines(language: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / f"{language}.jsonl").read_text("utf-8").splitlines()]


def names(phrase: Phrase, thing: dict[str, Any]) -> bool:
    return (phrase.noun, phrase.colour) == (thing["noun"], thing["colour"] or "any")


def understood(reading: Reading, wanted: dict[str, Any]) -> bool:
    target = wanted["target"]
    return (
        reading.skill.value == wanted["skill"]
        and names(reading.source, wanted["source"])
        and (target is None or names(reading.target, target))
    )


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_most_of_what_people_say_is_understood_and_nonsense_is_refused(
    prompter: EmbeddedPrompter, language: str
) -> None:
    right: dict[str, list[bool]] = defaultdict(list)
    for line in lines(language):
        kind, sub_goals = line["kind"], line["sub_goals"]
        if kind not in (*SINGLE, "refuse") or len(sub_goals) > 1:
            continue
        try:
            reading = prompter.read(line["text"])
        except PromptRefusedError:
            right[kind].append(kind == "refuse")
        else:
            right[kind].append(kind != "refuse" and understood(reading, sub_goals[0]))
    shares = {kind: sum(found) / len(found) for kind, found in right.items()}
    print(language, {kind: f"{100 * share:.0f} % of {len(right[kind])}" for kind, share in shares.items()})
    assert shares["paraphrase"] >= 0.6
    assert shares["refuse"] >= 0.9
