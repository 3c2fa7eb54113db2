"""Reads an instruction: which skill, on what, towards what; or why it is refused."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np

from vplanner.backends import BackendConfig, OnnxNetwork
from vplanner.bundle import Bundle
from vplanner.errors import PromptRefusedError
from vplanner.prompting.vocabulary import ANY_COLOUR, COMMAND, Vocabulary
from vplanner.types import Float, Skill

_HEADS = ("kind", "skill", "source", "source_colour", "target", "target_colour")
_LEAST_CERTAINTY = 0.4
_LEAST_EVIDENCE = 0.3
_LEAST_COMMAND = 0.4
_CJK = (0x3400, 0x9FFF)
_COURTESY = re.compile(r"^(麻烦(你|您)?|劳驾|拜托)[,， ]*")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A thing by noun and colour; the colour may be `any`."""

    noun: str
    colour: str

    @property
    def label(self) -> str:
        """As in `red cube`."""
        return self.noun if self.colour == ANY_COLOUR else f"{self.colour} {self.noun}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What an instruction asks for; `target` is `source` for skills about a single thing."""

    skill: Skill
    source: Phrase
    target: Phrase
    certainty: float


class Reader:
    """The text network of a bundle."""

    def __init__(self, bundle: Bundle, config: BackendConfig, vocabulary: Vocabulary) -> None:
        """Open the network. Raises `BundleError` when it is missing or damaged."""
        self._network = OnnxNetwork(bundle, "prompter_text", {"characters": 2}, config)
        self._vocabulary = vocabulary

    def read(self, instruction: str) -> Reading:
        """Understand one instruction, English or Chinese.

        Raises:
            PromptRefusedError: The message says what is wrong with it and what would be right.
        """
        text = normalise(instruction)
        longest = self._vocabulary.max_characters
        if not text:
            raise PromptRefusedError("the instruction is empty; say for example 'put the red cube in the bowl'")
        if len(text) > longest:
            raise PromptRefusedError(f"the instruction has {len(text)} characters; say it with {longest} or fewer")
        codes = np.zeros((1, longest), dtype=np.int64)
        codes[0, : len(text)] = [ord(character) for character in text]
        *logits, unknown, words = self._network.run(codes)  # type: ignore[arg-type]
        chances = {head: _softmax(values[0]) for head, values in zip(_HEADS, logits, strict=True)}
        said = self._words_said(words[0, : len(text)])
        kinds = dict(zip(self._vocabulary.kinds, chances["kind"].tolist(), strict=True))
        if kinds.pop(COMMAND) < _LEAST_COMMAND:
            kind = max(kinds, key=kinds.__getitem__)
            raise PromptRefusedError(self._why_not(kind, instruction, text, unknown[0]))
        return self._command(instruction, chances, said)

    def _words_said(self, words: Float) -> frozenset[str]:
        """Nouns and colours that some characters of the text spell, by logits (L, words)."""
        strongest = _softmax(words).max(axis=0)
        return frozenset(
            word for word, chance in zip(self._vocabulary.words, strongest, strict=True) if chance > _LEAST_EVIDENCE
        )

    def _command(self, instruction: str, chances: dict[str, Float], said: frozenset[str]) -> Reading:
        words = self._vocabulary
        skill = words.skills[int(chances["skill"].argmax())]
        allowed = words.affordances[skill]
        nouns, colours = said.intersection(words.nouns), said.intersection(words.colours) | {ANY_COLOUR}
        if not nouns:
            raise PromptRefusedError(f"'{instruction}' names nothing that I know; I know {words.inventory()}")
        certainty = float(chances["skill"].max())
        things: list[Phrase] = []
        for role in ("source", "target") if allowed.targets else ("source",):
            noun, noun_chance = _best(chances[role], words.nouns, nouns)
            colour, colour_chance = _best(chances[f"{role}_colour"], words.colours, colours)
            things.append(Phrase(noun, colour))
            certainty *= noun_chance * colour_chance
        source, target = things[0], things[-1]
        if source.noun not in allowed.sources or (allowed.targets and target.noun not in allowed.targets):
            raise PromptRefusedError(self._cannot(instruction))
        if certainty < _LEAST_CERTAINTY:
            raise PromptRefusedError(f"'{instruction}' is not clear to me; {self._what_i_can()}")
        return Reading(skill, source, target, certainty)

    def _why_not(self, kind: str, instruction: str, text: str, unknown: Float) -> str:
        match kind:
            case "unknown_word":
                named = ", ".join(f"'{word}'" for word in marked_words(text, unknown))
                return f"I know nothing called {named}; I know {self._vocabulary.inventory()}"
            case "several":
                return f"'{instruction}' asks for several things at once; ask for one after the other"
            case "negated":
                return f"'{instruction}' says what not to do; say what to do"
            case "cannot":
                return self._cannot(instruction)
            case _:
                return f"'{instruction}' is no instruction that I understand; {self._what_i_can()}"

    def _cannot(self, instruction: str) -> str:
        return f"'{instruction}' is nothing that I can do; {self._what_i_can()}"

    def _what_i_can(self) -> str:
        return (
            f"I can {', '.join(skill.value for skill in self._vocabulary.skills)} with {self._vocabulary.inventory()}"
        )


def normalise(text: str) -> str:
    """Lower case, compatibility forms folded, single spaces, no courtesy in front: nothing that changes the meaning."""
    folded = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    return _COURTESY.sub("", folded) or folded


def marked_words(text: str, marks: Float) -> list[str]:
    """Words of `text` whose characters are marked (positive in `marks`); at least the most marked one."""
    words: list[tuple[float, str]] = []
    for start, end in _spans(text, marks):
        words.append((float(marks[start:end].mean()), text[start:end]))
    found = [word for mark, word in words if mark > 0]
    return found or [max(words)[1]]


def _spans(text: str, marks: Float) -> list[tuple[int, int]]:
    """Words between blanks and signs; Chinese, which has no blanks, is cut where the mark changes."""
    spans: list[tuple[int, int]] = []
    start = 0
    for i in range(len(text) + 1):
        outside = i == len(text) or not text[i].isalnum()
        cut = not outside and i > start and _is_cjk(text[i]) and (marks[i] > 0) != (marks[i - 1] > 0)
        if outside or cut:
            if i > start:
                spans.append((start, i))
            start = i + 1 if outside else i
    return spans or [(0, len(text))]


def _is_cjk(character: str) -> bool:
    return _CJK[0] <= ord(character) <= _CJK[1]


def _softmax(logits: Float) -> Float:
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True), dtype=np.float32)


def _best(chances: Float, names: tuple[str, ...], allowed: frozenset[str]) -> tuple[str, float]:
    """The likeliest of the names that are allowed, and its chance among them.

    The network thus chooses among the words that were said, and invents none.
    """
    among = {name: float(chances[names.index(name)]) for name in sorted(allowed)}
    best = max(among, key=among.__getitem__)
    return best, among[best] / max(sum(among.values()), 1e-9)
