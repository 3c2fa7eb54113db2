"""`vplanner collect`: record episodes of the simulated tasks as a LeRobotDataset v3."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from vplanner.bundle import load_bundle
from vplanner.commands.common import check_writable
from vplanner.errors import InputError, MissingDependencyError

if TYPE_CHECKING:
    from vplanner.collecting import CollectionReport


@dataclass(frozen=True, slots=True)
class Collect:
    """Record episodes of the simulated tasks. The same command again continues, or says that the set is complete."""

    out: Path
    """Folder of the data set; a new one, or one of the same seed and mix, which then grows."""
    tasks: str = "all"
    """Names of tasks, separated by commas, or `all`."""
    episodes: int = 100
    """Episodes per task."""
    seed: int = 0
    """First scene seed: below 100000 for training, from 100000 for validation, from 200000 for test."""
    workers: int = 2
    """Processes; one per core is best."""
    mix: str = "expert=0.45,noisy=0.45,play=0.1"
    """Share of clean experts (`expert`), of experts that are disturbed and recover (`noisy`), of random play (`play`),
    and of trained networks whose mistakes the expert corrects (`handover`, needs --student)."""
    student: Path | None = None
    """Bundle whose networks act in `handover` episodes."""
    pictures: bool = False
    """Write labelled pictures for the prompter's vision network instead of episodes; --mix does not apply."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the report here."""

    def run(self) -> int:
        """Collect, and return the exit code: 0 when complete, 1 when stopped before.

        Raises:
            InputError: for an unknown task, a bad mix or number, or a folder that holds something else.
            MissingDependencyError: when the simulator or pyarrow is not installed.
            StorageError: when writing fails.
        """
        for option, value, least in (
            ("episodes", self.episodes, 1),
            ("workers", self.workers, 1),
            ("seed", self.seed, 0),
        ):
            if value < least:
                raise InputError(f"--{option} {value} is too small; it must be at least {least}")
        try:
            from vplanner.collecting import collect
            from vplanner.data.jobs import Mix, Recipe
            from vplanner.run_folder import write_json
        except ImportError as error:
            raise MissingDependencyError(
                f"collect needs the extra `data` (pip install 'vplanner[data]'): {error}"
            ) from error
        every = _task_names()
        tasks = every if self.tasks == "all" else tuple(dict.fromkeys(self.tasks.split(",")))
        unknown = [task for task in tasks if task not in every]
        if unknown:
            raise InputError(f"unknown task {unknown[0]!r}; the tasks are {', '.join(every)}, or all")
        check_writable(self.json_file)
        if self.pictures:
            return self._take_pictures(tasks)
        recipe = Recipe(seed=self.seed, mix=Mix.parse(self.mix), tasks=every, student=self.student)
        if recipe.mix.handover and self.student is None:
            raise InputError("handover needs --student BUNDLE, the networks that are to act")
        if self.student is not None:
            load_bundle(self.student)
        console = Console()
        with _progress(console) as bar:
            line = bar.add_task("episodes", total=self.episodes * len(tasks), rate="")
            speed = _Speed()

            def on_progress(count: int) -> None:
                bar.update(line, advance=count, rate=speed.add(count))

            report = collect(self.out, recipe, tasks, self.episodes, workers=self.workers, on_progress=on_progress)
        _show(console, report, self.out)
        if self.json_file is not None:
            write_json(self.json_file, {**asdict(report), "episodes_per_second": speed.mean})
        return 0 if report.complete else 1

    def _take_pictures(self, tasks: tuple[str, ...]) -> int:
        from vplanner.prompting_data import generate_pictures

        count = 0
        with Console().status("taking pictures") as status:
            for file in generate_pictures(self.out, self.episodes, self.seed, self.workers, tasks):
                count += 1
                status.update(f"{count} files, last {file.name}")
        Console().print(f"{self.out}: {count} new files of pictures")
        return 0


class _Speed:
    """Episodes per second since the first call, whose episodes were there before."""

    def __init__(self) -> None:
        self._started: float | None = None
        self._count = 0
        self._elapsed_s = 0.0

    @property
    def mean(self) -> float:
        """Episodes per second, to two digits."""
        return round(self._count / self._elapsed_s, 2) if self._count else 0.0

    def add(self, count: int) -> str:
        """Count episodes and return the speed in words."""
        now = time.monotonic()
        if self._started is None:
            self._started = now
            return ""
        self._count += count
        if count:
            self._elapsed_s = now - self._started
        return f"{self.mean:.2f} episodes/s"


def _task_names() -> tuple[str, ...]:
    """Return the names of all tasks, in their fixed order."""
    try:
        from vplanner_sim import TASKS
    except ImportError as error:
        raise MissingDependencyError(f"collect needs the extra `sim` (pip install 'vplanner[sim]'): {error}") from error
    return tuple(TASKS)


def _progress(console: Console) -> Progress:
    """Return a progress bar with speed and remaining time."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
    )


def _show(console: Console, report: CollectionReport, out: Path) -> None:
    """Print one line per task."""
    table = Table("task", "episodes", "rows", "expert success", "noisy success")
    for name, task in report.tasks.items():
        rates = ("-" if rate is None else f"{rate:.1%}" for rate in (task.expert_success, task.noisy_success))
        table.add_row(name, str(task.episodes), str(task.rows), *rates)
    console.print(table)
    state = "complete" if report.complete else "stopped; the same command continues"
    console.print(f"{out}: {report.episodes} episodes, {state}")
