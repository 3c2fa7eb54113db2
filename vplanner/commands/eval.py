"""`vplanner eval`: success over tasks and scenes, with confidence intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vplanner.backend_options import PlanningArgument, PlanningOptions
from vplanner.commands.common import (
    TEST_SEED,
    check_at_least,
    check_execute_steps,
    check_prompter,
    check_writable,
    quiet_threads,
)
from vplanner.prompter_options import PrompterArgument, PrompterOptions

if TYPE_CHECKING:
    from pydantic import JsonValue
    from rich.console import Console

    from vplanner.evaluation import Job, Row, Setup


@dataclass(frozen=True, slots=True)
class Eval:
    """Measure success in scenes and wordings that were never trained on. The same command again continues."""

    tasks: str = "all"
    """Names of tasks, separated by commas; `all` is every task of one skill, `long` every one of several sub-goals."""
    episodes: int = 50
    """Scenes per task and method."""
    seed: int = TEST_SEED
    """First scene; all methods get the same ones."""
    method: str = "planner"
    """What to measure, separated by commas: planner, no_critic, no_rousing, no_replan, behaviour_cloning,
    random, expert."""
    samples: int = 4
    """Imagined futures per replan."""
    execute_steps: int = 2
    """Steps of each plan that are executed before looking again."""
    plan_seed: int = 0
    """Seed of the imagination's noise."""
    bundle: Path | None = None
    """Folder of the networks; without it, $VPLANNER_BUNDLE or models/bundles/panda-tabletop."""
    planning: PlanningArgument = field(default_factory=PlanningOptions)
    prompter: PrompterArgument = field(default_factory=PrompterOptions)
    workers: int = 2
    """Processes, each with one thread; one per core is best."""
    csv: Path = Path("runs/eval.csv")
    """One row per episode is added here; episodes that are there already are not run again."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the rates here."""

    def run(self) -> int:
        """Run what is missing in the CSV and print the table.

        Raises:
            InputError: For an unknown task or method, numbers out of range, or a CSV of something else.
            BundleError: When the networks cannot be used. Episodes that were run until then stay in the CSV.
            PrompterError: When the VLM cannot be reached, and nothing is to plan instead; here, too, they stay.
            StorageError: When the results cannot be written.
            MissingDependencyError: When the simulation or its rendering is not installed.
        """
        quiet_threads()
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        from vplanner.eval_table import append_row, job_of, read_rows, write_rows
        from vplanner.run_folder import write_json

        for option, value, least in (
            ("--episodes", self.episodes, 1),
            ("--seed", self.seed, 0),
            ("--samples", self.samples, 1),
            ("--execute-steps", self.execute_steps, 1),
            ("--plan-seed", self.plan_seed, 0),
            ("--workers", self.workers, 1),
        ):
            check_at_least(option, value, least)
        check_prompter(self.prompter)
        self.planning.check()
        check_writable(self.csv)
        check_writable(self.json_file)
        jobs, setup = self._jobs(), self._setup()
        known = read_rows(self.csv)
        _check_setup(self.csv, known, jobs, setup)
        write_rows(self.csv, known)  # drops a line that was cut short
        done = {job_of(row) for row in known}
        missing = [job for job in jobs if job not in done]
        console = Console()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console) as progress:
            bar = progress.add_task("episodes", total=len(jobs), completed=len(jobs) - len(missing))
            for row in _run_all(missing, setup, self.workers):
                append_row(self.csv, row)
                known.append(row)
                progress.advance(bar)
        wanted = set(jobs)
        rows = [row for row in known if job_of(row) in wanted]
        methods = list(dict.fromkeys(job.method.value for job in jobs))
        tasks = list(dict.fromkeys(job.task for job in jobs))
        _print_table(console, rows, tasks, methods)
        report = _report(rows, tasks, methods)
        report.update(
            seed=self.seed, episodes=self.episodes, samples=self.samples, execute_steps=self.execute_steps,
            plan_seed=self.plan_seed, setup=setup.setup,
        )  # fmt: skip
        if self.json_file is not None:
            write_json(self.json_file, report)
        return 0

    def _jobs(self) -> list[Job]:
        """Every episode: seeds outermost, so that an unfinished evaluation is balanced."""
        from vplanner.errors import InputError
        from vplanner.evaluation import Job, Method
        from vplanner.sim_robot import long_tasks, task_skills

        groups = {"all": list(task_skills()), "long": list(long_tasks())}
        every = [task for group in groups.values() for task in group]
        tasks = list(dict.fromkeys(task for name in self.tasks.split(",") for task in groups.get(name, [name])))
        for task in tasks:
            if task not in every:
                raise InputError(f"unknown task '{task}'; the tasks are: {', '.join((*every, *groups))}")
        valid = [method.value for method in Method]
        for name in self.method.split(","):
            if name not in valid:
                raise InputError(f"unknown method '{name}'; the methods are: {', '.join(valid)}")
        methods = [Method(name) for name in self.method.split(",")]
        seeds = range(self.seed, self.seed + self.episodes)
        return [Job(method, task, seed) for seed in seeds for task in tasks for method in methods]

    def _setup(self) -> Setup:
        from vplanner.bundle import load_bundle
        from vplanner.evaluation import EXPERT_SETUP, Setup, mark

        if self.method == "expert":
            return Setup(None, 1, 1, 0, 1, setup=EXPERT_SETUP)
        bundle = load_bundle(self.bundle)  # a damaged bundle is told at once, not by each worker
        check_execute_steps(self.execute_steps, bundle.manifest.horizon)
        setup = Setup(
            bundle.folder, self.samples, self.execute_steps, self.plan_seed, 1, self.prompter, planning=self.planning
        )
        return mark(setup, bundle)


def _check_setup(path: Path, rows: list[Row], jobs: list[Job], setup: Setup) -> None:
    from vplanner.errors import InputError
    from vplanner.eval_table import job_of
    from vplanner.evaluation import EXPERT_SETUP

    wanted = set(jobs)
    for row in rows:
        if row.setup not in (setup.setup, EXPERT_SETUP) and job_of(row) in wanted:
            raise InputError(
                f"{path}: has rows of another bundle, version or other settings ({row.setup}); give another --csv"
            )


def _run_all(jobs: Sequence[Job], setup: Setup, workers: int) -> Iterator[Row]:
    """Rows as they come; with one worker, in this process."""
    from vplanner.evaluation import run_job

    if workers == 1:
        for job in jobs:
            yield run_job(job, setup)
        return
    import multiprocessing

    context = multiprocessing.get_context("spawn")  # OpenGL contexts do not survive a fork
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_ignore_interrupts)
    try:
        for future in as_completed([pool.submit(run_job, job, setup) for job in jobs]):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _ignore_interrupts() -> None:
    """Ctrl-C reaches every process of a terminal; only the parent acts on it."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _report(rows: list[Row], tasks: list[str], methods: list[str]) -> dict[str, JsonValue]:
    """`mean` and `tasks` of the first method, and the same of all under `methods`."""
    from vplanner.intervals import wilson95

    reports: dict[str, JsonValue] = {}
    for method in methods:
        per_task: dict[str, JsonValue] = {}
        rates = []
        for task in tasks:
            mine = [row for row in rows if row.method == method and row.task == task]
            count = sum(row.success for row in mine)
            rate = count / len(mine) if mine else 0.0
            rates.append(rate)
            per_task[task] = {
                "success_rate": rate,
                "interval95": list(wilson95(count, len(mine))),
                "episodes": len(mine),
                "declared_rate": _mean([float(row.declared) for row in mine]),
                "declared_wrongly": sum(row.declared and not row.success for row in mine),
                "mean_steps": _mean([float(row.steps) for row in mine]),
                "mean_seconds": _mean([row.seconds for row in mine]),
                "command_error_mm": _mean([row.command_error_mm for row in mine]),
                "sub_goals": _reached(mine),
            }
        reports[method] = {"mean": _mean(rates), "tasks": per_task}
    first = reports[methods[0]]
    assert isinstance(first, dict)
    return {**first, "methods": reports}


def _mean(values: list[float]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0


def _reached(rows: list[Row]) -> list[JsonValue]:
    """For each number of sub-goals, the rate of episodes that reached so many or more."""
    from vplanner.intervals import wilson95

    shares: list[JsonValue] = []
    for least in range(1, _planned(rows) + 1):
        count = sum(row.reached >= least for row in rows)
        interval: list[JsonValue] = [*wilson95(count, len(rows))]
        shares.append({"at_least": least, "rate": count / len(rows), "interval95": interval})
    return shares


def _planned(rows: list[Row]) -> int:
    return max((row.planned for row in rows), default=0)


def _print_table(console: Console, rows: list[Row], tasks: list[str], methods: list[str]) -> None:
    """Success of every task, and below it how far those of several sub-goals came."""
    from rich.table import Table

    table = Table("task", title="success rate [95 % interval]")
    partly = Table("task", "sub-goals", title="so many sub-goals reached, or more [95 % interval]")
    for method in methods:
        table.add_column(method, justify="right")
        partly.add_column(method, justify="right")

    def of(method: str, *wanted: str) -> list[Row]:
        return [row for row in rows if row.method == method and row.task in wanted]

    for task in tasks:
        table.add_row(task, *(_cell([row.success for row in of(method, task)]) for method in methods))
        planned = _planned([row for row in rows if row.task == task])
        for least in range(1, planned + 1) if planned > 1 else ():
            cells = (_cell([row.reached >= least for row in of(method, task)]) for method in methods)
            partly.add_row(task, str(least), *cells)
    table.add_section()
    table.add_row("all", *(_cell([row.success for row in of(method, *tasks)]) for method in methods))
    console.print(table)
    if partly.row_count:
        console.print(partly)


def _cell(hits: list[bool]) -> str:
    """A rate with its interval."""
    from vplanner.intervals import wilson95

    low, high = wilson95(sum(hits), len(hits))
    return f"{sum(hits) / max(1, len(hits)):.1%} [{low:.0%}, {high:.0%}]"
