"""What the committed text network understands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from vplanner.errors import PromptRefusedError
from vplanner.prompting import EmbeddedPrompter
from vplanner_sim.language import COLOURS_ZH, instruction

COLOURS = ("red", "green", "blue", "yellow", "orange", "purple")
# task: skill, noun of the source, noun of the target
TASKS = {
    "reach": ("reach", "cube", ""),
    "push_to_zone": ("push", "cube", "zone"),
    "pick_place": ("pick_place", "cube", "bowl"),
    "stack": ("stack", "cube", "cube"),
    "press_button": ("press", "button", ""),
    "open_drawer": ("open_drawer", "drawer", ""),
    "close_drawer": ("close_drawer", "drawer", ""),
    "turn_lever": ("turn_lever", "lever", ""),
    "tilt_pour": ("pour", "cup", "bowl"),
    "insert_peg": ("insert", "peg", "hole"),
}


@dataclass(frozen=True, slots=True)
class Named:
    noun: str
    colour: str

    def said(self, text: str) -> str:
        """The colour, if the text says it."""
        return self.colour if self.colour in text.split() or COLOURS_ZH[self.colour] in text else "any"


def understood(prompter: EmbeddedPrompter, task: str, rng: np.random.Generator) -> bool:
    skill, noun, other = TASKS[task]
    colours = rng.permutation(COLOURS)
    source, target = Named(noun, str(colours[0])), Named(other or noun, str(colours[1 if other else 0]))
    text = instruction(task, source, target, rng, "held_out")
    try:
        reading = prompter.read(text)
    except PromptRefusedError:
        return False
    right = [(reading.source.noun, reading.source.colour) == (noun, source.said(text))]
    if other:
        right.append((reading.target.noun, reading.target.colour) == (other, target.said(text)))
    return reading.skill == skill and all(right)


@pytest.mark.parametrize("task", TASKS)
def test_wordings_that_it_never_read_are_understood(prompter: EmbeddedPrompter, task: str) -> None:
    rng = np.random.default_rng(11)
    assert np.mean([understood(prompter, task, rng) for _ in range(60)]) >= 0.97


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("put the purple pyramid on the moon", "I know nothing called .*'pyramid'"),
        ("把紫色的金字塔放在月亮上", "I know nothing called .*月"),
        ("push the banana to the blue zone", "I know nothing called 'banana'; I know cube, "),
        ("put the pink cube in the bowl", "I know nothing called 'pink'; .* in red, "),
        ("eat the red cube", "'eat the red cube' is nothing that I can do"),
        ("吃掉红色方块", "'吃掉红色方块' is nothing that I can do"),
        ("hello there", "'hello there' is no instruction that I understand"),
        ("don't push the red cube", "'don't push the red cube' says what not to do"),
        ("", "the instruction is empty"),
        ("push the cube " * 20, "the instruction has 279 characters; say it with 96 or fewer"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(prompter: EmbeddedPrompter, text: str, reason: str) -> None:
    with pytest.raises(PromptRefusedError, match=reason):
        prompter.read(text)
