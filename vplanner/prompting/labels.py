"""What the text network says of the words of an instruction, and how they are cut into steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
        pause = tokens[i - 1].shape in ("comma", "stop") or tokens[i - 1].text == "、" or tokens[i - 1].is_a("then")
        named = any(token.is_a("noun", "one", "pronoun") for token in tokens[:i])
        if chosen[i] == 0 and pause and named and tokens[i].is_a("as") and 1 - labels.begins[i, 0] > _LIKELY_BEGIN:
            chosen[i] = 1 + int(labels.begins[i, 1:].argmax())
    cuts = [i for i in range(len(tokens)) if chosen[i] > 0]
    ahead = tokens[: cuts[0]] if cuts else []
    if any(token.is_a("noun", "one") for token in ahead) and any(token.is_a("as") for token in ahead):
        cuts.insert(0, 0)
        chosen[0] = 1
    if not any(token.is_a("before_", "after", "first") or token.text in _BEFORE for token in tokens):
        chosen[chosen > 0] = 1  # nothing says that the order is another one
    for cut in cuts:
        if cut > 0 and tokens[cut - 1].is_a("before_"):
            chosen[cut] = begins.index("earlier")
    if len(cuts) > 1 and any(token.text in _BEFORE for token in tokens[: cuts[0] + 1]):
        chosen[cuts[1]] = begins.index("earlier")
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
