"""Reads an instruction: which skills, on what, towards what, in which order; or why it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise

import numpy as np

from vplanner.backends import BackendConfig, OnnxNetwork
from vplanner.bundle import Bundle
from vplanner.errors import PromptRefusedError
from vplanner.prompting.assembling import Assembler
from vplanner.prompting.labels import Labels
from vplanner.prompting.structure import Reading
from vplanner.prompting.tokens import Token, Tokeniser, normalise
from vplanner.prompting.vocabulary import ANY_COLOUR, Vocabulary
from vplanner.types import Float

_COMMAND, _STRANGE_WORD, _UNKNOWN = "ok", "unknown_word", "unknown"
_LEAST_COMMAND = 0.4
_FIRST_WORDS = 2
_LEAST_UNKNOWN, _LEAST_LISTED = 0.6, 0.4
_LOOKS_ALIKE = 0.8
_LEAST_CERTAINTY, _CERTAIN = 0.01, 0.3


@dataclass(frozen=True, slots=True)
class Phrase:
    """A thing by noun and colour; the colour may be `any`."""

    noun: str
    colour: str

    @property
    def label(self) -> str:
        """As in `red cube`."""
        return self.noun if self.colour == ANY_COLOUR else f"{self.colour} {self.noun}"


class Reader:
    """The text network of a bundle, and the rules that make steps of what it says of the words."""

    def __init__(self, bundle: Bundle, config: BackendConfig, vocabulary: Vocabulary) -> None:
        """Open the network. Raises `BundleError` when it is missing or damaged."""
        self._network = OnnxNetwork(bundle, "prompter_text", {"tokens": 3}, config)
        self._vocabulary = vocabulary
        self._tokeniser = Tokeniser(vocabulary.lexicon, vocabulary.buckets)
        self._assembler = Assembler(vocabulary)
        self._plain = frozenset(vocabulary.lexicon.plain)

    def read(self, instruction: str) -> Reading:
        """Understand one instruction, English, Chinese or mixed.

        Raises:
            PromptRefusedError: The message says what is wrong with it and what would be right.
        """
        tokens = self._tokeniser.tokens(normalise(instruction))
        longest = self._vocabulary.most_tokens
        if not tokens:
            raise PromptRefusedError("the instruction is empty; say for example 'put the red cube in the bowl'")
        if len(tokens) > longest:
            raise PromptRefusedError(
                f"the instruction has {len(tokens)} words and signs; say it with {longest} or fewer"
            )
        kinds, labels = self._label(tokens)
        strange, listed = self._strange(tokens, labels)
        command = kinds.pop(_COMMAND)
        if garbled := self._garbled_colour(tokens):
            raise PromptRefusedError(self._unknown(f"'{garbled}'"))
        if strange and listed:
            raise PromptRefusedError(self._unknown(strange))
        beside_the_point = command + kinds[_STRANGE_WORD] >= _LEAST_COMMAND and self._says_all(tokens, labels)
        if strange and command < _LEAST_COMMAND and not beside_the_point:
            raise PromptRefusedError(self._unknown(strange))
        if command < _LEAST_COMMAND and not beside_the_point:
            kind = max(kinds, key=kinds.__getitem__)
            if kind != "negated" or not _says_what_to_do_first(tokens):
                raise PromptRefusedError(self._why_not(kind, instruction, tokens))
        if not any(token.is_a("noun", "one", "colour", "everything", "pronoun", "same_colour") for token in tokens):
            raise PromptRefusedError(
                f"'{instruction}' names nothing that I know; I know {self._vocabulary.inventory()}"
            )
        steps, certainty = self._assembler.steps(tokens, labels)
        if strange and not steps:
            raise PromptRefusedError(self._unknown(strange))
        if not steps:
            raise PromptRefusedError(self._cannot(instruction))
        if certainty < _LEAST_CERTAINTY:
            raise PromptRefusedError(f"'{instruction}' is not clear to me; {self._what_i_can()}")
        return Reading(tuple(steps), certainty)

    def _label(self, tokens: list[Token]) -> tuple[dict[str, float], Labels]:
        codes = np.zeros((1, self._vocabulary.most_tokens, 6), dtype=np.int64)
        codes[0, : len(tokens)] = self._tokeniser.features(tokens)
        kind, *words = self._network.run(codes)  # type: ignore[arg-type]
        chances = dict(zip(self._vocabulary.kinds, _softmax(kind[0]).tolist(), strict=True))
        return chances, Labels(*(_softmax(values[0, : len(tokens)]) for values in words))

    def _strange(self, tokens: list[Token], labels: Labels) -> tuple[str, bool]:
        """The words that stand for a thing or a colour that is not known, quoted; whether one is known for that."""
        unknown = labels.roles[:, self._vocabulary.roles.index(_UNKNOWN)]
        found: list[str] = []
        known = False
        end = -1
        for token, chance in zip(tokens, unknown.tolist(), strict=True):
            listed = token.is_a("strange_noun", "strange_colour")
            if (chance > _LEAST_UNKNOWN and self._is_unlisted(token)) or (listed and chance > _LEAST_LISTED):
                joined = token.start == end and not token.text.isascii()
                found = [*found[:-1], found[-1] + token.text] if joined else [*found, token.text]
                end = token.end
                known |= listed
        return ", ".join(f"'{word}'" for word in found), known

    def _says_all(self, tokens: list[Token], labels: Labels) -> bool:
        """Whether known words name all that the steps need: a strange one, not in a name, is then beside the point."""
        chances = labels.roles[:, self._vocabulary.roles.index(_UNKNOWN)].tolist()
        odd = [i for i, token in enumerate(tokens) if chances[i] > _LEAST_LISTED and self._is_unlisted(token)]
        in_name = any(tokens[i + 1].is_a("noun", "one", "colour", "de") for i in odd if i + 1 < len(tokens))
        in_name |= any(tokens[i - 1].is_a("colour", "de") for i in odd if i > 0)
        if not odd or in_name:
            return False
        steps, certainty = self._assembler.steps(tokens, labels)
        nouns = {token.names for token in tokens if token.is_a("noun")}
        needed = {thing.noun for step in steps for thing in (step.source, step.target) if thing is not None}
        return bool(steps) and certainty > _CERTAIN and needed <= nouns and any(token.is_a("as") for token in tokens)

    def _garbled_colour(self, tokens: list[Token]) -> str:
        """A word of no meaning here before a noun that looks like a colour: left out, another thing would be moved."""
        for token, after in pairwise(tokens):
            named = not token.word_class and token.text.isascii() and token.text.isalpha() and after.is_a("noun")
            if named and get_close_matches(token.text, self._vocabulary.colours, 1, _LOOKS_ALIKE):
                return token.text
        return ""

    def _is_unlisted(self, token: Token) -> bool:
        return not token.word_class and token.text not in self._plain

    def _unknown(self, named: str) -> str:
        return f"I know nothing called {named}; I know {self._vocabulary.inventory()}"

    def _why_not(self, kind: str, instruction: str, tokens: list[Token]) -> str:
        if kind == "not_a_command" and any(token.is_a("dont") for token in tokens[:_FIRST_WORDS]):
            kind = "negated"
        match kind:
            case "negated":
                return f"'{instruction}' says what not to do; say what to do"
            case "cannot":
                return self._cannot(instruction)
            case "unknown_word":
                strange = [t.text for t in tokens if not t.word_class and t.shape in ("letters", "han")]
                named = ", ".join(f"'{text}'" for text in strange if text not in self._plain)
                if named:
                    return self._unknown(named)
        return f"'{instruction}' is no instruction that I understand; {self._what_i_can()}"

    def _cannot(self, instruction: str) -> str:
        return f"'{instruction}' is nothing that I can do; {self._what_i_can()}"

    def _what_i_can(self) -> str:
        skills = ", ".join(skill.value.replace("_", " ") for skill in self._vocabulary.skills)
        return f"I can {skills} with {self._vocabulary.inventory()}"


def _says_what_to_do_first(tokens: list[Token]) -> bool:
    """Whether a verb and a thing come before the first word that forbids something."""
    first = next((i for i, token in enumerate(tokens) if token.is_a("dont", "not")), len(tokens))
    ahead = tokens[:first]
    return any(token.is_a("as") for token in ahead) and any(token.is_a("noun") for token in ahead)


def _softmax(logits: Float) -> Float:
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True), dtype=np.float32)
