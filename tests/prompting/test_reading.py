from __future__ import annotations

import numpy as np
import pytest

from vplanner.prompting.reading import marked_words, normalise


def marks_of(text: str, *words: str) -> np.ndarray:
    marks = np.full(len(text), -5.0, np.float32)
    for word in words:
        start = text.index(word)
        marks[start : start + len(word)] = 5.0
    return marks


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("put the purple pyramid on the moon", ["pyramid", "moon"]),
        ("把紫色的金字塔放在月亮上", ["金字塔", "月亮"]),
        ("push the banana!", ["banana"]),
    ],
)
def test_marked_words_are_named_whole(text: str, words: list[str]) -> None:
    assert marked_words(text, marks_of(text, *words)) == words


def test_at_least_the_strangest_word_is_named() -> None:
    marks = np.full(len("open the fridge"), -3.0, np.float32)
    marks[9:] = -1.0
    assert marked_words("open the fridge", marks) == ["fridge"]


def test_case_width_and_blanks_do_not_matter() -> None:
    assert normalise("  PUT the\tred  Cube，now ") == "put the red cube,now"
