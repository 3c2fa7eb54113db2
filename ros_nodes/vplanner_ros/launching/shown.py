"""The arguments that a launch file declares, for `--show-args`, without giving them values."""

from __future__ import annotations

from pathlib import Path

from vplanner.errors import InputError
from vplanner_ros.launching.attributes import Attributes
from vplanner_ros.launching.document import Action, Map, Value, actions_of, read_launch_file
from vplanner_ros.launching.packages import find_packages
from vplanner_ros.launching.plan import Argument
from vplanner_ros.launching.schema import check_action
from vplanner_ros.launching.scope import Scope


def declared_arguments(file: Path, environment: dict[str, str]) -> tuple[Argument, ...]:
    """Arguments of the file, and of those it includes whose place depends on no argument; the first of a name counts.

    Raises:
        InputError: A file is missing or is no launch file.
    """
    found: dict[str, Argument] = {}
    _collect(Scope(file.resolve(), find_packages(environment), environment, {}), found, [])
    return tuple(found.values())


def _collect(scope: Scope, found: dict[str, Argument], seen: list[Path]) -> None:
    if scope.file not in seen:
        _walk(read_launch_file(scope.file), scope, found, [*seen, scope.file])


def _walk(actions: tuple[Action, ...], scope: Scope, found: dict[str, Argument], seen: list[Path]) -> None:
    for action in actions:
        check_action(action)
        if not isinstance(action.body, Map):
            _walk(actions_of(action.body), scope, found, seen)
            continue
        attributes = Attributes(action.body, scope)
        if action.name == "arg":
            argument = _argument(attributes)
            found.setdefault(argument.name, argument)
        elif action.name in ("group", "timer"):
            children: Value = attributes.children()
            _walk(actions_of(children), scope, found, seen)
        elif action.name == "include":
            inner = scope.inner()
            try:
                inner.file = Path(attributes.needed("file")).resolve()
            except InputError:
                continue  # the file depends on an argument
            _collect(inner, found, seen)


def _argument(attributes: Attributes) -> Argument:
    return Argument(
        name=attributes.raw("name") or "",
        default=attributes.raw("default"),
        description=attributes.raw("description") or "",
        choices=tuple(part.raw("value") or "" for part in attributes.parts("choice")),
    )
