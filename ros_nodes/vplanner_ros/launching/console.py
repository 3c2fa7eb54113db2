"""Lines of many processes on one terminal, and in log files."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from vplanner.errors import StorageError
from vplanner_ros.launching.plan import Output

_COLOURS = (36, 32, 35, 33, 34, 96, 92, 95, 93, 94)
_RED, _GREY = 31, 90
_SCREEN_STDOUT: frozenset[Output] = frozenset({"screen", "both", "full"})
_SCREEN_STDERR: frozenset[Output] = frozenset({"screen", "log", "both", "full"})
_LOG: frozenset[Output] = frozenset({"log", "both", "full"})
_OWN_LOG: frozenset[Output] = frozenset({"own_log", "full"})


class Console:
    """Writes lines with the name of their process before them; where to depends on the process's `output`."""

    def __init__(self, folder: Path, screen: TextIO | None = None, colours: bool | None = None) -> None:
        """Log into `folder`; colours by default on terminals only, and never with NO_COLOR."""
        self._screen = sys.stdout if screen is None else screen
        self._colours = self._screen.isatty() and not os.environ.get("NO_COLOR") if colours is None else colours
        self._folder = folder
        self._files: dict[str, TextIO] = {}
        self._names: dict[str, int] = {}

    def line(self, name: str, text: str, output: Output, from_stderr: bool) -> None:
        """A line of a process."""
        if output in (_SCREEN_STDERR if from_stderr else _SCREEN_STDOUT):
            colour = self._names.setdefault(name, _COLOURS[len(self._names) % len(_COLOURS)])
            print(f"{self._paint(f'[{name}]', colour)} {text}", file=self._screen, flush=True)
        if output in _LOG:
            self._log("launch.log", f"[{name}] {text}")
        if output in _OWN_LOG:
            self._log(f"{name}-{'stderr' if from_stderr else 'stdout'}.log", text)

    def say(self, text: str) -> None:
        """A line of the launch itself."""
        print(f"{self._paint('[launch]', _GREY)} {text}", file=self._screen, flush=True)
        self._log("launch.log", f"[launch] {text}")

    def warn(self, text: str) -> None:
        """A line about something that is not as it should be."""
        print(f"{self._paint('[launch]', _RED)} {text}", file=self._screen, flush=True)
        self._log("launch.log", f"[launch] {text}")

    def close(self) -> None:
        """Close the log files."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _paint(self, text: str, colour: int) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._colours else text

    def _log(self, file_name: str, text: str) -> None:
        if file_name not in self._files:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._files[file_name] = (self._folder / file_name).open("a", encoding="utf-8", errors="replace")
            except OSError as error:
                raise StorageError(f"{self._folder}: logs cannot be written: {error}; set ROS_LOG_DIR") from error
        print(f"{time.time():.3f} {text}", file=self._files[file_name], flush=True)


def log_folder(environment: Mapping[str, str]) -> Path:
    """A new folder for this launch, below ROS_LOG_DIR, or ROS_HOME/log, or ~/.ros/log."""
    root = environment.get("ROS_LOG_DIR")
    if not root:
        home = environment.get("ROS_HOME") or str(Path.home() / ".ros")
        root = str(Path(home) / "log")
    return Path(root) / f"{time.strftime('%Y-%m-%d-%H-%M-%S')}-vplanner-{os.getpid()}"
