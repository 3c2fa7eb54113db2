"""Cuts an instruction into words, and looks them up in the lexicon of the bundle, typing errors forgiven."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vplanner.prompting.vocabulary import Lexicon

_PIECE = re.compile(r"[a-zà-ÿ]+(?:'[a-zà-ÿ]+)*|\d+[a-z]?|[^\s]")
_SLIP_LETTERS, _TWO_SLIP_LETTERS = 4, 8
_SHAPES = ("plain", "plural", "slip", "letters", "sign", "comma", "stop", "number", "han")
_SIGNS = {",": "comma", ";": "stop", ".": "stop", "!": "stop", "?": "sign", ":": "comma", "。": "stop", "、": "comma"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign of a normalised text, from `start` up to `end`, with its class; `""` is none.

    `shape` says what kind of word it is: one of the lexicon's, its plural, a misspelt one, or what there is of others.
    """

    start: int
    end: int
    text: str
    word_class: str
    shape: str

    @property
    def names(self) -> str:
        """What a word of a class such as `noun:cube` stands for; empty for other classes."""
        kind, _, name = self.word_class.partition(":")
        return name if kind in ("noun", "colour") else ""

    def is_a(self, *classes: str) -> bool:
        """Whether its class, or the part before the colon, is one of these."""
        return self.word_class in classes or self.word_class.partition(":")[0] in classes


def normalise(text: str) -> str:
    """Lower case, compatibility forms folded, straight quotes, no hyphens in words, single spaces."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'").replace("\u2018", "'")
    folded = re.sub(r"(?<=push)-(?=button)", "", folded)
    folded = re.sub(r"\s*(?:[-=]+>|\u2192|\u21d2)\s*", " to ", folded)
    folded = re.sub(r"(?<=[a-z])[-\u2010\u2011\u2013_](?=[a-z])", " ", folded)
    return " ".join("".join(c for c in folded if c.isprintable() or c.isspace()).split())


class Tokeniser:
    """Finds the longest words of a lexicon; the same text always gives the same tokens."""

    def __init__(self, lexicon: Lexicon, buckets: int) -> None:
        """Look words up in `lexicon`; codes of features lie below `buckets`."""
        self._codes = {word_class: code for code, word_class in enumerate(("", *lexicon.classes))}
        self._buckets = buckets
        self._words: dict[str, tuple[str, str]] = {}
        for word_class, words in lexicon.classes.items():
            for word in words:
                self._words.setdefault(normalise(word), (word_class, "plain"))
        for word, (word_class, _) in list(self._words.items()):
            if word_class.startswith("noun:") and word.isascii():
                for plural in _plurals(word):
                    self._words.setdefault(plural, (word_class, "plural"))
        self._words["ones"] = ("one", "plural")
        self._plain = frozenset(lexicon.plain)
        self._slips = self._misspellings()
        self._most_after: dict[str, int] = {}  # pieces of the longest phrase that begins so
        for word in self._words:
            if word.isascii():
                first, *more = _PIECE.findall(word)
                self._most_after[first] = max(self._most_after.get(first, 0), 1 + len(more))
        self._longest_han = max((len(word) for word in self._words if not word.isascii()), default=1)

    def tokens(self, text: str) -> list[Token]:
        """The words and signs of a normalised text in order."""
        pieces = list(_PIECE.finditer(text))
        found: list[Token] = []
        i = 0
        while i < len(pieces):
            start = pieces[i].start()
            if not pieces[i][0].isascii():
                token = self._han(text, start)
                found.append(token)
                while i < len(pieces) and pieces[i].start() < token.end:
                    i += 1
                continue
            most = min(self._most_after.get(pieces[i][0], 0), len(pieces) - i)
            count = next((n for n in range(most, 0, -1) if text[start : pieces[i + n - 1].end()] in self._words), 0)
            if count:
                end = pieces[i + count - 1].end()
                found.append(Token(start, end, text[start:end], *self._words[text[start:end]]))
            else:
                found.extend(self._unlisted(text, start, pieces[i].end()))
            i += max(count, 1)
        return found

    def encode(self, text: str) -> tuple[list[int], NDArray[np.int64]]:
        """Where each token of a normalised text starts, and the features (L, 6)."""
        tokens = self.tokens(text)
        return [token.start for token in tokens], self.features(tokens)

    def features(self, tokens: list[Token]) -> NDArray[np.int64]:
        """Codes (L, 6) of class, shape, whole word, beginning, end, and first letters or neighbouring characters."""
        rows = [
            (self._codes[token.word_class], _SHAPES.index(token.shape), *_spelling(token.text, self._buckets))
            for token in tokens
        ]
        return np.array(rows, dtype=np.int64).reshape(-1, 6)

    def _han(self, text: str, start: int) -> Token:
        for length in range(min(self._longest_han, len(text) - start), 0, -1):
            word = text[start : start + length]
            if word in self._words:
                return Token(start, start + length, word, *self._words[word])
        return Token(start, start + 1, text[start], "", _SIGNS.get(text[start], "han"))

    def _unlisted(self, text: str, start: int, end: int) -> Iterator[Token]:
        """A word that is not listed: two that are, run together; a possessive; a misspelling; or unknown."""
        word = text[start:end]
        if not word[0].isalpha():
            shape = "number" if word[0].isdigit() else _SIGNS.get(word, "sign")
            yield Token(start, end, word, "", shape)
            return
        for cut in (len(word) - 2, *range(3, len(word) - 2)):
            ahead, rest = word[:cut], word[cut:]
            if cut > 0 and rest == "'s" and (ahead in self._words or ahead in self._plain):
                yield Token(start, start + cut, ahead, *self._words.get(ahead, ("", "letters")))
                yield Token(start + cut, end, rest, "", "letters")
                return
            if self._names(ahead) and self._names(rest) and word not in self._plain:
                for a, b in ((start, start + cut), (start + cut, end)):
                    yield Token(a, b, text[a:b], *self._words[text[a:b]])
                return
        meant = self._meant(word)
        if meant:
            yield Token(start, end, meant, self._words[meant][0], "slip")
        else:
            yield Token(start, end, word, "", "letters")

    def _names(self, word: str) -> bool:
        return self._words.get(word, ("", ""))[0].startswith(("noun:", "colour:"))

    def _misspellings(self) -> dict[str, str]:
        """What is left of each listed word without one letter, and the word; things and colours come first."""
        found: dict[str, str] = {}
        for word, (word_class, _) in self._words.items():
            if word_class.startswith("colour:") and word.isascii() and len(word) == _SLIP_LETTERS - 1:
                found.setdefault(word, word)  # of these only a letter too many is forgiven
        listed = [w for w in self._words if w.isascii() and w.isalpha() and len(w) >= _SLIP_LETTERS]
        for word in sorted(listed, key=lambda word: not self._names(word)):
            for left in (word, *_without_one(word)):
                found.setdefault(left, word)
        return found

    def _meant(self, word: str) -> str:
        """The listed word, best a thing, with one letter lost, added, changed or swapped, in long words two."""
        if word in self._plain or len(word) < _SLIP_LETTERS:
            return ""
        found = (self._slips.get(left, "") for left in (word, *_without_one(word)))
        near = [meant for meant in found if meant and _near(word, meant)]
        return next((meant for meant in near if self._names(meant)), near[0] if near else "")


@lru_cache(maxsize=16384)
def _spelling(word: str, buckets: int) -> tuple[int, ...]:
    """Buckets of the whole word, its beginning, its end, and its outer letters."""
    parts = (f"w{word}", f"b{word[:3]}", f"e{word[-3:]}", f"n{word[:1]}{word[-1:]}")
    return tuple(zlib.crc32(part.encode("utf-8")) % buckets for part in parts)


def _plurals(word: str) -> tuple[str, ...]:
    if word.endswith("s") and not word.endswith("ss"):
        return (f"{word}es",)
    return (f"{word}es",) if word.endswith(("s", "x", "ch", "sh")) else (f"{word}s",)


def _without_one(word: str) -> Iterator[str]:
    return (word[:i] + word[i + 1 :] for i in range(len(word)))


def _near(word: str, meant: str) -> bool:
    """Whether two words that share what is left without a letter differ by no more than one slip."""
    if abs(len(word) - len(meant)) > 1:
        return False
    if len(word) != len(meant):
        longer, shorter = (word, meant) if len(word) > len(meant) else (meant, word)
        return shorter in _without_one(longer)
    apart = [i for i, (a, b) in enumerate(zip(word, meant, strict=True)) if a != b]
    swapped = len(apart) == 2 and word[apart[0]] == meant[apart[1]] and word[apart[1]] == meant[apart[0]]
    return len(apart) <= 1 or (swapped and apart[1] == apart[0] + 1) or len(word) >= _TWO_SLIP_LETTERS
