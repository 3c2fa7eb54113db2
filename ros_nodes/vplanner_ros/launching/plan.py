"""What a launch file asks for, once all its substitutions are performed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Output = Literal["screen", "log", "both", "own_log", "full"]
OUTPUTS: tuple[Output, ...] = ("screen", "log", "both", "own_log", "full")


@dataclass(frozen=True, slots=True)
class ParameterFile:
    """A file that must be written before the process starts."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """One process: what is run, with which whole environment, and what happens when it ends.

    Attributes:
        name: Prefix of its output, unique in the launch, such as `sim_node-1`.
        respawn_max_retries: Most restarts; negative means no limit.
        on_exit_shutdown: When it ends, for whatever reason, so does everything else.
        sigterm_timeout_s: From SIGINT to SIGTERM [s].
        sigkill_timeout_s: From SIGTERM to SIGKILL [s].
    """

    name: str
    argv: tuple[str, ...]
    environment: dict[str, str]
    cwd: Path | None
    output: Output
    respawn: bool
    respawn_delay_s: float
    respawn_max_retries: int
    on_exit_shutdown: bool
    sigterm_timeout_s: float
    sigkill_timeout_s: float
    files: tuple[ParameterFile, ...] = ()


@dataclass(frozen=True, slots=True)
class LogPlan:
    """A message to print."""

    message: str


@dataclass(frozen=True, slots=True)
class TimerPlan:
    """Steps to take after `period_s` [s], unless everything is shut down before."""

    period_s: float
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ShutdownPlan:
    """End everything."""

    reason: str


Step = ProcessPlan | LogPlan | TimerPlan | ShutdownPlan


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument that a file declares; `default` is the text before its substitutions, None when one must be given."""

    name: str
    default: str | None
    description: str
    choices: tuple[str, ...]


def processes(steps: tuple[Step, ...]) -> tuple[ProcessPlan, ...]:
    """All processes, those of timers included, in the order in which they start."""
    found: list[ProcessPlan] = []
    for step in steps:
        if isinstance(step, ProcessPlan):
            found.append(step)
        elif isinstance(step, TimerPlan):
            found.extend(processes(step.steps))
    return tuple(found)
