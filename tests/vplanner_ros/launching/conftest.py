"""Launch files written into a folder, and plans and runs of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from vplanner_ros.launching.plan import ProcessPlan, Step, processes
from vplanner_ros.launching.reading import read_plan

DEADLINE_S = 120.0  # generous: the machine may be busy
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nowhere"}


@dataclass(frozen=True, slots=True)
class Files:
    """A folder with launch files."""

    folder: Path

    def write(self, text: str, name: str = "test.launch.yaml") -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def steps(self, text: str, **arguments: str) -> tuple[Step, ...]:
        return read_plan(self.write(text), arguments, ENVIRONMENT, Path("/params"))

    def processes(self, text: str, **arguments: str) -> tuple[ProcessPlan, ...]:
        return processes(self.steps(text, **arguments))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@dataclass(slots=True)
class Running:
    """A launch in a process of its own."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def wait_for(self, *texts: str) -> None:
        """Read on until every text has been seen."""
        missing = [text for text in texts if not any(text in line for line in self.lines)]
        assert self.process.stdout is not None
        while missing:
            line = self.process.stdout.readline()
            assert line, f"the launch ended without {missing}:\n{''.join(self.lines)}"
            self.lines.append(line)
            missing = [text for text in missing if text not in line]

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def finish(self) -> int:
        """Wait for the end; the exit status."""
        output, _ = self.process.communicate(timeout=DEADLINE_S)
        self.lines += output.splitlines(keepends=True)
        return self.process.returncode

    @property
    def text(self) -> str:
        return "".join(self.lines)

    def position(self, text: str) -> int:
        return next(index for index, line in enumerate(self.lines) if text in line)


@pytest.fixture
def launch(files: Files, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts `vplanner launch` with a launch file's text and arguments."""
    started: list[Running] = []

    def start(text: str, *arguments: str) -> Running:
        path = files.write(text)
        command = [sys.executable, "-m", "vplanner.cli", "launch", str(path), *arguments]
        environment = {**os.environ, "ROS_LOG_DIR": str(tmp_path / "log")}
        environment.pop("OVERRIDE_LAUNCH_PROCESS_OUTPUT", None)
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(Running(process))
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGINT)  # so that its processes end, too
            end = time.monotonic() + DEADLINE_S
            while running.process.poll() is None and time.monotonic() < end:
                running.process.send_signal(signal.SIGINT)
                time.sleep(0.2)
