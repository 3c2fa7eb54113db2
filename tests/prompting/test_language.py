from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from vplanner.prompting.tokens import normalise
from vplanner_models.prompter_data import BEGINS, KINDS, ROLES
from vplanner_models.prompter_sampler import Sampler
from vplanner_sim.language import LANGUAGES, WORDINGS, instruction, phrase


@dataclass(frozen=True, slots=True)
class Named:
    noun: str
    colour: str


def bare(wording: str) -> str:
    """Without signs, so that a comma makes no new wording."""
    return "".join(c for c in wording if c.isalnum() or c in " {}")


def test_every_task_has_many_wordings_in_both_languages_and_none_is_in_both_splits() -> None:
    for language in LANGUAGES:
        train, held_out = WORDINGS["train"][language], WORDINGS["held_out"][language]
        assert set(train) == set(held_out) and len(train) == 10
        for task, wordings in train.items():
            assert len(set(map(bare, wordings))) == len(wordings) >= 12
            assert len(set(map(bare, held_out[task]))) == len(held_out[task]) >= 4
            assert not set(map(bare, wordings)) & set(map(bare, held_out[task]))


def test_wordings_name_the_target_exactly_where_there_is_one() -> None:
    for split in WORDINGS.values():
        for language in LANGUAGES:
            for task, wordings in split[language].items():
                two = task in ("push_to_zone", "pick_place", "stack", "tilt_pour", "insert_peg")
                assert all("{s}" in wording and ("{t}" in wording) == two for wording in wordings)


def test_the_same_generator_state_gives_the_same_instruction() -> None:
    cube, bowl = Named("cube", "red"), Named("bowl", "white")
    first, again = (
        [instruction("pick_place", cube, bowl, np.random.default_rng(seed), "train") for seed in range(20)]
        for _ in range(2)
    )
    assert first == again and len(set(first)) > 10


def test_what_is_not_alone_is_named_by_its_colour() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        text = instruction("stack", Named("cube", "red"), Named("cube", "blue"), rng, "held_out")
        assert ("red" in text and "blue" in text) or ("红" in text and "蓝" in text)


def test_an_unknown_noun_is_an_error_that_names_it() -> None:
    with pytest.raises(KeyError, match="pyramid"):
        phrase(Named("pyramid", "red"), "en", np.random.default_rng(0))


def test_training_sentences_never_have_a_held_out_wording() -> None:
    sampler = Sampler(np.random.default_rng(7))
    skeletons = {bare(sampler.sentence().skeleton) for _ in range(8000)}
    held_out = {bare(w) for language in LANGUAGES for ws in WORDINGS["held_out"][language].values() for w in ws}
    assert len(skeletons) > 2000
    assert not skeletons & held_out


def test_labels_of_training_sentences_fit_their_words() -> None:
    sampler = Sampler(np.random.default_rng(3))
    kinds, roles, begins = set(), set(), set()
    for _ in range(3000):
        sentence = sampler.sentence()
        assert sentence.text and normalise(sentence.text) == sentence.text
        marked = {ROLES[code] for code in sentence.roles}
        if KINDS[sentence.kind] == "ok":
            assert BEGINS.index("begin") in sentence.begins
            assert marked & {"source", "source_not", "low", "target"} and "unknown" not in marked
        kinds.add(KINDS[sentence.kind])
        roles |= marked
        begins |= {BEGINS[code] for code in sentence.begins}
    assert kinds == set(KINDS) and roles == set(ROLES) and begins == {"", "begin", "earlier"}
