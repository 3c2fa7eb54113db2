"""From a launch file and its arguments to a plan: the file is read from top to bottom, as ROS 2 reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vplanner.errors import InputError
from vplanner_ros.launching.attributes import Attributes
from vplanner_ros.launching.document import Action, Map, Value, actions_of, fail, listed, read_launch_file
from vplanner_ros.launching.nodes import executable_plan, join_namespace, node_plan
from vplanner_ros.launching.packages import find_packages
from vplanner_ros.launching.parameters import parameter_value
from vplanner_ros.launching.plan import LogPlan, ShutdownPlan, Step, TimerPlan
from vplanner_ros.launching.schema import check_action
from vplanner_ros.launching.scope import Scope

_MOST_NESTED = 20


def read_plan(
    file: Path, arguments: Mapping[str, str], environment: Mapping[str, str], folder: Path
) -> tuple[Step, ...]:
    """All steps of a launch file, with every substitution performed.

    Args:
        file: The launch file.
        arguments: What was given as `name:=value`.
        environment: Whole environment, before the file's own changes.
        folder: Where parameter files will be written.

    Raises:
        InputError: With file and line, for anything outside the subset or that cannot be used; and for arguments that
            nothing in the file asks for.
    """
    environment = dict(environment)
    scope = Scope(file.resolve(), find_packages(environment), environment, dict(arguments))
    reader = _Reader(folder)
    steps = reader.include(scope)
    for name in arguments:
        if name not in reader.declared and name not in scope.used:
            raise InputError(f"{file}: there is no argument '{name}'; there are {listed(reader.declared)}")
    return tuple(steps)


@dataclass(slots=True)
class _Reader:
    folder: Path
    declared: set[str] = field(default_factory=set)
    processes: int = 0
    depth: int = 0

    def include(self, scope: Scope) -> list[Step]:
        """The steps of the file of `scope`."""
        if self.depth >= _MOST_NESTED:
            raise InputError(f"{scope.file}: files include each other more than {_MOST_NESTED} deep")
        self.depth += 1
        steps = self.steps(read_launch_file(scope.file), scope)
        self.depth -= 1
        return steps

    def steps(self, actions: tuple[Action, ...], scope: Scope) -> list[Step]:
        """The steps of several actions, which may change `scope`."""
        steps: list[Step] = []
        for action in actions:
            check_action(action)
            steps.extend(self.step(action, scope))
        return steps

    def step(self, action: Action, scope: Scope) -> list[Step]:
        """The steps of one action."""
        if not isinstance(action.body, Map):
            return self.steps(actions_of(action.body), scope.inner())
        attributes = Attributes(action.body, scope)
        if not attributes.applies():
            return []
        if action.name in _SETTINGS:
            _SETTINGS[action.name](attributes)
            return []
        if action.name == "arg":
            self.declare(attributes)
            return []
        return self.several(action.name, attributes)

    def several(self, name: str, attributes: Attributes) -> list[Step]:
        """The steps of an action that has any number of them."""
        if name == "include":
            return self.included(attributes)
        if name == "group":
            inner = attributes.scope.inner() if attributes.flag("scoped", True) else attributes.scope
            return self.steps(actions_of(attributes.children()), inner)
        return [self.single(name, attributes)]

    def single(self, name: str, attributes: Attributes) -> Step:
        """The step of an action that is exactly one."""
        match name:
            case "log":
                return LogPlan(attributes.needed("message"))
            case "timer":
                return self.timer(attributes)
            case "shutdown":
                return ShutdownPlan(attributes.text("reason") or "the launch file asked for it")
        self.processes += 1
        if name == "node":
            return node_plan(attributes, self.processes, self.folder)
        return executable_plan(attributes, self.processes)

    def declare(self, attributes: Attributes) -> None:
        """Take an argument's value or its default, and check it against the choices."""
        scope, name = attributes.scope, attributes.needed("name")
        self.declared.add(name)
        choices = [part.needed("value") for part in attributes.parts("choice")]
        if name not in scope.variables:
            default = attributes.text("default")
            if default is None:
                about = attributes.raw("description")
                hint = f" ({about})" if about else ""
                fail(attributes.body.place, f"argument '{name}' has no default{hint}: give {name}:=VALUE")
            scope.variables[name] = default
        if choices and scope.variables[name] not in choices:
            fail(attributes.body.place, f"{name}:={scope.variables[name]} is not valid; choose {listed(choices)}")

    def included(self, attributes: Attributes) -> list[Step]:
        """Another file in the same scope: what it sets stays set, unless a group is around it, as in ROS 2."""
        scope = attributes.scope
        for part in attributes.parts("arg", "include.arg"):
            scope.variables[part.needed("name")] = part.needed("value")
        own, scope.file = scope.file, Path(attributes.needed("file")).resolve()
        if scope.file.suffix not in (".yaml", ".yml"):
            fail(attributes.place("file"), f"{scope.file}: only YAML files can be included without ROS 2's launch")
        try:
            return self.include(scope)
        except InputError as error:
            if not scope.file.is_file():
                fail(attributes.place("file"), str(error))
            raise
        finally:
            scope.file = own

    def timer(self, attributes: Attributes) -> TimerPlan:
        """Actions for later; they are read now, with the values of now."""
        children: Value = attributes.children()
        return TimerPlan(
            attributes.number("period", 0.0), tuple(self.steps(actions_of(children), attributes.scope.inner()))
        )


def _let(attributes: Attributes) -> None:
    attributes.scope.variables[attributes.needed("name")] = attributes.needed("value")


def _set_env(attributes: Attributes) -> None:
    attributes.scope.environment[attributes.needed("name")] = attributes.needed("value")


def _unset_env(attributes: Attributes) -> None:
    attributes.scope.environment.pop(attributes.needed("name"), None)


def _push_namespace(attributes: Attributes) -> None:
    scope = attributes.scope
    scope.namespace = join_namespace(scope.namespace, attributes.needed("namespace"))


def _set_remap(attributes: Attributes) -> None:
    scope = attributes.scope
    scope.remaps = (*scope.remaps, (attributes.needed("from"), attributes.needed("to")))


def _set_parameter(attributes: Attributes) -> None:
    scope = attributes.scope
    scope.parameters = (*scope.parameters, (attributes.needed("name"), parameter_value(attributes)))


_SETTINGS: dict[str, Callable[[Attributes], None]] = {
    "let": _let,
    "set_env": _set_env,
    "unset_env": _unset_env,
    "push_ros_namespace": _push_namespace,
    "set_remap": _set_remap,
    "set_parameter": _set_parameter,
}
