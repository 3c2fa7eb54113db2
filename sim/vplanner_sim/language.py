"""Instructions in words: English and Chinese, with wordings kept apart for training and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np

from vplanner_sim import wordings_en, wordings_long, wordings_zh

Split = Literal["train", "held_out"]

LANGUAGES = ("en", "zh")
WORDINGS = {
    "train": {"en": wordings_en.TRAIN, "zh": wordings_zh.TRAIN},
    "held_out": {"en": wordings_en.HELD_OUT, "zh": wordings_zh.HELD_OUT},
}
LONG_WORDINGS = {
    "train": {"en": wordings_long.TRAIN_EN, "zh": wordings_long.TRAIN_ZH},
    "held_out": {"en": wordings_long.HELD_OUT_EN, "zh": wordings_long.HELD_OUT_ZH},
}

NOUNS_EN: dict[str, tuple[str, ...]] = {
    "cube": ("cube", "block"),
    "ball": ("ball",),
    "bowl": ("bowl",),
    "zone": ("zone", "area"),
    "button": ("button",),
    "drawer": ("drawer",),
    "lever": ("lever",),
    "cup": ("cup",),
    "peg": ("peg",),
    "hole": ("hole", "socket"),
}
NOUNS_ZH: dict[str, tuple[str, ...]] = {
    "cube": ("方块", "积木"),
    "ball": ("球",),
    "bowl": ("碗",),
    "zone": ("区域",),
    "button": ("按钮",),
    "drawer": ("抽屉",),
    "lever": ("拉杆", "操纵杆"),
    "cup": ("杯子",),
    "peg": ("木棒", "圆棒"),
    "hole": ("孔", "插孔"),
}
COLOURS_ZH: dict[str, str] = {
    "red": "红",
    "green": "绿",
    "blue": "蓝",
    "yellow": "黄",
    "orange": "橙",
    "purple": "紫",
    "white": "白",
    "grey": "灰",
}

_PARTS = {
    "drawer_handle": "drawer",
    "handle": "drawer",
    "lever_grip": "lever",
    "lever_pivot": "lever",
    "socket": "hole",
}
_OFTEN_ALONE = frozenset({"bowl", "button", "drawer", "lever", "cup", "peg", "hole"})
_BARE_SHARE = 0.5


class Nameable(Protocol):
    """What an instruction needs to know of an object: a noun such as `cube`, a colour such as `red`."""

    @property
    def noun(self) -> str: ...  # noqa: D102

    @property
    def colour(self) -> str: ...  # noqa: D102


def phrase(thing: Nameable, language: str, rng: np.random.Generator, bare: bool = False) -> str:
    """A noun phrase without article, such as `red cube` or `红色的方块`; `bare` leaves the colour out."""
    noun = _PARTS.get(thing.noun, thing.noun)
    nouns = NOUNS_EN if language == "en" else NOUNS_ZH
    if noun not in nouns:
        raise KeyError(f"no words for noun {thing.noun!r}; known: {', '.join(nouns)}")
    word = str(rng.choice(nouns[noun]))
    if bare or not thing.colour:
        return word
    if language == "en":
        return f"{thing.colour} {word}"
    colour = COLOURS_ZH.get(thing.colour, thing.colour)
    return str(rng.choice((f"{colour}色{word}", f"{colour}色的{word}", f"{colour}{word}")))


def instruction(task: str, source: Nameable, target: Nameable, rng: np.random.Generator, split: str) -> str:
    """One wording of `task` about `source` and `target`.

    Nouns of which a scene holds only one are named with or without their colour.

    Args:
        task: a name of `vplanner_sim.TASKS`.
        source: the object that is acted on.
        target: where it goes; the same object where there is only one.
        rng: chooses language and wording.
        split: `train` or `held_out`.

    Raises:
        KeyError: for an unknown task, split or noun.
    """
    language = str(rng.choice(LANGUAGES))
    wording = str(rng.choice(WORDINGS[split][language][task]))
    s_bare, t_bare = rng.random(2) < _BARE_SHARE
    return wording.format(
        s=phrase(source, language, rng, bool(s_bare) and _is_alone(source)),
        t=phrase(target, language, rng, bool(t_bare) and _is_alone(target)),
    )


def long_instruction(
    task: str, things: Sequence[tuple[Nameable, Nameable]], rng: np.random.Generator, split: Split
) -> str:
    """One wording of a long `task`; a thing that occurs in several sub-goals is called the same in all.

    Args:
        task: a name of `vplanner_sim.LONG_TASKS`.
        things: source and target of each sub-goal.
        rng: chooses language and wording.
        split: `train` or `held_out`.

    Raises:
        KeyError: for an unknown task, split or noun.
    """
    language = str(rng.choice(LANGUAGES))
    wording = str(rng.choice(LONG_WORDINGS[split][language][task]))
    looks = {_look(thing): thing for pair in things for thing in pair}
    nouns = [noun for noun, _ in looks]
    names = {
        look: phrase(
            thing, language, rng, bool(rng.random() < _BARE_SHARE and _is_alone(thing) and nouns.count(look[0]) == 1)
        )
        for look, thing in looks.items()
    }
    slots = {
        f"{role}{number}": names[_look(thing)]
        for number, pair in enumerate(things, 1)
        for role, thing in zip("st", pair, strict=True)
    }
    return wording.format(**slots)


def _look(thing: Nameable) -> tuple[str, str]:
    """What tells a thing from others in words."""
    return _PARTS.get(thing.noun, thing.noun), thing.colour


def _is_alone(thing: Nameable) -> bool:
    return _PARTS.get(thing.noun, thing.noun) in _OFTEN_ALONE
