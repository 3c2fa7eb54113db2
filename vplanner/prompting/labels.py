"""What the text network says of the words of an instruction, and how they are cut into steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vplanner.prompting.tokens import Token
from vplanner.types import Float

_LIKELY_BEGIN = 0.03
_BEFORE = ("before", "prior to")


@dataclass(frozen=True, slots=True)
class Labels:
    """What the network says of each word: chances (L, roles), (L, begins) and (L, skills)."""

    roles: Float
    begins: Float
    skills: Float


@dataclass(frozen=True, slots=True)
class Part:
    """The words of one step, and how it begins."""

    places: tuple[int, ...]
    begin: str


def parts_of(tokens: Sequence[Token], labels: Labels, begins: tuple[str, ...]) -> list[Part]:
    """Where the text says the next step, it is cut; a piece without a verb or a thing belongs to its neighbour."""
    chosen = labels.begins.argmax(axis=1)
    for i in range(1, len(tokens)):
        pause = _is_pause(tokens[i - 1]) or tokens[i - 1].is_a("then")
        named = any(token.is_a("noun", "one", "pronoun") for token in tokens[:i])
        if chosen[i] == 0 and pause and named and tokens[i].is_a("as") and 1 - labels.begins[i, 0] > _LIKELY_BEGIN:
            chosen[i] = 1 + int(labels.begins[i, 1:].argmax())
    for start in _other_skills(tokens, labels):
        if not chosen[start : _end_of(tokens, start)].any():
            chosen[start] = 1
    cuts = [i for i in range(len(tokens)) if chosen[i] > 0]
    ahead = tokens[: cuts[0]] if cuts else []
    if any(token.is_a("noun", "one") for token in ahead) and any(token.is_a("as") for token in ahead):
        cuts.insert(0, 0)
        chosen[0] = 1
    _order(tokens, chosen, cuts, begins.index("earlier"))
    kept: list[int] = []
    for cut, end in zip(cuts, [*cuts, len(tokens)][1:], strict=True):
        if any(token.is_a("noun", "one", "as", "colour", "pronoun", "everything") for token in tokens[cut:end]):
            kept.append(cut)
    if not kept:
        return [Part(tuple(range(len(tokens))), "begin")]
    starts, ends = [0, *kept[1:]], [*kept[1:], len(tokens)]
    return [
        Part(tuple(range(start, end)), begins[int(chosen[cut])])
        for start, end, cut in zip(starts, ends, kept, strict=True)
    ]


def _says_after(tokens: Sequence[Token], cut: int) -> bool:
    """Whether the English step that begins there, the last one, is one after which the first one is done."""
    return any(tokens[i].is_a("after") and tokens[i].text.isascii() for i in (cut - 1, cut) if i > 0)


def _is_pause(token: Token) -> bool:
    return token.shape in ("comma", "stop") or token.text == "、"


def _end_of(tokens: Sequence[Token], start: int) -> int:
    """Where the words up to the next pause end."""
    return next((i for i in range(start, len(tokens)) if _is_pause(tokens[i])), len(tokens))


def _other_skills(tokens: Sequence[Token], labels: Labels) -> list[int]:
    """Where, behind a pause, words with a verb begin that are about another skill than those with a verb before it."""
    found: list[int] = []
    start, before = 0, -1
    while start < len(tokens):
        end = _end_of(tokens, start)
        if any(token.is_a("as") for token in tokens[start:end]):
            skill = int(labels.skills[start:end].sum(axis=0).argmax())
            if before not in (-1, skill):
                found.append(start)
            before = skill
        start = end + 1
    return found


def _order(tokens: Sequence[Token], chosen: NDArray[np.int64], cuts: list[int], earlier: int) -> None:
    """Correct in `chosen` (L,) which of the steps that begin at `cuts` are done before the one said before them."""
    if not any(token.is_a("before_", "after", "first") or token.text in _BEFORE for token in tokens):
        chosen[chosen > 0] = 1  # nothing says that the order is another one
    for cut in cuts:
        if cut > 0 and tokens[cut - 1].is_a("before_"):
            chosen[cut] = earlier
    if len(cuts) > 1 and any(token.text in _BEFORE for token in tokens[: cuts[0] + 1]):
        chosen[cuts[1]] = earlier
    if len(cuts) > 1 and any(token.is_a("after") for token in tokens[: cuts[0] + 1]):
        chosen[cuts[1]] = 1  # after the first, the second
    elif len(cuts) == 2 and _says_after(tokens, cuts[1]):
        chosen[cuts[1]] = earlier
