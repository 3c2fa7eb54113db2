"""What the words of one role in a step say together: which things, of which colour, where, and how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from vplanner.prompting.structure import ANY_THING, BETWEEN, FARTHEST, GRIPPER, NEAREST, ROBOT, Relation, Thing
from vplanner.prompting.tokens import Token
from vplanner.prompting.vocabulary import ANY_COLOUR

ONE, PRONOUN, HANDLE = "one", "pronoun", "handle"
"""Nouns that only what was said before explains, or the skill."""
_WHERE = {
    "left": "left_of", "right": "right_of", "front": "in_front_of", "behind": "behind", "next_to": "next_to",
    "nearest": NEAREST, "farthest": FARTHEST, "leftmost": "left_of", "rightmost": "right_of",
    "between": BETWEEN,
}  # fmt: skip
_HEADS = ("noun", "one", "pronoun", "everything")
_OUTERMOST = ("leftmost", "rightmost")
_REACH_OF_DONT = 4
_REST = (
    "the rest",
    "rest",
    "others",
    "remain",
    "what",
    "left",
    "everything",
    "其余",
    "其他",
    "其它",
    "剩",
    "余",
    "别的",
    "都",
)
_MEASURED = {"块": "cube", "颗": "ball", "粒": "ball", "根": "peg"}
_LITTLE = ("or", "nor", "the", "或", "也", "色")
_WAYS = ("way", "side", "end", "direction", "边", "头", "侧")
_LISTED = ("、", ",", "or", "跟", "+", "/")
_APART = frozenset(("以外", "之外", "外", "以外的", "之外的", "除外", "例外"))


@dataclass(slots=True)
class _Draft:
    noun: str
    colours: list[str] = field(default_factory=list)
    every: bool = False
    place: int = 0


def things_of(tokens: Sequence[Token], own: list[int], excluded: list[int], around: list[int]) -> list[Thing]:
    """The things that some words name.

    Args:
        tokens: All words of the instruction.
        own: Which of them speak of the things themselves.
        excluded: Which say what the things are not.
        around: Which say where they are.

    Returns:
        In the order in which they are named; nouns may be `one`, `pronoun` and `handle`.
    """
    own, denied = _denied(tokens, own, excluded)
    drafts = _drafts(tokens, own)
    excluded = sorted({*excluded, *denied})
    not_colours = tuple(dict.fromkeys(tokens[i].names for i in excluded if tokens[i].is_a("colour")))
    where = [*around] or [i for i in own if tokens[i].is_a(*_OUTERMOST, "nearest", "farthest")]
    relation = _relation(tokens, where, next((draft.noun for draft in drafts if draft.noun not in (ONE, PRONOUN)), ""))
    said = {tokens[i].word_class for i in own if not _is_other_way(tokens, i)}
    if "other" in said and not_colours:
        said = said - {"other"} | {"all"}  # what is left is said
    elif _is_rest(tokens, own):
        said.add("rest")
    if not drafts:
        heads = [draft for draft in _drafts(tokens, excluded) if draft.noun not in (PRONOUN,)]
        if heads and (not_colours or own):
            drafts = [_Draft(heads[0].noun, every=heads[0].every)]
        elif said & {"all", "everything", "other", "same_colour", "number"} or not_colours or relation:
            drafts = [_Draft(ONE)]
    every = bool(said & {"all", "everything", "rest"}) or any(draft.every for draft in drafts)
    single = "other" in said and "rest" not in said
    found = [
        Thing(draft.noun, colour, every=(every and not single) or draft.every)
        for draft in drafts
        for colour in draft.colours or [ANY_COLOUR]
    ]
    if len(found) > 1:  # each of several things that are named by colour is one thing
        found = [replace(thing, every=thing.every and thing.colour == ANY_COLOUR) for thing in found]
    left = tuple(colour for colour in not_colours if all(colour != thing.colour for thing in found))
    return [
        replace(
            thing,
            not_colours=left if thing.colour == ANY_COLOUR else (),
            other="other" in said,
            same_colour="same_colour" in said,
            relation=relation,
            unjudged=_unjudged(tokens, own),
            hint=next((noun for i in own for word, noun in _MEASURED.items() if word in tokens[i].text), ""),
        )
        for thing in found
    ]


def _is_other_way(tokens: Sequence[Token], place: int) -> bool:
    """Whether a word belongs to `the other way`, which speaks of no other thing."""
    behind = tokens[place + 1 : place + 2]
    return tokens[place].is_a("other") and any(token.text in _WAYS for token in behind)


def _is_rest(tokens: Sequence[Token], own: list[int]) -> bool:
    """Whether all others are meant, and not one other."""
    others = [tokens[i].text for i in own if tokens[i].is_a("other")]
    one = any(tokens[i].is_a("one") and tokens[i].shape != "plural" for i in own)
    return not one and any(word.startswith(_REST) or word.endswith(_REST) for word in others)


def _unjudged(tokens: Sequence[Token], own: list[int]) -> str:
    """The word of size and the like that belongs to the things; there is no telling from pictures what it means."""
    places = {i - 1 for i in own} | {i - 2 for i in own if i > 0 and tokens[i - 1].is_a("de")} | set(own)
    return next((tokens[i].text for i in sorted(places) if i >= 0 and tokens[i].is_a("biggest")), "")


def _denied(tokens: Sequence[Token], own: list[int], excluded: list[int]) -> tuple[list[int], list[int]]:
    """The words without the colours that are excluded too, and those colours.

    They stand closely behind a `not`, before an `以外`, or are joined to a colour that is excluded.
    """
    denied: list[int] = []
    for i in own:
        if not tokens[i].is_a("colour"):
            continue
        ahead = next((j for j in range(i - 1, max(-1, i - 3), -1) if tokens[j].is_a("not", "colour", "noun")), -1)
        prohibited = any(tokens[j].is_a("dont") for j in range(max(0, i - _REACH_OF_DONT), i))
        apart = any(token.text in _APART for token in tokens[i + 1 : i + 4])
        alike = any(_joins(tokens[j + 1 : i]) for j in (*denied, *excluded) if j < i and tokens[j].is_a("colour"))
        if (ahead >= 0 and tokens[ahead].is_a("not")) or prohibited or apart or alike:
            denied.append(i)
    return [i for i in own if i not in denied], denied


def _joins(between: Sequence[Token]) -> bool:
    """Whether these words join two colours, as in `neither red nor blue`."""
    little = all(token.is_a("and", "not", "de") or token.text in _LITTLE for token in between)
    return little and any(token.is_a("and") or token.text in ("or", "nor", "或") for token in between)


def _drafts(tokens: Sequence[Token], places: list[int]) -> list[_Draft]:
    """Nouns with the colours said before them, or after them where there were none before."""
    drafts: list[_Draft] = []
    waiting: list[int] = []
    for i in places:
        token = tokens[i]
        if token.is_a("colour"):
            waiting.append(i)
        elif token.is_a(*_HEADS):
            _add(drafts, _Draft(_head(token), _together(tokens, waiting), _is_many(token), i))
            waiting = []
    if waiting:
        colours = _together(tokens, waiting)
        if drafts and not drafts[-1].colours:
            drafts[-1].colours = colours
        elif drafts:
            _add(drafts, _Draft(ONE, colours, False, waiting[-1]))
        else:
            drafts.append(_Draft(ONE, colours, False, waiting[-1]))
    named = [draft for draft in drafts if draft.noun not in (PRONOUN, ONE) or draft.colours]
    return named or drafts[:1]


def _add(drafts: list[_Draft], new: _Draft) -> None:
    """Append a thing, or join it with one that was named in other words."""
    last = drafts[-1] if drafts else None
    if last is None:
        drafts.append(new)
    elif last.noun in (ONE, PRONOUN, ANY_THING) and not new.colours and new.place <= last.place + 2:
        last.noun, last.every = new.noun if new.noun not in (ONE, PRONOUN) else last.noun, last.every or new.every
    elif new.noun in (ONE, PRONOUN, ANY_THING) and not last.colours:
        last.colours = new.colours
        last.every = last.every or new.every
    elif new.noun in (ONE, ANY_THING) and new.colours and new.colours != last.colours:
        drafts.append(_Draft(last.noun, new.colours, new.every, new.place))
    elif new.noun in (ONE, PRONOUN) or any(d.noun == new.noun and new.colours in ([], d.colours) for d in drafts):
        return
    elif any(d.noun == new.noun and not d.colours for d in drafts):
        next(d for d in drafts if d.noun == new.noun).colours = new.colours
    else:
        drafts.append(new)


def _together(tokens: Sequence[Token], places: list[int]) -> list[str]:
    """Colours of one noun: all of a list of them, else the last."""
    if len(places) < 2:
        return [tokens[i].names for i in places]
    between = [token for token in tokens[places[0] : places[-1]]]
    joined = any(token.is_a("and") or token.text in _LISTED for token in between)
    joined |= places[-1] - places[0] == len(places) - 1 and any(
        token.is_a("number", "all") for token in tokens[places[-1] + 1 : places[-1] + 4]
    )
    names = list(dict.fromkeys(tokens[i].names for i in places))
    return names if joined else names[-1:]


def _head(token: Token) -> str:
    if token.is_a("noun"):
        return token.names
    return ANY_THING if token.is_a("everything") else token.word_class


def _is_many(token: Token) -> bool:
    return token.is_a("everything") or token.shape == "plural"


def _relation(tokens: Sequence[Token], places: list[int], own: str) -> Relation | None:
    """Where the things of the noun `own` are, by words of place and the anchors they name; `one` is another of them."""
    ways = [i for i in places if tokens[i].word_class in _WHERE]
    if not ways:
        return None
    strong = [i for i in ways if tokens[i].is_a("nearest", "farthest", *_OUTERMOST)]
    way = tokens[(strong or ways)[0]]
    where = _WHERE[way.word_class]
    anchors = [draft for draft in _drafts(tokens, places) if draft.noun not in (ONE, PRONOUN) or draft.colours]
    if where == BETWEEN:
        ends = [Thing(end.noun, colour) for end in anchors for colour in end.colours or [ANY_COLOUR]]
        ends = [end.called(own or ANY_THING) if end.noun == ONE else end for end in ends]
        return Relation(where, ends[0], ends[1] if len(ends) > 1 else ends[0]) if ends else None
    if anchors and not way.is_a(*_OUTERMOST):
        noun = (own or ANY_THING) if anchors[0].noun == ONE else anchors[0].noun
        return Relation(where, Thing(noun, (anchors[0].colours or [ANY_COLOUR])[-1]))
    if where in (NEAREST, FARTHEST):
        return Relation(where, Thing(GRIPPER if any(tokens[i].is_a("gripper") for i in places) else ROBOT))
    if where == "next_to":  # by itself, that is no place
        return Relation(where, Thing(ROBOT)) if any(tokens[i].is_a("robot", "gripper") for i in places) else None
    return Relation(where)
