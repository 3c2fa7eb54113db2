"""Samples of the prompter's training text, drawn from a grammar that is broader than any list of templates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import TypeVar

import numpy as np

from vplanner_models import prompter_grammar_en, prompter_grammar_zh
from vplanner_models.config import SKILLS

T = TypeVar("T")

KINDS = ("ok", "unknown_word", "cannot", "several", "negated", "not_a_command")
NOUNS = ("cube", "ball", "bowl", "zone", "button", "drawer", "lever", "cup", "peg", "hole")
COLOURS = ("any", "red", "green", "blue", "yellow", "orange", "purple", "white", "grey")
MAX_CHARACTERS = 96

AFFORDANCES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "reach": (NOUNS, ()),
    "push": (("cube", "ball"), ("zone",)),
    "pick_place": (("cube", "ball"), ("bowl",)),
    "stack": (("cube",), ("cube",)),
    "press": (("button",), ()),
    "open_drawer": (("drawer",), ()),
    "close_drawer": (("drawer",), ()),
    "turn_lever": (("lever",), ()),
    "pour": (("cup",), ("bowl",)),
    "insert": (("peg",), ("hole",)),
}
IGNORED = -1
WORDS = ("other", *NOUNS, *COLOURS[1:])
"""What a character can be part of."""
_CLOSE, _UNKNOWN, _WORD = "\ue000", "\ue001", 0xE010  # marks within a sentence: end, begin of an unknown or known word
_LONG_WORD = re.compile("[a-z]{5,}")
_CHOICE = re.compile(r"\(([^()]*)\)")
_GRAMMARS: tuple[ModuleType, ...] = (prompter_grammar_en, prompter_grammar_zh)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One labelled sentence; class labels index the tuples above, `IGNORED` where a label means nothing.

    `words` (len(text),) says which of `WORDS` each character is part of, `unknown` (len(text),) marks the characters of
    words that name nothing known; `skeleton` is the sentence before `{s}` and `{t}` were filled in.
    """

    text: str
    skeleton: str
    kind: int
    skill: int
    source: int
    source_colour: int
    target: int
    target_colour: int
    unknown: tuple[bool, ...]
    words: tuple[int, ...]


def normalise(text: str) -> str:
    """Lower case, compatibility forms folded, single spaces: what the text network reads."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


class Sampler:
    """Draws sentences; the same generator state gives the same sentences."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def sentence(self) -> Sentence:
        """One sentence of any kind, at most `MAX_CHARACTERS` long."""
        while True:
            chinese = bool(self._rng.random() < 0.5)
            grammar = _GRAMMARS[chinese]
            kind = KINDS[self._rng.choice(len(KINDS), p=(0.62, 0.19, 0.08, 0.03, 0.03, 0.05))]
            sentence = self._finish(*self._draw(grammar, kind), chinese)
            if 0 < len(sentence.text) <= MAX_CHARACTERS:
                return sentence

    def _draw(self, grammar: ModuleType, kind: str) -> tuple[str, str, dict[str, int]]:
        before = "" if self._rng.random() < 0.45 else self._expand((grammar.BEFORE,))
        after = "" if self._rng.random() < 0.6 else self._expand((grammar.AFTER,))
        if kind == "ok":
            skeleton, text, labels = self._command(grammar)
            before, after = self._filler(grammar) + before, after + self._filler(grammar)
            return before + skeleton + after, before + text + after, labels
        text = self._refusable(grammar, kind)
        if kind not in ("negated", "not_a_command"):
            text = before + text + after
        return "", text, {"kind": KINDS.index(kind)}

    def _refusable(self, grammar: ModuleType, kind: str) -> str:
        match kind:
            case "unknown_word":
                return self._unknown_command(grammar)
            case "cannot":
                return self._impossible(grammar)
            case "several":
                first, other = self._command(grammar)[1], self._command(grammar)[1]
                return self._expand(grammar.SEVERAL).format(command=first, other=other)
            case "negated":
                return self._expand(grammar.NEGATED).format(command=self._command(grammar)[1])
        if self._rng.random() < 0.2:
            return " ".join(self._nonsense(grammar) for _ in range(self._rng.integers(1, 8)))
        return self._fill(grammar, self._expand(grammar.NOISE), self._pick(NOUNS), self._pick(NOUNS))[0]

    def _filler(self, grammar: ModuleType) -> str:
        """Words that the network need not know to understand the rest."""
        if self._rng.random() < 0.75:
            return ""
        if grammar is prompter_grammar_zh:
            known = self._rng.random() < 0.5
            if known:
                return self._pick(grammar.FILLERS)
            return "".join(chr(self._rng.integers(0x4E00, 0x9FA5)) for _ in range(self._rng.integers(1, 3)))
        return " " + " ".join(self._pick(grammar.FILLERS) for _ in range(self._rng.integers(1, 4))) + " "

    def _command(self, grammar: ModuleType) -> tuple[str, str, dict[str, int]]:
        skill = self._pick(SKILLS)
        sources, targets = AFFORDANCES[skill]
        source, target = self._pick(sources), self._pick(targets or sources)
        skeleton = self._expand(grammar.PATTERNS[skill])
        text, source_colour, target_colour = self._fill(grammar, skeleton, source, target)
        labels = {
            "kind": 0,
            "skill": SKILLS.index(skill),
            "source": NOUNS.index(source),
            "source_colour": source_colour,
        }
        if targets:
            labels |= {"target": NOUNS.index(target), "target_colour": target_colour}
        return skeleton, text, labels

    def _unknown_command(self, grammar: ModuleType) -> str:
        skill = self._pick(SKILLS)
        sources, targets = AFFORDANCES[skill]
        skeleton = self._expand(grammar.PATTERNS[skill])
        strange = self._rng.random(2) < 0.5
        if not strange.any() or "{t}" not in skeleton:
            strange[0 if "{t}" not in skeleton else self._rng.integers(2)] = True
        words = [
            self._unknown_phrase(grammar) if odd else self._phrase(grammar, self._pick(nouns or NOUNS))[0]
            for odd, nouns in zip(strange, (sources, targets), strict=True)
        ]
        return skeleton.format(s=words[0], t=words[1], s1=words[0].split(" ")[-1] if strange[0] else words[0])

    def _impossible(self, grammar: ModuleType) -> str:
        draw = self._rng.random()
        if draw < 0.35:
            return self._fill(grammar, self._expand(grammar.CANNOT_ONE), self._pick(NOUNS), self._pick(NOUNS))[0]
        if draw < 0.5:
            return self._fill(grammar, self._expand(grammar.CANNOT_TWO), self._pick(NOUNS), self._pick(NOUNS))[0]
        if draw < 0.75:
            skill = self._pick(("press", "open_drawer", "close_drawer", "turn_lever"))
            noun = self._pick(("cube", "ball", "bowl", "zone", "cup", "peg", "hole"))
            return self._fill(grammar, self._expand(grammar.PATTERNS[skill]), noun, noun)[0]
        skill = self._pick(("push", "pick_place", "stack", "pour", "insert"))
        while True:
            source, target = self._pick(NOUNS), self._pick(NOUNS)
            if not any(source in s and target in t for s, t in AFFORDANCES.values()):
                return self._fill(grammar, self._expand(grammar.PATTERNS[skill]), source, target)[0]

    def _fill(self, grammar: ModuleType, skeleton: str, source: str, target: str) -> tuple[str, int, int]:
        s, source_colour, noun = self._phrase(grammar, source)
        t, target_colour, _ = self._phrase(grammar, target)
        return skeleton.format(s=s, t=t, s1=noun), source_colour, target_colour

    def _phrase(self, grammar: ModuleType, noun: str) -> tuple[str, int, str]:
        word = _marked(self._pick(grammar.NOUNS[noun]), 1 + NOUNS.index(noun))
        colour = int(self._rng.integers(1, len(COLOURS))) if self._rng.random() < 0.7 else 0
        if not colour:
            return word, 0, word
        shade = _marked(self._pick(grammar.COLOURS[COLOURS[colour]]), len(NOUNS) + colour)
        return self._pick(grammar.PHRASES).format(c=shade, n=word), colour, word

    def _unknown_phrase(self, grammar: ModuleType) -> str:
        strange_noun, strange_colour = self._rng.random(2) < (0.75, 0.4)
        if not strange_noun and not strange_colour:
            strange_noun = True
        known = self._pick(NOUNS)
        noun = _marked(self._pick(grammar.NOUNS[known]), 1 + NOUNS.index(known))
        if strange_noun:
            noun = self._unknown_noun(grammar)
        if strange_colour:
            made_up = self._rng.random() < 0.3
            shade = self._nonsense(grammar) if made_up else self._pick(grammar.UNKNOWN_COLOURS)
            colour = f"{_UNKNOWN}{shade}{_CLOSE}"
        elif self._rng.random() < 0.5:
            return noun
        else:
            code = int(self._rng.integers(1, len(COLOURS)))
            colour = _marked(self._pick(grammar.COLOURS[COLOURS[code]]), len(NOUNS) + code)
        return self._pick(grammar.PHRASES).format(c=colour, n=noun)

    def _unknown_noun(self, grammar: ModuleType) -> str:
        made_up = self._rng.random() < 0.35
        word = self._nonsense(grammar) if made_up else self._pick(grammar.UNKNOWN_NOUNS).replace("-", " ")
        return f"{_UNKNOWN}{word}{_CLOSE}"

    def _nonsense(self, grammar: ModuleType) -> str:
        if grammar is prompter_grammar_zh:
            pool = "".join(grammar.UNKNOWN_NOUNS)
            length = int(self._rng.integers(1, 4))
            if self._rng.random() < 0.6:
                return "".join(self._pick(pool) for _ in range(length))
            return "".join(chr(self._rng.integers(0x4E00, 0x9FA5)) for _ in range(length))
        syllables = [self._pick("bcdfghjklmnpqrstvwxz") + self._pick("aeiouy") for _ in range(self._rng.integers(1, 4))]
        return "".join(syllables) + self._pick(("", "n", "r", "st", "k", "l"))

    def _finish(self, skeleton: str, text: str, labels: dict[str, int], chinese: bool) -> Sentence:
        if not chinese and self._rng.random() < 0.12:
            text = self._typo(text)
        if self._rng.random() < 0.25:
            text += self._pick(".!" if not chinese else "。!")
        text = normalise(text)
        characters: list[str] = []
        words: list[int] = []
        unknown: list[bool] = []
        word, strange = 0, False
        for character in text:
            if character == _UNKNOWN:
                strange = True
            elif character == _CLOSE:
                word, strange = 0, False
            elif _WORD <= ord(character) < _WORD + len(WORDS):
                word = ord(character) - _WORD
            else:
                characters.append(character)
                words.append(word)
                unknown.append(strange)
        return Sentence(
            text="".join(characters),
            skeleton=normalise(skeleton),
            kind=labels["kind"],
            skill=labels.get("skill", IGNORED),
            source=labels.get("source", IGNORED),
            source_colour=labels.get("source_colour", IGNORED),
            target=labels.get("target", IGNORED),
            target_colour=labels.get("target_colour", IGNORED),
            unknown=tuple(unknown),
            words=tuple(words),
        )

    def _typo(self, text: str) -> str:
        """One letter of a long word swapped, lost, doubled or changed; marks of words stay."""
        places = list(_LONG_WORD.finditer(text))
        if not places:
            return text
        place = self._pick(places)
        i = int(self._rng.integers(place.start() + 1, place.end() - 1))
        head, tail, letter = text[:i], text[i + 1 :], self._pick("abcdefghijklmnopqrstuvwxyz")
        swapped = head + text[i + 1] + text[i] + text[i + 2 :]
        return self._pick((swapped, head + tail, head + text[i] * 2 + tail, head + letter + tail))

    def _expand(self, patterns: tuple[str, ...]) -> str:
        pattern = self._pick(patterns)
        while match := _CHOICE.search(pattern):
            pattern = f"{pattern[: match.start()]}{self._pick(_options(match[1]))}{pattern[match.end() :]}"
        return pattern

    def _pick(self, options: Sequence[T]) -> T:
        return options[int(self._rng.random() * len(options))]


def _marked(word: str, code: int) -> str:
    return f"{chr(_WORD + code)}{word}{_CLOSE}"


@lru_cache(maxsize=4096)
def _options(alternatives: str) -> tuple[str, ...]:
    return tuple(alternatives.split("|"))
