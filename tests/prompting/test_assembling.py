"""Words with their roles become steps that the skills can do, whatever network labelled them."""

from __future__ import annotations

import numpy as np
import pytest

from vplanner.prompting.assembling import Assembler
from vplanner.prompting.labels import Labels
from vplanner.prompting.structure import Relation, Step, Thing
from vplanner.prompting.tokens import Token
from vplanner.prompting.vocabulary import Vocabulary
from vplanner.types import Skill
from vplanner_models.prompter_export import vocabulary

WORDS = Vocabulary.model_validate(vocabulary())
SHORT = {"S": "source", "N": "source_not", "A": "source_anchor", "T": "target", "B": "target_anchor", "L": "low",
         "M": "middle", "H": "high", "-": ""}  # fmt: skip


def assembled(*steps: tuple[str, str]) -> list[Step]:
    """Steps of `skill` and words such as `colour:red/S`: a class, and the letter of a role."""
    tokens: list[Token] = []
    roles, begins, skills = [], [], []
    for skill, words in steps:
        name, _, begin = skill.partition(" ")
        for i, word in enumerate(words.split()):
            word_class, _, role = word.partition("/")
            shape = "plural" if word_class.endswith("s") and word_class.startswith("noun") else "plain"
            tokens.append(
                Token(0, 0, word_class, word_class.removesuffix("s") if shape == "plural" else word_class, shape)
            )
            roles.append(WORDS.roles.index(SHORT[role or "-"]))
            begins.append(WORDS.begins.index((begin or "begin") if i == 0 else ""))
            skills.append(WORDS.skills.index(Skill(name)))
    sure = (np.eye(len(names), dtype=np.float32)[codes] for names, codes in
            ((WORDS.roles, roles), (WORDS.begins, begins), (WORDS.skills, skills)))  # fmt: skip
    return Assembler(WORDS).steps(tokens, Labels(*sure))[0]


RED, BLUE, BOWL = Thing("cube", "red"), Thing("cube", "blue"), Thing("bowl", "white")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("as:put colour:red/S noun:cube/S in colour:white/T noun:bowl/T", Step(Skill.PICK_PLACE, RED, BOWL)),
        ("noun:cube/S one/S colour:red/S in colour:white/T noun:bowl/T", Step(Skill.PICK_PLACE, RED, BOWL)),
        ("colour:white/S noun:bowl/S colour:red/T noun:cube/T", Step(Skill.PICK_PLACE, RED, BOWL)),
        (
            "noun:cube/S not/N colour:red/N in noun:bowl/T",
            Step(Skill.PICK_PLACE, Thing("cube", not_colours=("red",)), Thing("bowl")),
        ),
        (
            "all/S noun:cubes/S noun:bowl/T same_colour/T",
            Step(Skill.PICK_PLACE, Thing("cube", every=True), Thing("bowl", same_colour=True)),
        ),
        (
            "noun:cube/S left/A colour:red/A noun:ball/A noun:bowl/T",
            Step(Skill.PICK_PLACE, Thing("cube", relation=Relation("left_of", Thing("ball", "red"))), Thing("bowl")),
        ),
        (
            "nearest/A noun:cube/S noun:bowl/T",
            Step(Skill.PICK_PLACE, Thing("cube", relation=Relation("nearest", Thing("robot"))), Thing("bowl")),
        ),
        (
            "leftmost/A noun:ball/S noun:bowl/T",
            Step(Skill.PICK_PLACE, Thing("ball", relation=Relation("left_of")), Thing("bowl")),
        ),
    ],
)
def test_one_step(said: str, meant: Step) -> None:
    assert assembled(("pick_place", said)) == [meant]


def test_what_no_skill_does_gives_no_step() -> None:
    assert assembled(("pick_place", "noun:bowl/S noun:drawer/T")) == []
    assert (
        assembled(("press", "noun:cube/S")) == [Step(Skill.REACH, Thing("cube"))]
        or assembled(("press", "noun:cube/S")) == []
    )
    assert assembled(("pick_place", "colour:red/S noun:cube/S")) == [], "where to is not said"


def test_two_sources_are_two_steps_and_ones_take_the_noun_of_the_first() -> None:
    pair = "colour:red/S and/S colour:blue/S noun:cubes/S colour:white/T noun:bowl/T"
    assert assembled(("pick_place", pair)) == [Step(Skill.PICK_PLACE, cube, BOWL) for cube in (RED, BLUE)]
    steps = assembled(
        ("stack", "colour:red/S noun:cube/S colour:blue/T one/T"),
        ("pick_place", "colour:blue/S one/S colour:white/T noun:bowl/T"),
    )
    assert steps == [Step(Skill.STACK, RED, BLUE), Step(Skill.PICK_PLACE, BLUE, BOWL)]


def test_pronouns_and_what_goes_unsaid_are_what_was_named_before() -> None:
    steps = assembled(
        ("open_drawer", "as:open noun:drawer/S"),
        ("pick_place", "as:put colour:red/S noun:cube/S pronoun/T"),
        ("close_drawer", "as:close pronoun/S"),
    )
    drawer = Thing("drawer")
    assert steps == [
        Step(Skill.OPEN_DRAWER, drawer),
        Step(Skill.PICK_PLACE, RED, drawer),
        Step(Skill.CLOSE_DRAWER, drawer),
    ]
    inside = assembled(("open_drawer", "noun:drawer/S"), ("pick_place", "colour:red/S noun:cube/S"))
    assert inside == steps[:2]


def test_a_drawer_is_opened_to_put_something_away_and_closed_once() -> None:
    away = "as:away colour:red/S noun:cube/S noun:drawer/T"
    skills = [step.skill for step in assembled(("pick_place", away))]
    assert skills == [Skill.OPEN_DRAWER, Skill.PICK_PLACE, Skill.CLOSE_DRAWER]
    assert [step.skill for step in assembled(("pick_place", away), ("close_drawer", "as:close pronoun/S"))] == skills


def test_a_tower_grows_from_below_and_late_words_may_mean_early_steps() -> None:
    tower = assembled(("stack", "colour:white/L noun:cube/L colour:red/M noun:cube/M colour:blue/H noun:cube/H"))
    assert tower == [Step(Skill.STACK, RED, Thing("cube", "white")), Step(Skill.STACK, BLUE, RED)]
    turned = assembled(("press", "noun:button/S after"), ("open_drawer earlier", "noun:drawer/S"))
    assert [step.skill for step in turned] == [Skill.OPEN_DRAWER, Skill.PRESS]
    told = assembled(("press", "noun:button/S"), ("open_drawer earlier", "noun:drawer/S"))
    assert [step.skill for step in told] == [Skill.PRESS, Skill.OPEN_DRAWER], "no word says that the order is another"
