"""Draws whole sentences: one command, several steps, towers and sorting, and what must be refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vplanner_models.config import SKILLS
from vplanner_models.prompter_data import (
    AFFORDANCES,
    KINDS,
    LANGUAGES,
    NOUNS,
    Drawing,
    Language,
    Sentence,
    finish,
    marked,
    slip,
    step_mark,
)
from vplanner_models.prompter_naming import Naming
from vplanner_models.prompter_refused import Refused

_MOST_CHARACTERS = 220
_KIND_SHARES = (0.74, 0.09, 0.07, 0.03, 0.07)


class Sampler:
    """Draws sentences; the same generator state gives the same sentences."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._makers = [_Maker(Drawing(rng, language)) for language in LANGUAGES]

    def sentence(self) -> Sentence:
        """One sentence of any kind."""
        while True:
            maker = self._makers[int(self._rng.random() < 0.5)]
            kind = KINDS[self._rng.choice(len(KINDS), p=_KIND_SHARES)]
            sentence = maker.sentence(kind)
            if 0 < len(sentence.text) <= _MOST_CHARACTERS:
                return sentence


class _Maker:
    """Sentences of one language."""

    def __init__(self, drawing: Drawing) -> None:
        self._d = drawing
        self._language: Language = drawing.language
        self._naming = Naming(drawing)
        self._refused = Refused(drawing, self._naming, self._command)
        self._latin = drawing.language.name == "en"
        self._blank = " " if self._latin else ""

    def sentence(self, kind: str) -> Sentence:
        d, grammar = self._d, self._language.grammar
        skeleton = ""
        if kind == "ok":
            skeleton, text = self._meant()
        else:
            text = self._refused.sentence(kind)
        if kind not in ("negated", "not_a_command"):
            before = "" if d.chance(0.45) else d.expand(grammar.BEFORE)
            after = "" if d.chance(0.6) else d.expand(grammar.AFTER)
            before, after = self._filler() + before, after + self._filler()
            if d.chance(0.2):
                before = f"{d.word('ease')}{self._blank}{before}"
            skeleton = before + skeleton + after if skeleton else ""
            text = before + text + after
        if self._latin and d.chance(0.12):
            text = slip(d, text)
        if d.chance(0.25):
            text += d.pick(".!" if self._latin else "。!")
        return finish(text, skeleton, kind)

    def _meant(self) -> tuple[str, str]:
        """A skeleton where there is one, and a sentence that can be done."""
        ways: list[tuple[float, Callable[[], str]]] = [
            (0.03, self._tower),
            (0.03, self._sort),
            (0.05, self._put_away),
            (0.08, self._twice),
            (0.08, self._late_first),
            (0.06, self._in_order),
            (0.14, self._one_after_the_other),
            (0.03, self._left_out),
            (0.04, self._denied_late),
            (0.04, self._by_colour),
            (0.02, self._alike),
        ]
        other = self._d.way(ways, None)
        return self._command(self._d.pick(SKILLS)) if other is None else ("", other())

    def _two(self) -> tuple[str, str]:
        first, second = (self._command(self._d.pick(SKILLS), plain=self._d.chance(0.6))[1] for _ in range(2))
        return first, second

    def _late_first(self) -> str:
        first, second = self._two()
        pattern = self._d.pick(self._language.phrases.LATE_FIRST)
        begin = "earlier" if pattern.index("{late}") < pattern.index("{early}") else "begin"
        return str(pattern).format(late=first, early=_begun(second, begin))

    def _in_order(self) -> str:
        first, second = self._two()
        return str(self._d.pick(self._language.phrases.IN_ORDER)).format(early=first, late=second)

    def _one_after_the_other(self) -> str:
        steps = [*self._two()]
        if self._d.chance(0.25):
            steps.append(self._command(self._d.pick(SKILLS), plain=True)[1])
        return self._joined(steps)

    def _joined(self, steps: list[str]) -> str:
        d, phrases = self._d, self._language.phrases
        text = d.pick(phrases.FIRST) + steps[0]
        for step in steps[1:]:
            text += d.pick(phrases.THEN) + step
        return text

    def _command(self, skill: str, plain: bool = False) -> tuple[str, str]:
        d = self._d
        sources, targets = AFFORDANCES[skill]
        source, target = d.pick(sources), d.pick(targets or sources)
        if target == "drawer" and not d.chance(0.25):
            target = "bowl"
        skeleton = d.pattern(skill)
        if skill == "turn_lever" and d.chance(0.03):
            source = "handle"
        s = self._naming.thing(source, "source", plain)
        t = self._naming.thing(target, "target", plain or d.chance(0.5))
        again = marked(d.word(f"noun:{source}"), "source")
        return skeleton, step_mark(skill) + skeleton.format(s=s, t=t, s1=again)

    def _left_out(self) -> str:
        """First what is to be left, then what is done with the rest."""
        d, words = self._d, self._language.phrases
        skill = d.pick(("pick_place", "pick_place", "pick_place", "push", "press", "reach", "pour"))
        sources, targets = AFFORDANCES[skill]
        noun = d.pick(sources)
        target = self._naming.thing(d.pick(targets or sources), "target", True)
        left = self._naming.excluded(d.pick(words.LEAVE), noun, "source")
        rest = d.pattern(skill).format(s=self._naming.rest(noun, "source"), t=target, s1="")
        return step_mark(skill) + left + rest

    def _denied_late(self) -> str:
        """A command, and behind it what is not meant."""
        d, words, naming = self._d, self._language.phrases, self._naming
        skill = d.pick(SKILLS)
        sources, targets = AFFORDANCES[skill]
        source, target = d.pick(sources), d.pick(tuple(n for n in targets if n != "drawer") or sources)
        of_target = bool(targets) and d.chance(0.45)
        s = naming.thing(source, "source", True) if of_target else self._plain_name(source, "source")
        t = self._plain_name(target, "target") if of_target else naming.thing(target, "target", True)
        command = d.pattern(skill).format(s=s, t=t, s1=marked(d.word(f"noun:{source}"), "source"))
        role, noun = ("target", target) if of_target else ("source", source)
        denied = naming.excluded(d.pick(words.NOT_THERE if of_target else words.NOT_IT), noun, role)
        return step_mark(skill) + command + d.pick((", ", ",", " ") if self._latin else (",", ",", "")) + denied

    def _plain_name(self, noun: str, role: str) -> str:
        the = "the " if self._latin and self._d.chance(0.7) else "a " if self._latin else ""
        return the + marked(self._d.word(f"noun:{noun}"), role)

    def _by_colour(self) -> str:
        """A command, or two of a kind, in which things are called by their colours alone."""
        d, naming = self._d, self._naming
        skill = d.pick(("stack", "stack", "press", "push", "pick_place", "reach", "insert", "pour"))
        sources, targets = AFFORDANCES[skill]
        steps: list[str] = []
        for _ in range(2 if d.chance(0.5) else 1):
            s = naming.colour("source") if d.chance(0.75) else naming.thing(d.pick(sources), "source", True)
            named = naming.thing(d.pick(tuple(n for n in targets if n != "drawer") or sources), "target", True)
            t = naming.colour("target") if skill in ("stack", "push") and d.chance(0.8) else named
            short = d.pick(self._language.phrases.SHORT[skill]) if steps or d.chance(0.2) else d.pattern(skill)
            steps.append(step_mark(skill) + short.format(s=s, t=t, s1=""))
        return self._joined(steps)

    def _alike(self) -> str:
        d, naming = self._d, self._naming
        skill = d.pick(("pick_place", "stack", "push", "press", "pour", "turn_lever", "reach"))
        s = naming.colour("source") if d.chance(0.5) else naming.thing(d.pick(AFFORDANCES[skill][0]), "source", True)
        again = step_mark(skill) + d.pick(self._language.phrases.ALIKE).format(s=s)
        return self._joined([self._command(skill, plain=True)[1], again])

    def _twice(self) -> str:
        """A second step of the same skill that is cut short, or that speaks of what the first one named."""
        d, naming, words = self._d, self._naming, self._language.phrases
        skill = d.pick(("pick_place", "pick_place", "stack", "push", "press", "reach", "insert", "pour"))
        sources, targets = AFFORDANCES[skill]
        first = self._command(skill, plain=True)[1]
        s = naming.thing(d.pick(sources), "source", True)
        t = naming.thing(d.pick(tuple(n for n in targets if n != "drawer") or sources), "target", True)
        if d.chance(0.5):
            second = step_mark(skill) + d.pick(words.SHORT[skill]).format(s=s, t=t)
            return self._joined([first, second])
        if skill == "stack":
            top = d.expand(d.pick(words.ON_TOP)).format(s=s)
            if d.chance(0.4):
                top = d.pattern("stack").format(s=s, t=naming.it("target"), s1="")
            return self._joined([first, step_mark("stack") + top])
        other = d.pick([k for k in SKILLS if sources[0] in AFFORDANCES[k][0]])
        pattern = d.pattern(other)
        t = naming.thing(d.pick(AFFORDANCES[other][1] or NOUNS), "target", True)
        return self._joined([first, step_mark(other) + pattern.format(s=naming.it("source"), t=t, s1="")])

    def _tower(self) -> str:
        d = self._d
        names = (self._naming.thing("cube", role, True) for role in ("low", "middle", "high"))
        low, middle, high = (name for name in names)
        return step_mark("stack") + d.pick(self._language.phrases.TOWER).format(l=low, m=middle, h=high)

    def _sort(self) -> str:
        d = self._d
        noun = d.pick(("cube", "cube", "ball", "thing"))
        if d.chance(0.75):
            things = self._naming.all_of(noun, "source")
        else:
            things = marked(("the " if self._latin else "") + d.word(f"noun:{noun}"), "source")
        pattern = d.expand(d.pick(self._language.phrases.SORT))
        named, bowl = marked(d.word(f"noun:{noun}"), "source"), d.word("noun:bowl")
        for said in ("by colour", "by color", "colour sort", "match colours", "按照颜色", "按颜色", "依颜色"):
            if said in pattern:
                pattern = pattern.replace(said, marked(said, "target"), 1)
                break
        parts = pattern.replace("{b}", bowl).split("~")
        pattern = "".join(marked(part, "target") if i % 2 else part for i, part in enumerate(parts))
        return step_mark("pick_place") + pattern.format(s=things, n=named, m=self._naming.matching("bowl", "target"))

    def _put_away(self) -> str:
        """A drawer is opened, filled and closed, or some of that."""
        d, words, naming = self._d, self._language.phrases, self._naming
        s = naming.thing(d.pick(("cube", "cube", "ball")), "source", True)
        drawer = naming.thing("drawer", "source", True)
        target = naming.it("target") if d.chance(0.4) else naming.thing("drawer", "target", True)
        inside = step_mark("pick_place") + d.pick(words.INSIDE).format(s=s)
        named = step_mark("pick_place") + d.pattern("pick_place").format(s=s, t=target, s1="")
        again = d.pick(words.AGAIN).replace("it", naming.it("source")).replace("它", marked("它", "source"))
        if d.chance(0.25):
            again = d.pattern("close_drawer").format(s=naming.thing("drawer", "source", True), s1="")
        close = step_mark("close_drawer") + again
        opening = step_mark("open_drawer") + d.pattern("open_drawer").format(s=drawer, s1="")
        if d.chance(0.4):
            away = d.expand(d.pick(words.PUT_AWAY)).format(s=s, t=naming.thing("drawer", "target", True))
            away = step_mark("pick_place") + away
            return self._joined([away, close]) if d.chance(0.4) else away
        steps = [opening, inside if d.chance(0.5) else named]
        return self._joined([*steps, close] if d.chance(0.7) else steps)

    def _filler(self) -> str:
        """Words that the network need not know to understand the rest."""
        d, grammar = self._d, self._language.grammar
        if d.chance(0.8):
            return ""
        if not self._latin:
            known = d.chance(0.7)
            return d.pick(grammar.FILLERS) if known else chr(d.rng.integers(0x4E00, 0x9FA5))
        return " " + " ".join(d.pick(grammar.FILLERS) for _ in range(d.rng.integers(1, 3))) + " "


def _begun(step: str, begin: str) -> str:
    """The step with another mark of how it begins."""
    return f"{step[0]}{step_mark('reach', begin)[1]}{step[2:]}"
