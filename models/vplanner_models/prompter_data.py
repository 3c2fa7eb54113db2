"""Samples of the prompter's training text: sentences drawn together with what they mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from types import ModuleType
from typing import TypeVar

import numpy as np

from vplanner_models import (
    prompter_grammar_en,
    prompter_grammar_zh,
    prompter_patterns,
    prompter_phrases_en,
    prompter_phrases_zh,
)
from vplanner_models.config import SKILLS
from vplanner_models.prompter_words import words_of

T = TypeVar("T")

KINDS = ("ok", "unknown_word", "cannot", "negated", "not_a_command")
NOUNS = ("cube", "ball", "bowl", "zone", "button", "drawer", "lever", "cup", "peg", "hole")
COLOURS = ("any", "red", "green", "blue", "yellow", "orange", "purple", "white", "grey")
ROLES = (
    "", "source", "source_not", "source_anchor", "target", "target_not", "target_anchor", "unknown",
    "low", "middle", "high",
)  # fmt: skip
"""What a word says: of source or target themselves, what they are not, where they are; of a tower's three cubes."""
BEGINS = ("", "begin", "earlier")
"""Where a step begins: one that is done in its turn, or before the step that was said before it."""
MAX_TOKENS = 96

AFFORDANCES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "reach": (NOUNS, ()),
    "push": (("cube", "ball"), ("zone",)),
    "pick_place": (("cube", "ball"), ("bowl", "drawer")),
    "stack": (("cube",), ("cube",)),
    "press": (("button",), ()),
    "open_drawer": (("drawer",), ()),
    "close_drawer": (("drawer",), ()),
    "turn_lever": (("lever",), ()),
    "pour": (("cup",), ("bowl",)),
    "insert": (("peg",), ("hole",)),
}
IGNORED = -1
_CLOSE, _ROLE, _BEGIN, _SKILL = "\ue000", 0xE010, 0xE040, 0xE060  # marks within a sentence
_CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
_CLASS = re.compile(r"<(\w+)>")
_THE = re.compile(r"\bthe (?=\{[st]\})")
_LONG_WORD = re.compile("[a-z]{5,}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A labelled sentence: its kind, and for each character codes of role, beginning step and skill."""

    text: str
    skeleton: str
    kind: int
    roles: tuple[int, ...]
    begins: tuple[int, ...]
    skills: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Language:
    """The grammar of one language: sentences, phrases, and more patterns by skill."""

    name: str
    grammar: ModuleType
    phrases: ModuleType
    patterns: dict[str, tuple[str, ...]]


LANGUAGES = (
    Language("en", prompter_grammar_en, prompter_phrases_en, prompter_patterns.EN),
    Language("zh", prompter_grammar_zh, prompter_phrases_zh, prompter_patterns.ZH),
)


class Drawing:
    """Random choices in one language."""

    def __init__(self, rng: np.random.Generator, language: Language) -> None:
        self.rng, self.language = rng, language
        self._random = Random(int(rng.integers(2**62)))  # many times faster for single numbers

    def chance(self, share: float) -> bool:
        """True in this share of the calls."""
        return self._random.random() < share

    def share(self) -> float:
        """A number in [0, 1)."""
        return self._random.random()

    def two(self, options: Sequence[T]) -> list[T]:
        """Two different ones."""
        return self._random.sample(options, 2)

    def way(self, ways: Sequence[tuple[float, T]], other: T) -> T:
        """One of these, each in its share of the calls, else the other."""
        draw = self._random.random()
        for share, way in ways:
            draw -= share
            if draw < 0:
                return way
        return other

    def pick(self, options: Sequence[T]) -> T:
        """One of them, all alike."""
        return options[int(self._random.random() * len(options))]

    def word(self, word_class: str) -> str:
        """Any word of a class; things and colours are mostly called by their first names."""
        words = words_of(self.language.name, word_class)
        return self.pick(words[:3] if self.chance(0.4) else words)

    def expand(self, pattern: str) -> str:
        """The pattern with one alternative of each choice, and words in place of classes."""
        count = 1
        while count:
            pattern, count = _CHOICE.subn(lambda match: self.pick(_options(match[1])), pattern)
        return _CLASS.sub(lambda match: self.word(match[1]), pattern)

    def pattern(self, skill: str) -> str:
        """A way to ask for a skill, with `{s}` and `{t}`, and no article before them."""
        own, more = self.language.grammar.PATTERNS[skill], self.language.patterns[skill]
        while True:
            skeleton = self.expand(self.pick(more if self.chance(0.5) else own))
            if "{s}" in skeleton:
                return _THE.sub("", skeleton)


def marked(text: str, role: str) -> str:
    """The text as having this role."""
    return f"{chr(_ROLE + ROLES.index(role))}{text}{_CLOSE}"


def step_mark(skill: str, begin: str = "begin") -> str:
    """What stands before the words of a step."""
    return f"{chr(_SKILL + SKILLS.index(skill))}{chr(_BEGIN + BEGINS.index(begin))}"


def finish(text: str, skeleton: str, kind: str) -> Sentence:
    """The sentence without marks, in lower case with single blanks, and what the marks said."""
    characters: list[str] = []
    roles: list[int] = []
    begins: list[int] = []
    skills: list[int] = []
    role, skill, begin = 0, IGNORED, 0
    for character in text.lower():
        code = ord(character)
        if character == _CLOSE:
            role = 0
        elif _ROLE <= code < _ROLE + len(ROLES):
            role = code - _ROLE
        elif _BEGIN <= code < _BEGIN + len(BEGINS):
            begin = code - _BEGIN
        elif _SKILL <= code < _SKILL + len(SKILLS):
            skill = code - _SKILL
        elif character not in " -" or (characters and characters[-1] != " "):
            characters.append(" " if character == "-" else character)
            roles.append(role)
            skills.append(skill)
            begins.append(0 if character == " " else begin)
            begin = begin if character == " " else 0
    return Sentence(
        "".join(characters).rstrip(), skeleton, KINDS.index(kind), tuple(roles), tuple(begins), tuple(skills)
    )


def slip(drawing: Drawing, text: str) -> str:
    """The text with one letter of a long word swapped, lost, doubled or changed; marks stay."""
    places = list(_LONG_WORD.finditer(text))
    if not places:
        return text
    place = drawing.pick(places)
    i = int(drawing.rng.integers(place.start() + 1, place.end() - 1))
    head, tail, letter = text[:i], text[i + 1 :], drawing.pick("abcdefghijklmnopqrstuvwxyz")
    swapped = head + text[i + 1] + text[i] + text[i + 2 :]
    return drawing.pick((swapped, head + tail, head + text[i] * 2 + tail, head + letter + tail))


@lru_cache(maxsize=8192)
def _options(alternatives: str) -> tuple[str, ...]:
    return tuple(alternatives.split("|"))
