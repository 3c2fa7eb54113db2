"""What the committed text network understands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from vplanner.errors import PromptRefusedError
from vplanner.prompting import EmbeddedPrompter
from vplanner.prompting.resolving import WORDING
from vplanner.prompting.structure import Step, Thing
from vplanner.types import Skill
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
        steps = prompter.read(text).steps
    except PromptRefusedError:
        return False
    things = [(Thing(noun, source.said(text)), *([Thing(other, target.said(text))] if other else []))]
    found = [tuple(Thing(t.noun, t.colour) for t in (step.source, step.target) if t is not None) for step in steps]
    return [step.skill for step in steps] == [skill] and found == things


@pytest.mark.parametrize("task", TASKS)
def test_wordings_that_it_never_read_are_understood(prompter: EmbeddedPrompter, task: str) -> None:
    rng = np.random.default_rng(11)
    assert np.mean([understood(prompter, task, rng) for _ in range(60)]) >= 0.97


def short(step: Step) -> str:
    return f"{step.skill.value} {step.source.label}" + (f" > {step.target.label}" if step.target else "")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("put the crimson block in the white bowl", ["pick_place red cube > white bowl"]),
        ("PUT THE GREEN CUBE, PLEASE, IN TEH BOWL", ["pick_place green cube > bowl"]),
        ("press the button that is not red", ["press button that is not red"]),
        ("touch the cube to the left of the red ball", ["reach cube to the left of the red ball"]),
        ("去碰离机器人最近的方块", ["reach cube nearest to the robot"]),
        ("open the drawer, then put the red cube in it", ["open_drawer drawer", "pick_place red cube > drawer"]),
        ("先按按钮，再打开抽屉", ["press button", "open_drawer drawer"]),
        ("put the red cube in the white bowl and the blue one in the green bowl",
         ["pick_place red cube > white bowl", "pick_place blue cube > green bowl"]),
        ("sort the cubes by colour", ["pick_place cube > bowl of the same colour"]),
        ("把红方块收进抽屉", ["open_drawer drawer", "pick_place red cube > drawer", "close_drawer drawer"]),
        ("把red cube放进白色的bowl", ["pick_place red cube > white bowl"]),
    ],
)  # fmt: skip
def test_steps_places_and_what_is_excluded_are_understood(
    prompter: EmbeddedPrompter, text: str, meant: list[str]
) -> None:
    assert [short(step) for step in prompter.read(text).steps] == meant


@pytest.mark.parametrize("skill", list(Skill))
def test_the_words_of_a_sub_goal_are_read_back_as_it(prompter: EmbeddedPrompter, skill: Skill) -> None:
    allowed = prompter.vocabulary.affordances[skill]
    for source in allowed.sources:
        for target in [noun for noun in allowed.targets if noun != "drawer"] or [""]:
            for colour, other in (("red", "white"), ("grey", "purple")):
                text = WORDING[skill].format(s=f"{colour} {source}", t=f"{other} {target}")
                step = Step(skill, Thing(source, colour), Thing(target, other) if target else None)
                assert prompter.read(text).steps == (step,), text


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
        ("push the cube " * 40, "the instruction has 120 words and signs; say it with 96 or fewer"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(prompter: EmbeddedPrompter, text: str, reason: str) -> None:
    with pytest.raises(PromptRefusedError, match=reason):
        prompter.read(text)


def test_a_misspelt_colour_is_read_or_refused_but_never_left_out(prompter: EmbeddedPrompter) -> None:
    assert prompter.read("put the redd cueb in the bowl").steps[0].source.colour == "red"
    for garbled in ("reed", "grern", "orenge"):
        try:
            (step,) = prompter.read(f"put the {garbled} cube in the bowl").steps
        except PromptRefusedError:
            continue
        assert step.source.colour != "any", garbled
