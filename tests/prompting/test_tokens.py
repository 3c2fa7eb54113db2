from __future__ import annotations

import numpy as np
import pytest

from vplanner.prompting.tokens import Tokeniser, normalise
from vplanner.prompting.vocabulary import Lexicon

LEXICON = Lexicon(
    classes={
        "noun:cube": ("cube", "building block", "方块"),
        "noun:bowl": ("bowl", "碗"),
        "colour:red": ("red", "cherry red", "红", "红色"),
        "colour:white": ("white", "白"),
        "as:put": ("put", "放", "放进"),
        "in": ("in", "里"),
    },
    plain=("the", "cute", "bowling"),
)


@pytest.fixture(scope="module")
def tokeniser() -> Tokeniser:
    return Tokeniser(LEXICON, 512)


def classes(tokeniser: Tokeniser, text: str) -> list[str]:
    return [token.word_class for token in tokeniser.tokens(normalise(text)) if token.word_class]


def test_case_width_blanks_hyphens_and_what_cannot_be_seen_do_not_matter() -> None:
    assert normalise("  PUT the\tred  Cube，now ") == "put the red cube,now"
    assert normalise("a cherry-red\u200bcube; the push-button") == "a cherry redcube; the pushbutton"


@pytest.mark.parametrize(
    "text",
    [
        "put the cherry red building block in the white bowl",
        "Put red cube in white bowl!",
        "把红色方块放在里白碗",
        "put红色的cube in白碗",
    ],
)
def test_the_longest_known_words_are_found_in_both_languages(tokeniser: Tokeniser, text: str) -> None:
    known = classes(tokeniser, text)
    assert sorted(known) == sorted(["as:put", "colour:red", "noun:cube", "in", "colour:white", "noun:bowl"])


@pytest.mark.parametrize("slip", ["cuve", "cubee", "cueb", "whte", "whiite", "wihte", "bowll"])
def test_one_slip_in_a_word_is_forgiven(tokeniser: Tokeniser, slip: str) -> None:
    (token,) = tokeniser.tokens(slip)
    assert token.word_class and token.shape == "slip"


@pytest.mark.parametrize("word", ["cute", "bowling", "rod", "pyramid"])
def test_other_words_are_not_taken_for_slips(tokeniser: Tokeniser, word: str) -> None:
    assert classes(tokeniser, word) == []


def test_words_that_run_together_and_plurals_are_known(tokeniser: Tokeniser) -> None:
    assert classes(tokeniser, "redcube") == ["colour:red", "noun:cube"]
    assert [(t.names, t.shape) for t in tokeniser.tokens("cubes")] == [("cube", "plural")]


def test_tokens_cover_the_text_in_order_and_have_codes_below_the_buckets(tokeniser: Tokeniser) -> None:
    text = normalise("put the red cube's friend, 3 方块, in the bowl?!")
    tokens = tokeniser.tokens(text)
    assert "".join(token.text for token in tokens) == text.replace(" ", "")
    starts, codes = tokeniser.encode(text)
    assert starts == [token.start for token in tokens] and codes.shape == (len(tokens), 6)
    assert codes.min() >= 0 and codes[:, 2:].max() < 512
    np.testing.assert_array_equal(codes, tokeniser.encode(text)[1])
