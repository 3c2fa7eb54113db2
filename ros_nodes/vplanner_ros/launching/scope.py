"""What a launch file has set up so far: variables, environment, namespace, and what every later node gets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from vplanner.errors import InputError
from vplanner_ros.launching.packages import PackageIndex
from vplanner_ros.launching.templates import Call, Template, parse_template, split_command, write

_TRUE, _FALSE = ("true", "1"), ("false", "0")


@dataclass(slots=True)
class Scope:
    """Changes as the file is read from top to bottom; a group reads its children in a copy."""

    file: Path
    packages: PackageIndex
    environment: dict[str, str]
    variables: dict[str, str]
    namespace: str | None = None
    remaps: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, Any], ...] = ()
    used: set[str] = field(default_factory=set)
    """Names of the variables that something asked for; shared with all copies."""

    def inner(self) -> Scope:
        """A copy whose changes stay inside."""
        return replace(self, environment=dict(self.environment), variables=dict(self.variables))

    def text(self, text: str) -> str:
        """`text` with its substitutions performed. Raises `InputError` when one cannot be."""
        return self.fill(parse_template(text))

    def command(self, text: str) -> list[str]:
        """`text` as arguments of a command line."""
        return split_command(parse_template(text), self.perform)

    def fill(self, template: Template) -> str:
        """The text of a template."""
        return write(template, self.perform)

    def perform(self, call: Call) -> str:
        """The text that a substitution stands for."""
        values = [self.fill(argument) for argument in call.arguments]
        if call.name in ("dirname", "filename"):
            return str(self.file.parent if call.name == "dirname" else self.file)
        if call.name == "find-pkg-share":
            return str(self.packages.share(values[0]))
        if call.name == "var":
            return self._variable(*values)
        if call.name == "env":
            return _look_up(self.environment, "environment variable", *values)
        return _word(_LOGIC[call.name](values))

    def _variable(self, name: str, default: str | None = None) -> str:
        self.used.add(name)
        return _look_up(self.variables, "variable", name, default)


def _look_up(values: Mapping[str, str], what: str, name: str, default: str | None = None) -> str:
    if name in values:
        return values[name]
    if default is None:
        raise InputError(f"there is no {what} '{name}', and no default is given")
    return default


def condition(text: str) -> bool:
    """The value of `if` or `unless`. Raises `InputError` for anything but true, false, 1 and 0, in any case."""
    word = text.strip().lower()
    if word not in _TRUE + _FALSE:
        raise InputError(f"a condition became '{text}'; it must be true, false, 1 or 0")
    return word in _TRUE


def truth(text: str) -> bool:
    """The value of an argument of `not`, `and`, `or`: 1, 0, and all that YAML takes for true or false."""
    if text in ("1", "0"):
        return text == "1"
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        value = None
    if not isinstance(value, bool):
        raise InputError(f"'{text}' is not a truth value; give true, false, 1 or 0")
    return value


def _equal(left: str, right: str) -> bool:
    """Truth values equal as such, numbers up to rounding, all else letter by letter."""
    words = _TRUE + _FALSE
    if left.lower() in words and right.lower() in words:
        return (left.lower() in _TRUE) == (right.lower() in _TRUE)
    try:
        return math.isclose(float(left), float(right))
    except ValueError:
        return left == right


_LOGIC: dict[str, Callable[[list[str]], bool]] = {
    "equals": lambda values: _equal(values[0], values[1]),
    "not-equals": lambda values: not _equal(values[0], values[1]),
    "not": lambda values: not truth(values[0]),
    "and": lambda values: all([truth(value) for value in values]),  # a list: the second one is checked, too
    "or": lambda values: any([truth(value) for value in values]),
}


def _word(value: bool) -> str:
    return "true" if value else "false"
