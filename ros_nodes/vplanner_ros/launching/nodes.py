"""Command lines of nodes and other executables, put together as ROS 2's launch puts them together."""

from __future__ import annotations

import os
import re
from pathlib import Path

import yaml

from vplanner.errors import InputError
from vplanner_ros.launching.attributes import Attributes
from vplanner_ros.launching.document import fail, listed
from vplanner_ros.launching.environment import child_environment
from vplanner_ros.launching.parameters import node_parameters
from vplanner_ros.launching.plan import OUTPUTS, Output, ParameterFile, ProcessPlan
from vplanner_ros.launching.scope import Scope

_NODE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAMESPACE = re.compile(r"/|(/[A-Za-z_][A-Za-z0-9_]*)+")
_TIMEOUT_S = "5"  # upstream's, for SIGTERM and for SIGKILL


def node_plan(attributes: Attributes, number: int, folder: Path) -> ProcessPlan:
    """A ROS node: executable, `args`, `--ros-args` with `ros_args`, name, namespace, parameters, remaps, in this order.

    Args:
        attributes: Of the action `node`.
        number: How many processes there were before, from 1.
        folder: Where parameter files will be written.

    Raises:
        InputError: The package or executable is unknown, or a setting cannot be used.
    """
    scope = attributes.scope
    package, executable = attributes.needed("pkg"), attributes.needed("exec")
    try:
        start = scope.packages.command(package, executable)
    except InputError as error:
        fail(attributes.place("exec"), str(error))
    name = attributes.text("name")
    if name is not None and not _NODE_NAME.fullmatch(name):
        fail(attributes.place("name"), f"'{name}' is no node name; letters, digits and _ may be in it, no digit first")
    namespace = join_namespace(scope.namespace, attributes.text("namespace"))
    if namespace is not None and not _NAMESPACE.fullmatch(namespace):
        fail(attributes.place("namespace"), f"'{namespace}' is no namespace, such as /left_arm")
    full_name = None if name is None or namespace is None else f"{namespace.rstrip('/')}/{name}"
    argv = [*start, *attributes.command("args")]
    if attributes.has("ros_args"):
        argv += ["--ros-args", *attributes.command("ros_args")]
    argv.append("--ros-args")
    argv += [] if name is None else ["-r", f"__node:={name}"]
    argv += [] if namespace is None else ["-r", f"__ns:={namespace}"]
    for parameter, value in scope.parameters:
        argv += ["-p", f"{parameter}:={flow(value)}"]
    paths, files = node_parameters(attributes, full_name, folder, number)
    for path in paths:
        argv += ["--params-file", str(path)]
    remaps = [(part.needed("from"), part.needed("to")) for part in attributes.parts("remap")]
    for source, target in (*scope.remaps, *remaps):
        argv += ["-r", f"{source}:={target}"]
    label = attributes.text("exec_name") or executable
    return _process(attributes, f"{label}-{number}", argv, tuple(files))


def executable_plan(attributes: Attributes, number: int) -> ProcessPlan:
    """Any other program. Raises `InputError` when a setting cannot be used."""
    argv = attributes.command("cmd")
    if not argv:
        fail(attributes.place("cmd"), "`cmd` is empty")
    label = attributes.text("name") or Path(argv[0]).name
    return _process(attributes, f"{label}-{number}", argv, ())


def join_namespace(base: str | None, name: str | None) -> str | None:
    """`name` below `base`, unless it is absolute; absolute and without a slash at its end. None when both are."""
    if name is None and base is None:
        return None
    joined = (
        (base or "") if name is None else name if not base or name.startswith("/") else f"{base.rstrip('/')}/{name}"
    )
    return "/" + joined.strip("/")


def flow(value: object) -> str:
    """A parameter's value as it stands after `-p name:=`."""
    if isinstance(value, str):
        return value
    return yaml.safe_dump(value, default_flow_style=True, width=2**16).removesuffix("\n").removesuffix("\n...")


def _process(attributes: Attributes, name: str, argv: list[str], files: tuple[ParameterFile, ...]) -> ProcessPlan:
    scope = attributes.scope
    environment = dict(scope.environment)
    for part in attributes.parts("env"):
        environment[part.needed("name")] = part.needed("value")
    on_exit = attributes.text("on_exit")
    if on_exit not in (None, "shutdown"):
        fail(attributes.place("on_exit"), f"`on_exit` is '{on_exit}'; in YAML it can only be shutdown")
    cwd = attributes.text("cwd")
    if cwd is not None and not Path(cwd).is_dir():
        fail(attributes.place("cwd"), f"there is no folder {cwd}")
    return ProcessPlan(
        name=name,
        argv=tuple(argv),
        environment=child_environment(argv[0], environment),
        cwd=None if cwd is None else Path(cwd),
        output=_output(attributes),
        respawn=attributes.flag("respawn", False),
        respawn_delay_s=attributes.number("respawn_delay", 0.0),
        respawn_max_retries=attributes.integer("respawn_max_retries", -1),
        on_exit_shutdown=on_exit is not None,
        sigterm_timeout_s=_timeout(attributes, "sigterm_timeout"),
        sigkill_timeout_s=_timeout(attributes, "sigkill_timeout"),
        files=files,
    )


def _timeout(attributes: Attributes, key: str) -> float:
    """The process's own, or the launch argument of that name."""
    scope: Scope = attributes.scope
    scope.used.add(key)
    text = scope.variables.get(key, _TIMEOUT_S)
    try:
        default = float(text)
    except ValueError:
        fail(attributes.body.place, f"{key}:={text} is no number of seconds")
    return attributes.number(key, default)


def _output(attributes: Attributes) -> Output:
    chosen = os.environ.get("OVERRIDE_LAUNCH_PROCESS_OUTPUT") or attributes.text("output") or "log"
    for output in OUTPUTS:
        if output == chosen:
            return output
    fail(attributes.place("output"), f"`output` is '{chosen}'; there are {listed(OUTPUTS)}")
