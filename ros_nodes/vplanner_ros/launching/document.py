"""A launch file as a tree in which every value knows its file and line, so that each mistake can be pointed at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

from vplanner.errors import InputError


@dataclass(frozen=True, slots=True)
class Place:
    """A line (from 1) of a file."""

    file: Path
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, number, truth value or nothing; `value` has the type that YAML gives it."""

    value: Any
    place: Place


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Value, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Map:
    """Keys and values, in the file's order; `key_places` says where each key stands."""

    entries: dict[str, Value]
    key_places: dict[str, Place]
    place: Place


Value = Scalar | Items | Map


@dataclass(frozen=True, slots=True)
class Action:
    """One element of a list of actions, such as `node: {...}`."""

    name: str
    body: Value
    place: Place


def fail(place: Place, message: str) -> NoReturn:
    """Raise `InputError` that begins with file and line."""
    raise InputError(f"{place}: {message}")


def listed(names: Iterable[str]) -> str:
    """Names for a message, in alphabetical order."""
    return ", ".join(sorted(names)) or "none"


def read_launch_file(path: Path) -> tuple[Action, ...]:
    """The actions under `launch:`.

    Raises:
        InputError: There is no such file, it is not YAML, or not a launch file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = 0 if error.problem_mark is None else error.problem_mark.line
        fail(Place(path, line + 1), f"is not YAML: {error.problem}")
    if root is None:
        fail(Place(path, 1), "is empty; a launch file has one key, `launch`, with a list of actions")
    value = _value(root, path)
    if not isinstance(value, Map) or set(value.entries) != {"launch"}:
        keys = listed(value.entries) if isinstance(value, Map) else "no keys"
        fail(value.place, f"has {keys} at its root; a launch file has one key, `launch`, with a list of actions")
    return actions_of(value.entries["launch"])


def actions_of(value: Value) -> tuple[Action, ...]:
    """The actions of a list of one-key maps. Raises `InputError` when it is something else."""
    if not isinstance(value, Items):
        fail(value.place, "expected a list of actions, such as `- log: {message: hello}`")
    return tuple(_action(item) for item in value.items)


def _action(item: Value) -> Action:
    if not isinstance(item, Map) or len(item.entries) != 1:
        found = f"one with {len(item.entries)}" if isinstance(item, Map) else "none"
        fail(
            item.place,
            f"an action is a map with one key, its kind; this is {found}. Indent its settings below the kind",
        )
    ((name, body),) = item.entries.items()
    return Action(name, body, item.key_places[name])


def _value(node: yaml.Node, file: Path) -> Value:
    place = Place(file, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        return Scalar(_scalar(node, place), place)
    if isinstance(node, yaml.SequenceNode):
        return Items(tuple(_value(item, file) for item in node.value), place)
    entries: dict[str, Value] = {}
    places: dict[str, Place] = {}
    for key_node, value_node in node.value:
        key_place = Place(file, key_node.start_mark.line + 1)
        if not isinstance(key_node, yaml.ScalarNode):
            fail(key_place, "a key must be a word")
        if key_node.value in entries:
            fail(key_place, f"`{key_node.value}` stands here twice")
        entries[key_node.value] = _value(value_node, file)
        places[key_node.value] = key_place
    return Map(entries, places, place)


def _scalar(node: yaml.ScalarNode, place: Place) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node)
    except (yaml.YAMLError, ValueError) as error:
        fail(place, f"'{node.value}' cannot be read: {error}")
    finally:
        loader.dispose()
