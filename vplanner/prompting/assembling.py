"""Puts labelled words together to steps, of which every one is something that the skills can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vplanner.prompting.labels import Labels, Part, parts_of
from vplanner.prompting.mentions import HANDLE, ONE, PRONOUN, things_of
from vplanner.prompting.phrases import (
    AHEAD_OF_ANCHOR,
    PLACES,
    anchor_span,
    colour_phrases,
    swapped_under,
    with_own_exclusions,
)
from vplanner.prompting.sequences import finer, goes_on, in_order, tower, with_open_drawers
from vplanner.prompting.structure import ANY_THING, Step, Thing
from vplanner.prompting.tokens import Token
from vplanner.prompting.vocabulary import ANY_COLOUR, Vocabulary
from vplanner.types import Skill

_SWAPPED, _BORROWED, _INFERRED, _UNASSIGNED, _UNUSED = 1.0, 0.3, 0.6, 1.0, 1.0
_LEAST_SCORE = -3.0
_LEAST_CHANCE = 1e-3
_UNSAID = (Skill.INSERT, Skill.POUR)
"""Skills whose other thing may go unsaid: there is only one kind that it can be."""


@dataclass(frozen=True, slots=True)
class _Fit:
    score: float
    skill: Skill
    sources: tuple[Thing, ...]
    targets: tuple[Thing, ...]


class Assembler:
    """Makes steps of labelled words, by what each skill acts on."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Know the skills of `vocabulary`."""
        self._words = vocabulary

    def steps(self, tokens: Sequence[Token], labels: Labels) -> tuple[list[Step], float]:
        """The steps in the order in which they are to be done, and how certain their skills are.

        Returns:
            No steps where the words of some step are nothing that a skill can do.
        """
        groups: list[list[Step]] = []
        begins: list[str] = []
        certainty = 1.0
        told: list[Thing] = []
        waiting: Part | None = None
        parts = parts_of(tokens, labels, self._words.begins)
        for piece in parts:
            part = piece if waiting is None else Part((*waiting.places, *piece.places), waiting.begin)
            roles = self._by_role(tokens, labels, part)
            waiting = None
            if roles["low"] and roles["high"]:
                steps, score = tower(roles), 0.0
            else:
                fit = self._fit(tokens, labels, part, roles, told, [step for group in groups for step in group])
                named_only = (
                    not groups and piece is not parts[-1] and not any(tokens[i].is_a("as") for i in part.places)
                )
                if fit is None or (named_only and fit.skill is Skill.REACH):
                    # it may become a step together with the words that follow
                    waiting = part
                    continue
                if self._forgets(roles, fit):
                    return [], 0.0
                steps, score = self._spelt_out(tokens, part, fit), fit.score
            certainty = min(certainty, float(np.exp(score)))
            own = any(thing.noun in self._words.nouns for thing in roles["source"])
            if groups and len(steps) == 1 and goes_on(groups[-1][-1], steps[0], own):
                steps[0] = finer(groups[-1].pop(), steps[0])
                groups[-1].append(steps[0])
            else:
                groups.append(steps)
                begins.append(part.begin)
            told = [thing for step in steps[-1:] for thing in (step.target, step.source) if thing is not None] + told
        if waiting is not None and any(
            tokens[i].is_a("noun", "as", "pronoun", "one", "colour") for i in waiting.places
        ):
            return [], 0.0
        return with_open_drawers([step for group in in_order(groups, begins) for step in group]), certainty

    def _forgets(self, roles: dict[str, list[Thing]], fit: _Fit) -> bool:
        """Whether the words name a kind of thing that the step leaves out; what is poured may go without saying."""
        named = {thing.noun for role in ("source", "target") for thing in roles[role]}
        named -= {"ball"} if fit.skill is Skill.POUR else set()
        return bool(named.intersection(self._words.nouns) - {thing.noun for thing in (*fit.sources, *fit.targets)})

    def _by_role(self, tokens: Sequence[Token], labels: Labels, part: Part) -> dict[str, list[Thing]]:
        names = self._words.roles
        chosen = {i: names[int(labels.roles[i].argmax())] for i in part.places}
        for phrase in colour_phrases(tokens, part.places):
            chosen |= self._agreed(labels, phrase)
        chosen = self._with_anchors(tokens, chosen)
        chosen |= swapped_under(tokens, part.places)
        if not {"low", "high"} <= set(chosen.values()):  # no tower, but one thing on another
            level = {"low": "target", "middle": "source", "high": "source"}
            chosen = {i: level.get(role, role) for i, role in chosen.items()}
        for i in part.places:
            if (
                chosen[i] == "" and tokens[i].is_a("all") and tokens[i].text.isascii()
            ):  # `all` belongs to what is acted on, wherever it stands
                chosen[i] = "source"
            if chosen[i] == "" and tokens[i].is_a("same_colour") and "target" in chosen.values():
                chosen[i] = "target"
        chosen = with_own_exclusions(tokens, chosen)
        found: dict[str, list[Thing]] = {}
        for role in ("source", "target", "low", "middle", "high"):
            own, excluded, around = (
                [i for i in part.places if chosen[i] == name] for name in (role, f"{role}_not", f"{role}_anchor")
            )
            found[role] = things_of(tokens, own, excluded, around)
        ahead = [tokens[i - 1] for i in part.places if i > 0 and tokens[i].is_a("pronoun") and chosen[i] == ""]
        if found["source"] and not found["target"] and any(token.is_a("in", "on", "to") for token in ahead):
            found["target"] = [Thing(PRONOUN)]
        if not any(found.values()) and any(tokens[i].is_a("pronoun") for i in part.places):
            found["source"] = [Thing(PRONOUN)]
        loose = [i for i in part.places if chosen[i] == "" and tokens[i].is_a("noun", "colour")]
        found["loose"] = [thing for thing in things_of(tokens, loose, [], []) if thing.noun in self._words.nouns]
        return found

    def _agreed(self, labels: Labels, phrase: Sequence[int]) -> dict[int, str]:
        """Roles of a colour and its noun, which speak of the same thing; one of them may be what that is not."""
        names = self._words.roles
        owners = [name.removesuffix("_not") for name in names]
        shares = {owner: 0.0 for owner in owners}
        for owner, share in zip(owners, labels.roles[list(phrase)].sum(axis=0).tolist(), strict=True):
            shares[owner] += share
        owner = max(shares, key=shares.__getitem__)
        codes = [code for code, name in enumerate(owners) if name == owner]
        return {i: names[max(codes, key=lambda code: float(labels.roles[i, code]))] for i in phrase}

    def _with_anchors(self, tokens: Sequence[Token], chosen: dict[int, str]) -> dict[int, str]:
        """The roles, with the noun that a word of place is about as its anchor, where the network left it open."""
        found = dict(chosen)
        for i, role in chosen.items():
            owner = role.partition("_")[0]
            if owner not in ("source", "target") or tokens[i].word_class not in PLACES:
                continue
            latin = tokens[i].text.isascii()
            if latin and tokens[i].text.split()[-1] not in AHEAD_OF_ANCHOR:
                continue
            span = anchor_span(tokens, i, forwards=latin)
            rest = [
                j for j in found if j not in span and found[j] == owner and tokens[j].is_a("noun", "one", "everything")
            ]
            if rest and all(found.get(j) in (owner, "", f"{owner}_anchor") for j in span):
                found |= dict.fromkeys((i, *span), f"{owner}_anchor")
        return found

    def _fit(
        self,
        tokens: Sequence[Token],
        labels: Labels,
        part: Part,
        roles: dict[str, list[Thing]],
        told: list[Thing],
        before: list[Step],
    ) -> _Fit | None:
        """The likeliest skill for which the words name what it needs."""
        places = [i for i in part.places if tokens[i].shape not in ("comma", "stop", "sign")] or list(part.places)
        chances = np.log(np.maximum(labels.skills[places].mean(axis=0), _LEAST_CHANCE))
        fits = [
            fit
            for skill, chance in zip(self._words.skills, chances.tolist(), strict=True)
            for fit in self._ways(skill, chance, roles, told, before)
        ]
        best = max(fits, key=lambda fit: fit.score, default=None)
        return best if best is not None and best.score > _LEAST_SCORE else None

    def _ways(
        self, skill: Skill, score: float, roles: dict[str, list[Thing]], told: list[Thing], before: list[Step]
    ) -> list[_Fit]:
        allowed = self._words.affordances[skill]
        sources, targets, loose = roles["source"], roles["target"], roles["loose"]
        if not sources and targets and targets[0].same_colour:
            sources = [Thing(ANY_THING, every=True)]  # sorting, which says itself what
        last = before[-1] if before else None
        beside = (last.source, last.target) if last is not None else (None, None)
        found: list[_Fit] = []
        acted_on = told if last is None else [last.source, *told]
        for ss, tt, cost in (
            (sources, targets, 0.0),
            (targets, sources, _SWAPPED),
            (loose[:1], targets or loose[1:2], _UNASSIGNED),
            (sources, loose[:1], _UNASSIGNED),
        ):
            if not allowed.targets and (cost == _SWAPPED and sources):
                continue
            s, s_cost = self._meant(ss, allowed.sources, beside[0], acted_on, skill in _UNSAID and bool(tt))
            if not s:
                continue
            if not allowed.targets:
                found.append(_Fit(score - cost - s_cost, skill, s, ()))
                continue
            anchors = [thing.relation.anchor for thing in s if thing.relation is not None]
            others = [thing for thing in (*anchors, *told) if thing is not None and thing not in s]
            if skill is Skill.STACK and last is not None and last.skill is Skill.STACK:
                others.insert(0, last.source)
            t, t_cost = self._meant(tt, allowed.targets, beside[1], others, skill in _UNSAID and bool(ss))
            if t and t != s:
                found.append(_Fit(score - cost - s_cost - t_cost, skill, s, t))
        return found

    def _meant(
        self, things: list[Thing], allowed: tuple[str, ...], beside: Thing | None, told: list[Thing], unsaid: bool
    ) -> tuple[tuple[Thing, ...], float]:
        """The things by nouns that a skill allows, and what it costs to take them so; none when they do not fit."""
        known = next((thing for thing in told if thing.noun in allowed), None)
        if not things:
            if known is not None:
                return (replace(known, every=False),), _BORROWED
            return ((Thing(allowed[0]),), _INFERRED) if unsaid else ((), 0.0)
        unused = 0.0
        if len(things) > 1:  # of several, those of another kind say something else
            fitting = [thing for thing in things if thing.noun in allowed]
            fitting = fitting or [thing for thing in things if thing.noun == ONE and thing.colour != ANY_COLOUR]
            fitting = fitting or things[:1]
            unused = _UNUSED * (len(things) - len(fitting))
            things = fitting
        meant: list[Thing] = []
        for thing in things:
            if thing == Thing(PRONOUN):
                if known is None:
                    return (), 0.0
                meant.append(known)
                continue
            noun = _noun_meant(thing, allowed, meant[-1] if meant else beside)
            if noun not in (*allowed, ANY_THING):
                return (), 0.0
            guessed = thing.noun == HANDLE or (thing.noun == ONE and thing.colour != ANY_COLOUR)
            meant.append(replace(thing, noun=noun, guessed=guessed))
        return tuple(meant), unused

    def _spelt_out(self, tokens: Sequence[Token], part: Part, fit: _Fit) -> list[Step]:
        """One step for each of several sources; a drawer that things are put away in is closed again."""
        targets: tuple[Thing | None, ...] = fit.targets or (None,)
        sources = fit.sources
        if fit.targets and fit.targets[0].same_colour and not any(tokens[i].text.isascii() for i in part.places):
            sources = tuple(
                replace(s, every=True) if replace(s, every=False) == Thing(s.noun) else s for s in sources
            )  # no plural says so in Chinese
        if len(targets) not in (1, len(sources)):
            targets = targets[:1]
        targets *= len(sources) // len(targets)
        if fit.skill is Skill.STACK:  # several on one: each on the one before
            targets = (targets[0], *sources[:-1]) if len(fit.targets) == 1 else targets
        pairs = zip(sources, targets, strict=True)
        steps = [Step(fit.skill, source, target) for source, target in pairs]
        last = steps[-1].target
        if (
            last is not None
            and last.noun == "drawer"
            and any(tokens[i].is_a("as:away", "as:close") for i in part.places)
        ):
            steps.append(Step(Skill.CLOSE_DRAWER, last))
        return steps


def _noun_meant(thing: Thing, allowed: tuple[str, ...], own: Thing | None) -> str:
    """The noun of a thing that may be called `one` or `handle`, for a skill that is done to the nouns `allowed`."""
    noun = thing.noun
    if noun in (ONE, PRONOUN):
        noun = own.noun if own is not None and own.noun in allowed else ANY_THING
        anchor = None if thing.relation is None else thing.relation.anchor
        if noun == ANY_THING and anchor is not None and anchor.noun in allowed:
            return anchor.noun  # the one beside the red cube is a cube
        if noun == ANY_THING and thing.noun == ONE and thing.hint in allowed:
            return thing.hint
    if noun == HANDLE:
        return next((name for name in ("drawer", "lever") if name in allowed), noun)
    if noun == ANY_THING and len(allowed) == 1:
        return allowed[0]
    return "bowl" if noun == ANY_THING and thing.same_colour and "bowl" in allowed else noun
