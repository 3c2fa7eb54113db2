"""`vplanner collect`: record episodes of the simulated tasks as a LeRobotDataset v3."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from vplanner.bundle import load_bundle
from vplanner.commands.common import check_at_least, check_writable
from vplanner.errors import InputError, MissingDependencyError
from vplanner.run_folder import write_json
from vplanner.sim_robot import long_tasks, task_skills

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
    """Bundle whose networks act in `handover` episodes; the data set is bound to its content, not to its path."""
    pictures: bool = False
    """Write labelled pictures for the prompter's vision network instead of episodes, of --episodes scenes per
    task; --mix does not apply."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the report here."""

    def run(self) -> int:
        """Collect, and return the exit code: 0 when complete, 1 when stopped before.

        Raises:
            InputError: for an unknown task, a bad mix or number, or a folder that holds something else.
            MissingDependencyError: when the simulator or pyarrow is not installed, or the machine cannot render.
            StorageError: when writing fails.
        """
        check_at_least("--episodes", self.episodes, 1)
        check_at_least("--workers", self.workers, 1)
        check_at_least("--seed", self.seed, 0)
        check_writable(self.json_file)
        try:
            from vplanner.collecting import collect
            from vplanner.data.jobs import Mix, Recipe, student_hash
        except ImportError as error:
            raise MissingDependencyError(
                f"collect needs the extra `data` (pip install 'vplanner[data]'): {error}"
            ) from error
        every = (*task_skills(), *long_tasks())
        tasks = every if self.tasks == "all" else tuple(dict.fromkeys(self.tasks.split(",")))
        unknown = [task for task in tasks if task not in every]
        if unknown:
            raise InputError(f"unknown task {unknown[0]!r}; the tasks are {', '.join(every)}, or all")
        mix = Mix.parse(self.mix)
        handover = bool(mix.handover) and not self.pictures
        if handover and self.student is None:
            raise InputError("handover needs --student BUNDLE, the networks that are to act")
        if self.student is not None and not handover:
            raise InputError(f"--student {self.student} has nothing to do without a share of `handover` in --mix")
        if self.pictures:
            return self._take_pictures(tasks)
        student = None
        if self.student is not None:
            load_bundle(self.student)
            student = student_hash(self.student)
        recipe = Recipe(seed=self.seed, mix=mix, tasks=every, student=student)
        console = Console()
        with _progress(console, "episodes", self.episodes * len(tasks)) as advance:
            report = collect(
                self.out,
                recipe,
                tasks,
                self.episodes,
                workers=self.workers,
                on_progress=advance,
                student=self.student,
            )
        _show(console, report, self.out)
        if self.json_file is not None:
            write_json(self.json_file, {**asdict(report), "episodes_per_second": advance.speed.mean})
        return 0 if report.complete else 1

    def _take_pictures(self, tasks: tuple[str, ...]) -> int:
        from vplanner.prompting_data import generate_pictures

        console = Console()
        with _progress(console, "scenes", self.episodes * len(tasks)) as advance:
            report = generate_pictures(
                self.out, self.episodes, tasks, first_seed=self.seed, workers=self.workers, on_progress=advance
            )
        state = _state(report.complete)
        console.print(f"{self.out}: {report.scenes} scenes in {report.files} files ({report.new_files} new), {state}")
        if self.json_file is not None:
            write_json(self.json_file, {**asdict(report), "scenes_per_second": advance.speed.mean})
        return 0 if report.complete else 1


class _Speed:
    """Episodes or scenes per second since the first call, which counts those that were there before."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._started: float | None = None
        self._count = 0
        self._elapsed_s = 0.0

    @property
    def mean(self) -> float:
        """So many per second, to two digits."""
        return round(self._count / self._elapsed_s, 2) if self._count else 0.0

    def add(self, count: int) -> str:
        """Count some more and return the speed in words."""
        now = time.monotonic()
        if self._started is None:
            self._started = now
            return ""
        self._count += count
        if count:
            self._elapsed_s = now - self._started
        return f"{self.mean:.2f} {self._unit}/s"


class _Advance:
    """Counts what is done in a line of a progress bar."""

    def __init__(self, bar: Progress, unit: str, total: int) -> None:
        self.speed = _Speed(unit)
        self._bar = bar
        self._line = bar.add_task(unit, total=total, rate="")

    def __call__(self, count: int) -> None:
        """Count so many more."""
        self._bar.update(self._line, advance=count, rate=self.speed.add(count))


@contextmanager
def _progress(console: Console, unit: str, total: int) -> Iterator[_Advance]:
    """A progress bar with speed and remaining time."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
    ) as bar:
        yield _Advance(bar, unit, total)


def _state(complete: bool) -> str:
    return "complete" if complete else "stopped; the same command continues"


def _show(console: Console, report: CollectionReport, out: Path) -> None:
    """Print one line per task."""
    table = Table("task", "episodes", "rows", "expert success", "noisy success", "handover success")
    for name, task in report.tasks.items():
        rates = (task.expert_success, task.noisy_success, task.handover_success)
        table.add_row(
            name, str(task.episodes), str(task.rows), *("-" if rate is None else f"{rate:.1%}" for rate in rates)
        )
    console.print(table)
    console.print(f"{out}: {report.episodes} episodes, {_state(report.complete)}")
