"""Draws sentences that must be refused: strange words, what cannot be done or must not be, and no commands at all."""

from __future__ import annotations

from collections.abc import Callable

from vplanner_models.config import SKILLS
from vplanner_models.prompter_data import AFFORDANCES, NOUNS, Drawing
from vplanner_models.prompter_naming import Naming


class Refused:
    """Sentences of one language that ask for nothing that can be done."""

    def __init__(self, drawing: Drawing, naming: Naming, command: Callable[..., tuple[str, str]]) -> None:
        """Draw with `drawing`, name with `naming`; `command` draws a command for a skill, which a few deny."""
        self._d, self._naming, self._command = drawing, naming, command
        self._language = drawing.language
        self._latin = drawing.language.name == "en"
        self._blank = " " if self._latin else ""

    def sentence(self, kind: str) -> str:
        """A sentence of a kind that is refused."""
        d, grammar = self._d, self._language.grammar
        match kind:
            case "unknown_word":
                return self._unknown_command()
            case "cannot":
                return self._impossible()
            case "negated":
                command = self._command(d.pick(SKILLS), plain=True)[1]
                return d.expand(d.pick(grammar.NEGATED)).format(command=command)
        if d.chance(0.15):
            return self._blank.join(self._nonsense() for _ in range(d.rng.integers(1, 8)))
        return self._fill(d.expand(d.pick(grammar.NOISE)), d.pick(NOUNS), d.pick(NOUNS))

    def _unknown_command(self) -> str:
        d = self._d
        skill = d.pick(SKILLS)
        sources, targets = AFFORDANCES[skill]
        skeleton = d.pattern(skill)
        strange = d.rng.random(2) < 0.5
        if not strange.any() or "{t}" not in skeleton:
            strange[0 if "{t}" not in skeleton else d.rng.integers(2)] = True
        s, t = (
            self._naming.unknown(self._nonsense()) if odd else self._naming.thing(d.pick(nouns or NOUNS), role, True)
            for odd, nouns, role in zip(strange, (sources, targets), ("source", "target"), strict=True)
        )
        return skeleton.format(s=s, t=t, s1=s)

    def _impossible(self) -> str:
        d, grammar = self._d, self._language.grammar
        draw = d.share()
        if draw < 0.35:
            return self._fill(d.expand(d.pick(grammar.CANNOT_ONE)), d.pick(NOUNS), d.pick(NOUNS))
        if draw < 0.55:
            one = self._naming.thing(d.pick(NOUNS), "source", True)
            return f"{d.word('cannot')}{self._blank}{one}" if d.chance(0.7) else f"{one}{self._blank}{d.word('cannot')}"
        if draw < 0.8:
            return self._fill(d.expand(d.pick(grammar.CANNOT_TWO)), d.pick(NOUNS), d.pick(NOUNS))
        skill = d.pick(("push", "pick_place", "stack", "pour", "insert"))
        while True:
            source, target = d.pick(NOUNS), d.pick(NOUNS)
            if not any(source in s and target in t for s, t in AFFORDANCES.values()):
                return self._fill(d.pattern(skill), source, target)

    def _fill(self, skeleton: str, source: str, target: str) -> str:
        s, t = (self._naming.thing(noun, "source", True) for noun in (source, target))
        return skeleton.replace("the {", "{").format(s=s, t=t, s1="")

    def _nonsense(self) -> str:
        d = self._d
        if not self._latin:
            return "".join(chr(d.rng.integers(0x4E00, 0x9FA5)) for _ in range(d.rng.integers(1, 4)))
        syllables = [d.pick("bcdfghjklmnpqrstvwxz") + d.pick("aeiouy") for _ in range(d.rng.integers(1, 4))]
        return "".join(syllables) + d.pick(("", "n", "r", "st", "k", "l"))
