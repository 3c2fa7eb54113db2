"""What becomes, in drawn scenes, of the instructions that were seen during development. `-s` shows the shares."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from vplanner.errors import PromptRefusedError
from vplanner.prompting import EmbeddedPrompter

from .drawn_scenes import DrawnLocator, planned

FOLDER = Path(__file__).parent.parent / "data" / "development"
LEAST = {
    "single": 0.93, "relation": 0.85, "negation": 0.8, "plural": 0.8, "steps": 0.75, "mixed": 0.7, "refuse": 0.88,
}  # fmt: skip
LEAST_PLANNED = 0.93


def plan(prompter: EmbeddedPrompter, text: str, scene: str) -> list[str]:
    try:
        steps = prompter.read(text).steps
        return planned(steps, DrawnLocator(scene, prompter.vocabulary), prompter.vocabulary)
    except PromptRefusedError:
        return []


def is_meant(found: list[str], wanted: list[str], kind: str) -> bool:
    """Whether just what is wanted was found, in that order where the order was said."""
    rest = list(found)
    for maybe in (goal[1:] for goal in wanted if goal.startswith("?")):
        if maybe in rest and maybe not in wanted:
            rest.remove(maybe)
    needed = [goal for goal in wanted if not goal.startswith("?")]
    return sorted(rest) == sorted(needed) if kind in ("plural", "negation") else rest == needed


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_most_instructions_become_what_they_mean_in_their_scene(prompter: EmbeddedPrompter, language: str) -> None:
    scenes = json.loads((FOLDER / "scenes.json").read_text("utf-8"))
    lines: list[dict[str, Any]] = [
        json.loads(line) for line in (FOLDER / f"{language}.jsonl").read_text("utf-8").splitlines()
    ]
    right: dict[str, list[bool]] = defaultdict(list)
    done: list[bool] = []
    for line in lines:
        found = plan(prompter, line["text"], scenes[line["scene"]])
        right[line["kind"]].append(is_meant(found, line["sub_goals"], line["kind"]))
        if line["sub_goals"]:
            done.append(bool(found))
    shares = {kind: sum(values) / len(values) for kind, values in right.items()}
    planned_share = sum(done) / len(done)
    print(language, {kind: f"{100 * share:.0f} % of {len(right[kind])}" for kind, share in shares.items()})
    print(language, f"not refused: {100 * planned_share:.1f} % of {len(done)} that can be done")
    assert len(lines) >= 250
    assert planned_share >= LEAST_PLANNED
    assert all(share >= LEAST[kind] for kind, share in shares.items())


def test_of_a_drawn_scene_everything_is_found(prompter: EmbeddedPrompter) -> None:
    words = prompter.vocabulary
    scene = DrawnLocator("red cube .45 .1, blue cube .5 0, green cube .6 -.1, white bowl .6 .2", words)
    read = prompter.read("put the red cube in the bowl").steps
    assert planned(read, scene, words) == ["pick_place red cube > white bowl"]
