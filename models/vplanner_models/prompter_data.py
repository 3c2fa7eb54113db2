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
_OPEN, _CLOSE = "\x01", "\x02"
_CHOICE = re.compile(r"\(([^()]*)\)")
_GRAMMARS: tuple[ModuleType, ...] = (prompter_grammar_en, prompter_grammar_zh)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One labelled sentence; class labels index the tuples above, `IGNORED` where a label means nothing.

    `unknown` (len(text),) marks the characters of words that name nothing known; `skeleton` is the sentence before
    `{s}` and `{t}` were filled in.
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
            kind = KINDS[self._rng.choice(len(KINDS), p=(0.64, 0.15, 0.09, 0.04, 0.03, 0.05))]
            sentence = self._finish(*self._draw(grammar, kind), chinese)
            if 0 < len(sentence.text) <= MAX_CHARACTERS:
                return sentence

    def _draw(self, grammar: ModuleType, kind: str) -> tuple[str, str, dict[str, int]]:
        before = "" if self._rng.random() < 0.45 else self._expand((grammar.BEFORE,))
        after = "" if self._rng.random() < 0.6 else self._expand((grammar.AFTER,))
        if kind == "ok":
            skeleton, text, labels = self._command(grammar)
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
        word = self._pick(grammar.NOUNS[noun])
        colour = int(self._rng.integers(1, len(COLOURS))) if self._rng.random() < 0.7 else 0
        if not colour:
            return word, 0, word
        shade = self._pick(grammar.COLOURS[COLOURS[colour]])
        return self._pick(grammar.PHRASES).format(c=shade, n=word), colour, word

    def _unknown_phrase(self, grammar: ModuleType) -> str:
        strange_noun, strange_colour = self._rng.random(2) < (0.75, 0.4)
        if not strange_noun and not strange_colour:
            strange_noun = True
        noun = self._unknown_noun(grammar) if strange_noun else self._pick(grammar.NOUNS[self._pick(NOUNS)])
        if strange_colour:
            colour = f"{_OPEN}{self._pick(grammar.UNKNOWN_COLOURS)}{_CLOSE}"
        elif self._rng.random() < 0.5:
            return noun
        else:
            colour = self._pick(grammar.COLOURS[self._pick(COLOURS[1:])])
        return self._pick(grammar.PHRASES).format(c=colour, n=noun)

    def _unknown_noun(self, grammar: ModuleType) -> str:
        made_up = self._rng.random() < 0.35
        word = self._nonsense(grammar) if made_up else self._pick(grammar.UNKNOWN_NOUNS).replace("-", " ")
        return f"{_OPEN}{word}{_CLOSE}"

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
        unknown: list[bool] = []
        inside = False
        for character in text:
            if character in (_OPEN, _CLOSE):
                inside = character == _OPEN
            else:
                unknown.append(inside)
        return Sentence(
            text=text.replace(_OPEN, "").replace(_CLOSE, ""),
            skeleton=normalise(skeleton),
            kind=labels["kind"],
            skill=labels.get("skill", IGNORED),
            source=labels.get("source", IGNORED),
            source_colour=labels.get("source_colour", IGNORED),
            target=labels.get("target", IGNORED),
            target_colour=labels.get("target_colour", IGNORED),
            unknown=tuple(unknown),
        )

    def _typo(self, text: str) -> str:
        words = text.split(" ")
        places = [i for i, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
        if not places:
            return text
        place = self._pick(places)
        word = words[place]
        i = int(self._rng.integers(1, len(word) - 1))
        head, tail = word[:i], word[i + 1 :]
        letter = self._pick("abcdefghijklmnopqrstuvwxyz")
        swapped = head + word[i + 1] + word[i] + word[i + 2 :]
        words[place] = self._pick((swapped, head + tail, head + word[i] * 2 + tail, head + letter + tail))
        return " ".join(words)

    def _expand(self, patterns: tuple[str, ...]) -> str:
        pattern = self._pick(patterns)
        while match := _CHOICE.search(pattern):
            pattern = f"{pattern[: match.start()]}{self._pick(_options(match[1]))}{pattern[match.end() :]}"
        return pattern

    def _pick(self, options: Sequence[T]) -> T:
        return options[int(self._rng.random() * len(options))]


@lru_cache(maxsize=4096)
def _options(alternatives: str) -> tuple[str, ...]:
    return tuple(alternatives.split("|"))
