"""What is meant of what is in view, where the words leave it open."""

from __future__ import annotations

import numpy as np
import pytest

from vplanner.errors import PromptRefusedError
from vplanner.prompting.finding import Finder
from vplanner.prompting.structure import BETWEEN, Relation, Step, Thing
from vplanner.prompting.vocabulary import Vocabulary
from vplanner.types import GroundedObject, Skill
from vplanner_models.prompter_export import vocabulary

from .drawn_scenes import NOTHING_SEEN, DrawnLocator, planned

WORDS = Vocabulary.model_validate(vocabulary())
TABLE = "red cube .45 .1, blue cube .5 -.1, green cube .47 .01, red bowl .6 .2, blue bowl .6 -.2"


def goals(step: Step, scene: str = TABLE) -> list[str]:
    return planned([step], DrawnLocator(scene, WORDS), WORDS)


def test_a_bowl_that_looks_like_a_cube_is_no_second_cube() -> None:
    locator = DrawnLocator("red cube .45 .1, blue bowl .6 -.2, green bowl .4 -.2", WORDS)
    bowl = next(thing for thing in locator.things if thing.label == "blue bowl")
    locator.things.append(GroundedObject("blue cube", (), bowl.position + np.float32(0.01), 0.5))
    assert [thing.label for thing in Finder(locator, WORDS).every(NOTHING_SEEN, ["cube", "bowl"])["cube"]] == [  # type: ignore[arg-type]
        "red cube"
    ]
    step = Step(Skill.PICK_PLACE, Thing("cube", not_colours=("green",)), Thing("bowl", "green"))
    assert planned([step], locator, WORDS) == ["pick_place red cube > green bowl"]


def test_of_two_colours_in_one_bowl_both_stay() -> None:
    seen = Finder(DrawnLocator("red cube .6 .2, white bowl .6 .2", WORDS), WORDS).every(NOTHING_SEEN, ["cube", "bowl"])  # type: ignore[arg-type]
    assert [thing.label for things in seen.values() for thing in things] == ["red cube", "white bowl"]


def test_what_goes_to_its_own_colour_is_each_of_them() -> None:
    step = Step(Skill.PICK_PLACE, Thing("cube"), Thing("bowl", same_colour=True))
    assert set(goals(step)) == {"pick_place red cube > red bowl", "pick_place blue cube > blue bowl"}


def test_between_is_between_two_things() -> None:
    relation = Relation(BETWEEN, Thing("cube", "red"), Thing("cube", "blue"))
    assert goals(Step(Skill.REACH, Thing("cube", relation=relation))) == ["reach green cube"]
    nowhere = Relation(BETWEEN, Thing("bowl", "red"), Thing("bowl", "blue"))
    with pytest.raises(PromptRefusedError, match="between the red bowl and the blue bowl"):
        goals(Step(Skill.REACH, Thing("zone", relation=nowhere)), TABLE + ", green zone .9 .0, white zone .3 .4")


def test_a_handle_beside_which_something_is_may_be_a_drawers_or_a_levers() -> None:
    relation = Relation("next_to", Thing("handle"))
    step = Step(Skill.PRESS, Thing("button", relation=relation))
    scene = "red button .45 .2, blue button .6 -.2, green {} .6 -.15"
    for fixture in ("drawer", "lever"):
        assert goals(step, scene.format(fixture)) == ["press blue button"]
    with pytest.raises(PromptRefusedError, match="I see no handle"):
        goals(step, "red button .45 .2, blue button .6 -.2")


def test_a_noun_that_was_not_said_is_what_is_in_view_if_one_thing_is() -> None:
    step = Step(Skill.PUSH, Thing("cube", "red"), Thing("zone", "white", guessed=True))
    scene = "red cube .45 .1, white bowl .6 .2"
    assert goals(step, scene) == ["pick_place red cube > white bowl"]
    with pytest.raises(PromptRefusedError, match="I see no white zone"):
        goals(step, scene + ", white cube .5 -.2")
    with pytest.raises(PromptRefusedError, match="I see no white zone"):
        goals(Step(Skill.PUSH, Thing("cube", "red"), Thing("zone", "white")), scene)


def test_sizes_are_told_to_be_beyond_the_pictures() -> None:
    with pytest.raises(
        PromptRefusedError, match=r"there are 3 of the kind 'cube': .*; I cannot tell which is 'biggest'"
    ):
        goals(Step(Skill.REACH, Thing("cube", unjudged="biggest")))
    assert goals(Step(Skill.REACH, Thing("cube", "red", unjudged="biggest"))) == ["reach red cube"]
