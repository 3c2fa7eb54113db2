"""Draws how a sentence names a thing: plainly, by where it is, by what it is not, by how many."""

from __future__ import annotations

from collections.abc import Callable

from vplanner_models.prompter_data import COLOURS, NOUNS, Drawing, marked

_SHADES = COLOURS[1:]
_ANCHORS = ("cube", "ball", "bowl", "zone", "button", "drawer", "lever", "cup", "peg", "hole")


class Naming:
    """Names things in one language; the result is marked with the roles of its words."""

    def __init__(self, drawing: Drawing) -> None:
        self._d = drawing
        self._words = drawing.language.phrases
        self._latin = drawing.language.name == "en"

    def thing(self, noun: str, role: str, plain: bool = False) -> str:
        """A phrase for some thing of a noun, in any way that the language has; `plain` leaves the rarer ones out."""
        ways: list[tuple[float, Callable[[str, str], str]]] = [
            (0.17, self._related),
            (0.03, self._between),
            (0.1, self._outermost),
            (0.06, self._without),
            (0.02, self._rather),
            (0.02, self._other),
        ]
        if role == "source":
            ways += [(0.09, self._many), (0.02, self._pair)]
        return self._d.way([] if plain else ways, self._plainly)(noun, role)

    def _plainly(self, noun: str, role: str) -> str:
        return self._the(marked(self._core(noun), role))

    def _outermost(self, noun: str, role: str) -> str:
        pattern = self._d.expand(self._d.pick(self._words.EXTREME))
        return self._the(self._brackets(pattern, role, self._core_or_one(noun)))

    def _between(self, noun: str, role: str) -> str:
        d, words = self._d, self._words
        pattern = d.pick(words.BETWEEN)
        if d.chance(0.3):
            pair = self._fill(d.pick(words.PAIR), d.pick(_ANCHORS))
            pattern = pattern.replace(pattern[pattern.index("{a}") : pattern.index("{b}") + 3], pair)
        a, b = (self._the(self._core(d.pick(_ANCHORS))) for _ in range(2))
        pattern = pattern.replace("{a}", a).replace("{b}", b)
        return self._the(self._brackets(pattern, role, self._core_or_one(noun)))

    def _without(self, noun: str, role: str) -> str:
        return self._the(self._excluding(self._d.pick(self._words.WITHOUT), noun, role))

    def _rather(self, noun: str, role: str) -> str:
        return self._excluding(self._d.pick(self._words.MEANT), noun, role)

    def _pair(self, noun: str, role: str) -> str:
        return marked(self._fill(self._d.pick(self._words.PAIR), noun), role)

    def _other(self, noun: str, role: str) -> str:
        return marked(self._fill(self._d.pick(self._words.OTHER), noun), role)

    def unknown(self, nonsense: str) -> str:
        """A phrase of which noun or colour is nothing known."""
        d, words = self._d, self._words
        strange_noun, strange_colour = d.rng.random(2) < (0.75, 0.4)
        strange_noun = strange_noun or not strange_colour
        noun = self._noun(d.pick(NOUNS))
        if strange_noun:
            noun = marked(nonsense if d.chance(0.35) else d.word("strange_noun"), "unknown")
        if strange_colour:
            colour = marked(nonsense if d.chance(0.3) else d.word("strange_colour"), "unknown")
        elif d.chance(0.5):
            return self._the(noun)
        else:
            colour = d.word(d.pick(_SHADES))
        return self._the(d.pick(words.PLAIN[:12]).format(c=colour, n=noun, f=""))

    def matching(self, noun: str, role: str) -> str:
        """The one of a noun that has the colour of what goes there."""
        return marked(self._fill(self._d.pick(self._words.MATCHING), noun), role)

    def all_of(self, noun: str, role: str) -> str:
        """Each thing of a noun."""
        words = self._words
        return marked(self._fill(self._d.pick(words.EVERY), noun, coloured=False), role)

    def it(self, role: str) -> str:
        """A pronoun."""
        return marked(self._d.pick(self._words.IT), role)

    def _related(self, noun: str, role: str) -> str:
        d, words = self._d, self._words
        where = d.pick(tuple(words.WHERE))
        by_robot = where in ("nearest", "farthest") and d.chance(0.4)
        anchor = d.pick(words.ROBOT) if by_robot else self._the(self._core(d.pick(_ANCHORS)))
        relative = words.RELATIVE
        if not self._latin and where in ("nearest", "farthest"):
            relative = words.DISTANT
        elif where == "next_to" and d.chance(0.4):
            relative = words.BESIDE
        pattern = d.pick(relative).replace("{w}", d.expand(d.pick(words.WHERE[where]))).replace("{a}", anchor)
        return self._the(self._brackets(pattern, role, self._core_or_one(noun)))

    def _brackets(self, pattern: str, role: str, phrase: str) -> str:
        """The pattern with what stands in brackets as belonging to the anchor."""
        parts = pattern.replace("{p}", phrase).replace("]", "[").split("[")
        return "".join(marked(part, f"{role}_anchor" if i % 2 else role) for i, part in enumerate(parts) if part)

    def _excluding(self, pattern: str, noun: str, role: str) -> str:
        parts = self._fill(pattern, noun).split("~")
        return "".join(marked(part, f"{role}_not" if i % 2 else role) for i, part in enumerate(parts) if part)

    def _many(self, noun: str, role: str) -> str:
        d, words = self._d, self._words
        draw = d.share()
        if draw < 0.5:
            return marked(self._fill(d.pick(words.EVERY), noun), role)
        if draw < 0.75:
            return self._excluding(d.pick(words.EVERY_WITHOUT), noun, role)
        return marked(d.expand(self._fill(d.pick(words.EVERYTHING), noun)), role)

    def _fill(self, pattern: str, noun: str, coloured: bool = True) -> str:
        """Nouns, colours and plain phrases, singular and plural, in place of their marks."""
        d = self._d
        shade, other = (d.word(colour) for colour in d.two(_SHADES))
        word = self._noun(noun)
        phrase = f"{shade} {word}" if self._latin else f"{shade}{d.pick(('', '的'))}{word}"
        if not coloured or d.chance(0.4):
            phrase = word
        filled = d.expand(pattern).replace("{ps}", self._plural(phrase)).replace("{p}", phrase)
        filled = filled.replace("{ns}", self._plural(word)).replace("{n}", word)
        return filled.replace("{c}", shade).replace("{x}", other)

    def _core_or_one(self, noun: str) -> str:
        return self._d.word("one") if self._d.chance(0.12) else self._core(noun)

    def _core(self, noun: str) -> str:
        d, words = self._d, self._words
        word, opinion = self._noun(noun), d.pick(d.language.grammar.OPINIONS)
        if d.chance(0.3):
            return str(d.pick(words.BARE)).format(n=word, f=opinion)
        return str(d.pick(words.PLAIN)).format(c=d.word(d.pick(_SHADES)), n=word, f=opinion)

    def colour(self, role: str) -> str:
        """A colour, which stands for the thing that has it."""
        d = self._d
        said = d.word(d.pick(_SHADES))
        one = d.chance(0.3)
        return self._the(marked(f"{said} one" if one and self._latin else f"{said}的" if one else said, role))

    def excluded(self, pattern: str, noun: str, role: str) -> str:
        """Words that say what a thing is not, and nothing else."""
        return marked(self._fill(pattern, noun, coloured=False), f"{role}_not")

    def rest(self, noun: str, role: str) -> str:
        """All that are left."""
        return marked(self._fill(self._d.pick(self._words.REST), noun, coloured=False), role)

    def _noun(self, noun: str) -> str:
        d = self._d
        if d.chance(0.03):
            return d.word("thing") if d.chance(0.5) or not self._latin else "one"
        return "push button" if self._latin and noun == "button" and d.chance(0.05) else d.word(f"noun:{noun}")

    def _plural(self, phrase: str) -> str:
        if not self._latin:
            return phrase
        return phrase if phrase.endswith("s") else f"{phrase}{'es' if phrase.endswith(('x', 'ch', 'sh')) else 's'}"

    def _the(self, phrase: str) -> str:
        the = self._d.pick(self._words.THE)
        return f"{the} {phrase}" if the and self._latin else f"{the}{phrase}"
