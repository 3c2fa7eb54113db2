"""`vplanner bench parity`: whether the ROS 2 nodes do what `vplanner eval` measures, scene by scene."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vplanner.commands.common import TEST_SEED, check_at_least, check_execute_steps, check_writable, quiet_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic import JsonValue

    from vplanner.evaluation import Job, Row, Setup


@dataclass(frozen=True, slots=True)
class BenchParity:
    """Run the same scenes in this process and through the ROS 2 nodes. The same command again continues."""

    tasks: str = "reach,push_to_zone,pick_place,stack"
    """Names of tasks of one skill, separated by commas."""
    episodes: int = 10
    """Scenes per task."""
    seed: int = TEST_SEED
    """First scene."""
    samples: int = 4
    """Imagined futures per replan."""
    real_time_factor: float = 1.0
    """Simulated seconds per second, at most, while the nodes run; less on a busy machine."""
    bundle: Path | None = None
    """Folder of the networks; without it, $VPLANNER_BUNDLE or models/bundles/panda-tabletop."""
    out: Path = Path("runs/parity")
    """Folder of nodes.csv, in_process.csv and nodes.log; episodes that are there already are not run again."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the rates here."""

    def run(self) -> int:
        """Run what is missing in the CSVs and print both success rates.

        Raises:
            InputError: For an unknown task, numbers out of range, nodes that do not answer, or CSVs of something else.
            BundleError: When the networks cannot be used.
            StorageError: When the results cannot be written.
            MissingDependencyError: Without ROS 2 or the simulation.
        """
        quiet_threads()
        from vplanner.run_folder import write_json

        check_at_least("--episodes", self.episodes, 1)
        check_at_least("--seed", self.seed, 0)
        check_at_least("--samples", self.samples, 1)
        check_at_least("--real-time-factor", self.real_time_factor, 0.01)
        check_writable(self.out / "nodes.csv")
        check_writable(self.json_file)
        jobs, setup = self._jobs(), self._setup()
        nodes = _completed(self.out / "nodes.csv", jobs, setup, self._through_nodes)
        here = _completed(self.out / "in_process.csv", jobs, setup, _in_process)
        report = _report(jobs, here, nodes)
        _print(report)
        if self.json_file is not None:
            write_json(self.json_file, {**report, "seed": self.seed, "samples": self.samples, "setup": setup.setup})
        return 0

    def _jobs(self) -> list[Job]:
        """Seeds outermost, so that an unfinished comparison is balanced."""
        from vplanner.errors import InputError
        from vplanner.evaluation import Job, Method
        from vplanner.sim_robot import task_skills

        every = tuple(task_skills())
        tasks = list(dict.fromkeys(self.tasks.split(",")))
        for task in tasks:
            if task not in every:
                raise InputError(f"unknown task '{task}'; the tasks are: {', '.join(every)}")
        seeds = range(self.seed, self.seed + self.episodes)
        return [Job(Method.PLANNER, task, seed) for seed in seeds for task in tasks]

    def _setup(self) -> Setup:
        from vplanner.bundle import load_bundle
        from vplanner.evaluation import Setup, mark

        bundle = load_bundle(self.bundle)
        setup = Setup(bundle.folder, self.samples, execute_steps=2, plan_seed=0, threads=1)
        check_execute_steps(setup.execute_steps, bundle.manifest.horizon)
        return self._marked(mark(setup, bundle))

    def _marked(self, setup: Setup) -> Setup:
        """The same with what decides how episodes go through the nodes: their code, and how fast time may run."""
        import hashlib
        from dataclasses import replace

        from vplanner.evaluation import code_commit

        nodes = Path(__file__).parents[2] / "ros_nodes"
        commit = code_commit(nodes) if nodes.is_dir() else ""
        digest = hashlib.sha256(repr((setup.setup, self.real_time_factor, commit)).encode())
        return replace(setup, setup=digest.hexdigest()[:12])

    def _through_nodes(self, jobs: list[Job], setup: Setup) -> Iterator[Row]:
        from importlib import import_module

        from vplanner.errors import MissingDependencyError
        from vplanner.sim_robot import make_env

        try:
            parity = import_module("vplanner_ros.parity")  # by name only: the runtime depends on no ROS package
        except ImportError as error:
            raise MissingDependencyError(f"ROS 2 cannot be used ({error}); pip install 'vplanner[ros]'") from error
        max_steps = {}
        for task in dict.fromkeys(job.task for job in jobs):
            env = make_env(task)
            max_steps[task] = env.max_steps
            env.close()
        arguments = (
            f"bundle:={setup.bundle}", f"samples:={self.samples}", f"real_time_factor:={self.real_time_factor}",
            "record:=false", f"task:={jobs[0].task}", f"seed:={jobs[0].seed}",
        )  # fmt: skip
        yield from parity.run_episodes(jobs, max_steps, setup.setup, arguments, self.out / "nodes.log")


def _in_process(jobs: list[Job], setup: Setup) -> Iterator[Row]:
    from vplanner.evaluation import run_job

    for job in jobs:
        yield run_job(job, setup)


def _completed(
    path: Path, jobs: list[Job], setup: Setup, run: Callable[[list[Job], Setup], Iterator[Row]]
) -> list[Row]:
    """The rows of all jobs: those of the CSV, and those that are run now and added to it."""
    from rich.console import Console
    from rich.progress import track

    from vplanner.errors import InputError
    from vplanner.eval_table import append_row, job_of, read_rows, write_rows

    known = read_rows(path)
    if any(row.setup != setup.setup for row in known):
        raise InputError(f"{path}: has rows of another bundle, version or other settings; give another --out")
    write_rows(path, known)
    done = {job_of(row) for row in known}
    missing = [job for job in jobs if job not in done]
    if missing:
        for row in track(run(missing, setup), path.stem, total=len(missing), console=Console(stderr=True)):
            append_row(path, row)
            known.append(row)
    return [row for row in known if job_of(row) in set(jobs)]


def _report(jobs: list[Job], here: list[Row], nodes: list[Row]) -> dict[str, JsonValue]:
    """Successes of both, by task and in all, and in how many scenes only one of them succeeded."""
    from vplanner.eval_table import job_of

    a, b = ({job_of(row): row.success for row in rows} for rows in (here, nodes))
    report: dict[str, JsonValue] = {}
    for task in (*dict.fromkeys(job.task for job in jobs), "all"):
        mine = [job for job in jobs if task in (job.task, "all")]
        report[task] = {
            "episodes": len(mine),
            "in_process": sum(a[job] for job in mine),
            "nodes": sum(b[job] for job in mine),
            "only_in_process": sum(a[job] and not b[job] for job in mine),
            "only_nodes": sum(b[job] and not a[job] for job in mine),
        }
    return report


def _print(report: dict[str, JsonValue]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("task", "episodes", "in process", "through nodes", "points", "only in process", "only nodes")
    for task, row in report.items():
        assert isinstance(row, dict)
        here, nodes, count = (int(str(row[name])) for name in ("in_process", "nodes", "episodes"))
        rest = (str(row["only_in_process"]), str(row["only_nodes"]))
        table.add_row(
            task,
            str(count),
            f"{here / count:.1%}",
            f"{nodes / count:.1%}",
            f"{100 * (nodes - here) / count:+.1f}",
            *rest,
        )
    Console().print(table)
