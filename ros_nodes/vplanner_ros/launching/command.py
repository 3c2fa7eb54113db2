"""What `vplanner launch` does: find the file, show it, or run it."""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vplanner.errors import InputError
from vplanner_ros.launching.console import Console, log_folder
from vplanner_ros.launching.document import listed
from vplanner_ros.launching.environment import launch_environment
from vplanner_ros.launching.plan import Argument, LogPlan, ProcessPlan, ShutdownPlan, Step, TimerPlan
from vplanner_ros.launching.reading import read_plan
from vplanner_ros.launching.real import has_real_launch, run_real
from vplanner_ros.launching.runner import run_plan
from vplanner_ros.launching.shown import declared_arguments

_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_-]*):=(?P<value>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LaunchRequest:
    """A launch file by path, or one of the package's own by name; `arguments` are texts `name:=value`."""

    file: str
    arguments: tuple[str, ...] = ()
    show_arguments: bool = False
    dry_run: bool = False


def run_launch(request: LaunchRequest, environment: Mapping[str, str] | None = None) -> int:
    """Do as requested; the exit status.

    Raises:
        InputError: The file or an argument cannot be used.
        StorageError: Parameter files or logs cannot be written.
    """
    given = dict(os.environ if environment is None else environment)
    file = find_launch_file(request.file)
    arguments = parse_arguments(request.arguments)
    is_yaml = file.suffix in (".yaml", ".yml")
    if not is_yaml and not has_real_launch():
        raise InputError(f"{file}: only YAML runs without ROS 2's launch; source a ROS 2 installation for other kinds")
    if request.show_arguments and is_yaml:
        print(describe(declared_arguments(file, given)))
        return 0
    if request.show_arguments or (request.dry_run and not is_yaml):
        raise InputError(f"{file}: arguments and command lines can be shown of YAML files only; try `ros2 launch`")
    changed, notes = launch_environment(given)
    for note in notes:
        print(f"vplanner: {note}", file=sys.stderr)
    if has_real_launch() and not request.dry_run:
        os.environ.clear()
        os.environ.update(changed)
        return run_real(file, arguments)
    with tempfile.TemporaryDirectory(prefix="vplanner_launch_") as folder:
        steps = read_plan(file, arguments, changed, Path(folder))
        if request.dry_run:
            print("\n".join(show_steps(steps, given)))
            return 0
        logs = log_folder(changed)
        console = Console(logs)
        console.say(f"logs are in {logs}")
        try:
            return run_plan(steps, console)
        finally:
            console.close()


def parse_arguments(texts: Sequence[str]) -> dict[str, str]:
    """Names and values. Raises `InputError` for what is not `name:=value`."""
    arguments: dict[str, str] = {}
    for text in texts:
        match = _ASSIGNMENT.fullmatch(text)
        if match is None:
            raise InputError(f"'{text}' is no launch argument; write name:=value, with no spaces around :=")
        arguments[match["name"]] = match["value"]
    return arguments


def find_launch_file(name: str) -> Path:
    """The file of that path, or the package's own of that name. Raises `InputError` when there is neither."""
    path = Path(name)
    if path.is_file():
        return path
    own = _own_launch_files()
    if name in own:
        return own[name]
    raise InputError(f"there is no launch file {name}; of its own, vplanner has {listed(own)}")


def _own_launch_files() -> dict[str, Path]:
    here = Path(__file__).resolve()
    folders = [Path(sys.prefix) / "share" / "vplanner" / "launch", here.parents[3] / "launch"]
    found: dict[str, Path] = {}
    for folder in folders:
        found.update({file.name: file for file in sorted(folder.glob("*.launch.*"))})
    return found


def describe(arguments: Sequence[Argument]) -> str:
    """The declared arguments, one paragraph each."""
    if not arguments:
        return "The file declares no arguments."
    paragraphs = ["Arguments, to be given as name:=value:"]
    for argument in arguments:
        lines = [f"  {argument.name}"]
        lines += [f"      {argument.description}"] if argument.description else []
        lines += [f"      one of: {', '.join(argument.choices)}"] if argument.choices else []
        lines += ["      must be given" if argument.default is None else f"      default: '{argument.default}'"]
        paragraphs.append("\n".join(lines))
    return "\n".join(paragraphs)


def show_steps(steps: tuple[Step, ...], environment: Mapping[str, str], indent: str = "") -> list[str]:
    """What would be run, with the changes to `environment`; parameter files with their content."""
    lines: list[str] = []
    for step in steps:
        match step:
            case LogPlan():
                lines.append(f"{indent}log: {step.message}")
            case ShutdownPlan():
                lines.append(f"{indent}shutdown: {step.reason}")
            case TimerPlan():
                lines.append(f"{indent}after {step.period_s:g} s:")
                lines += show_steps(step.steps, environment, indent + "  ")
            case ProcessPlan():
                lines += [f"{indent}{line}" for line in _show_process(step, environment)]
    return lines


def _show_process(plan: ProcessPlan, environment: Mapping[str, str]) -> list[str]:
    lines = [f"{plan.name}: {shlex.join(plan.argv)}"]
    for name in sorted({*plan.environment, *environment}):
        before, after = environment.get(name), plan.environment.get(name)
        if after is None:
            lines.append(f"  unset {name}")
        elif after != before:
            lines.append(f"  {name}={shlex.quote(after)}")
    for file in plan.files:
        lines.append(f"  {file.path}:")
        lines += [f"    {line}" for line in file.text.splitlines()]
    return lines
