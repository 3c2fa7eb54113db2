"""Texts with substitutions such as `$(var task)`, read into a tree and written out in a scope."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from vplanner.errors import InputError
from vplanner_ros.launching.document import listed
from vplanner_ros.launching.schema import SUBSTITUTIONS


@dataclass(frozen=True, slots=True)
class Call:
    """A substitution with its arguments."""

    name: str
    arguments: tuple[Template, ...]


Template = tuple[str | Call, ...]
Perform = Callable[[Call], str]


def parse_template(text: str) -> Template:
    r"""Read `text`; `\` before a character takes its meaning away, and a `$` without a parenthesis is itself.

    Raises:
        InputError: A parenthesis or quote is not closed, or a substitution is unknown or has wrong arguments.
    """
    parts, end = _parts(text, 0, stop="")
    assert end == len(text)
    return parts


def write(template: Template, perform: Perform) -> str:
    """The text with all substitutions performed."""
    return "".join(part if isinstance(part, str) else perform(part) for part in template)


def split_command(template: Template, perform: Perform) -> list[str]:
    """Arguments of a command line: spaces and quotes of the text separate, what is substituted stays in one piece.

    Raises `InputError` for a quote that is not closed.
    """
    done: list[str] = []
    current: str | None = None
    for part in template:
        if isinstance(part, Call):
            current = (current or "") + perform(part)
            continue
        try:
            tokens = shlex.split(part)
        except ValueError as error:
            hint = "a substitution stays one argument without quotes around it"
            raise InputError(f"`{part}` cannot be split into arguments ({error}); {hint}") from error
        if part[0].isspace() and current is not None:
            done.append(current)
            current = None
        for index, token in enumerate(tokens):
            if index > 0 and current is not None:
                done.append(current)
                current = None
            current = (current or "") + token
        if part[-1].isspace() and current is not None:
            done.append(current)
            current = None
    return done if current is None else [*done, current]


def _parts(text: str, start: int, stop: str) -> tuple[Template, int]:
    """Parts from `start` up to a character of `stop` or the end, and where that is."""
    parts: list[str | Call] = []
    plain = ""
    index = start
    while index < len(text) and text[index] not in stop:
        if text[index] == "\\" and index + 1 < len(text):
            plain += text[index + 1]
            index += 2
        elif text.startswith("$(", index):
            if plain:
                parts.append(plain)
                plain = ""
            call, index = _call(text, index)
            parts.append(call)
        else:
            plain += text[index]
            index += 1
    if plain:
        parts.append(plain)
    return tuple(parts), index


def _call(text: str, start: int) -> tuple[Call, int]:
    index = start + 2
    while index < len(text) and (text[index].isalnum() or text[index] in "_-"):
        index += 1
    name = text[start + 2 : index]
    if name not in SUBSTITUTIONS:
        raise InputError(f"unknown substitution `$({name} ...)`; there are {listed(SUBSTITUTIONS)}")
    arguments: list[Template] = []
    while index < len(text) and text[index] == " ":
        argument, index = _argument(text, index + 1)
        arguments.append(argument)
    if index >= len(text) or text[index] != ")":
        raise InputError(f"`{text[start:]}`: no `)` closes `$({name}`, or a character there needs quotes")
    least, most = SUBSTITUTIONS[name]
    if not least <= len(arguments) <= most:
        number = str(least) if least == most else f"{least} to {most}"
        raise InputError(f"`{text[start : index + 1]}` has {len(arguments)} arguments; `{name}` takes {number}")
    return Call(name, tuple(arguments)), index + 1


def _argument(text: str, start: int) -> tuple[Template, int]:
    quote = text[start] if start < len(text) and text[start] in "'\"" else ""
    if quote:
        parts, end = _parts(text, start + 1, stop=quote)
        if end >= len(text):
            raise InputError(f"`{text[start:]}`: the quote is not closed")
        return parts, end + 1
    parts, end = _parts(text, start, stop=" ()'\"")
    if end == start:
        raise InputError(f"`{text}`: an argument is empty; one space separates, and '' is the empty text")
    return parts, end
