"""Which words belong together, whatever role the network gives each of them."""

from __future__ import annotations

from collections.abc import Sequence

from vplanner.prompting.tokens import Token

PLACES = ("left", "right", "front", "behind", "next_to", "nearest", "farthest")
AHEAD_OF_ANCHOR = ("of", "to", "from", "behind", "beyond", "beside", "near", "by", "before")
"""Last words of English words of place behind which the anchor is named."""
_FAR_FROM_PLACE = 5


def colour_phrases(tokens: Sequence[Token], places: Sequence[int]) -> list[list[int]]:
    """Places of colours together with the noun that stands behind them."""
    found: list[list[int]] = []
    waiting: list[int] = []
    for i in places:
        if tokens[i].is_a("colour"):
            waiting.append(i)
        elif tokens[i].is_a("noun", "one") and waiting:
            found.append([*waiting, i])
            waiting = [i] if tokens[i].is_a("one") and not tokens[i].text.isascii() else []
        elif not tokens[i].is_a("de", "colour_word", "biggest"):
            waiting = []
    return found


def anchor_span(tokens: Sequence[Token], place: int, forwards: bool) -> list[int]:
    """Places of the noun, and the words before it, that stands right behind a word of place, or right before it."""
    step = 1 if forwards else -1
    span: list[int] = []
    for i in range(place + step, place + step * (_FAR_FROM_PLACE + 1), step):
        if not 0 <= i < len(tokens) or tokens[i].is_a("as", "in", "on", "to", "then", "and", "ba", "robot", "gripper"):
            break
        if tokens[i].is_a("noun"):
            span.append(i)
            if forwards:
                return span
            ahead = [j for j in (i - 1, i - 2) if j >= 0 and tokens[j].is_a("colour", "de")]
            return [*span, *(ahead if ahead and tokens[ahead[0]].is_a("colour", "de") else [])]
        if not forwards and not tokens[i].is_a("de", "distance"):
            break
        span.append(i)
    return []


def swapped_under(tokens: Sequence[Token], places: Sequence[int]) -> dict[int, str]:
    """The roles where one cube is to be under another: that is stacking the other one on it."""
    cubes = [i for i in places if tokens[i].is_a("noun:cube")]
    under = [i for i in places if tokens[i].is_a("under")]
    if len(cubes) != 2 or len(under) != 1 or any(tokens[i].is_a("on") for i in places):
        return {}
    latin = tokens[under[0]].text.isascii()
    if not (cubes[0] < under[0] < cubes[1] if latin else cubes[1] < under[0]):
        return {}
    named = [i for i in places if tokens[i].is_a("colour", "noun:cube")]
    return {i: "target" if i <= cubes[0] else "source" for i in named}


def with_own_exclusions(tokens: Sequence[Token], chosen: dict[int, str]) -> dict[int, str]:
    """The roles, where what source is not, but names the kind of the target, is what the target is not; and back."""
    nouns = {
        role: {tokens[i].names for i, name in chosen.items() if name == role and tokens[i].is_a("noun")}
        for role in ("source", "target", "source_not", "target_not")
    }
    found = dict(chosen)
    for role, other in (("source", "target"), ("target", "source")):
        excluded = nouns[f"{role}_not"]
        if excluded & nouns[other] and not excluded & nouns[role]:
            found |= {i: f"{other}_not" for i, name in chosen.items() if name == f"{role}_not"}
    return found
