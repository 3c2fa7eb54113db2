"""`vplanner bench`: how fast a replan and the simulation are, how exact commands are, and how even their stream is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from vplanner.commands.bench_parity import BenchParity
from vplanner.commands.bench_prompt import BenchPrompt
from vplanner.commands.common import TEST_SEED, check_at_least, check_threads, check_writable, quiet_threads

if TYPE_CHECKING:
    from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class BenchPlan:
    """Time one replan: encode, propose, extract, rollout, score."""

    samples: int = 4
    """Imagined futures per replan."""
    repeats: int = 50
    """Replans to time."""
    bundle: Path | None = None
    """Folder of the networks; without it, $VPLANNER_BUNDLE or models/bundles/panda-tabletop."""
    threads: int | None = None
    """Threads of the networks; without it, one per physical core."""
    spinning: bool = False
    """Let threads spin while they wait: faster on an idle machine, much slower on a shared one."""
    provider: Literal["cpu", "cuda", "tensorrt"] = "cpu"
    """What runs the networks. The CPU does it where the machine lacks the others."""
    torch: bool = False
    """Time the same networks in torch, too, eager and compiled, each in turn with a replan; needs the extra `train`."""
    torch_patience_s: float = 90.0
    """How long torch may compile; what is not ready by then is left out [s]."""
    compare: tuple[Path, Path] | None = None
    """Measure nothing, but compare two reports that --json wrote: before, after."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the figures here."""

    def run(self) -> int:
        """Measure and print; raises `BundleError`, `InputError`, and `MissingDependencyError` without torch."""
        if self.compare is not None:
            return _compare(*self.compare)
        from contextlib import nullcontext

        from rich.console import Console
        from rich.table import Table

        from vplanner.agent import AgentConfig
        from vplanner.backends import BackendConfig
        from vplanner.benchmarks import bench_replan
        from vplanner.bundle import load_bundle
        from vplanner.planner import PlannerConfig
        from vplanner.providers import Provider
        from vplanner.run_folder import write_json
        from vplanner.torch_beside import TorchReplans, torch_replans

        for option, value in (("--samples", self.samples), ("--repeats", self.repeats)):
            check_at_least(option, value, 1)
        check_threads(self.threads)
        check_writable(self.json_file)
        backend = BackendConfig(self.threads, self.spinning, Provider(self.provider))
        config = AgentConfig(planner=PlannerConfig(samples=self.samples), backend=backend)
        bundle = load_bundle(self.bundle)
        threads = backend.all_threads
        nothing = nullcontext(TorchReplans({}, ()))
        asked = torch_replans(bundle, self.samples, threads, self.torch_patience_s) if self.torch else nothing
        with asked as others:
            report = bench_replan(bundle, config, self.repeats, others=others.calls)
        table = Table("stage", "p50 [ms]", "p95", "p99", "share", "GFLOP", "MB", "GFLOP/s", "roof")
        for stage in report.stages:
            table.add_row(
                stage.name, f"{stage.p50_ms:.2f}", f"{stage.p95_ms:.2f}", f"{stage.p99_ms:.2f}", f"{stage.share:.0%}",
                f"{stage.gflop:.3f}", f"{stage.mbyte:.1f}", f"{stage.gflops:.1f}", f"{stage.roofline:.0%}",
            )  # fmt: skip
        machine, replan = report.machine, report.replan_ms
        console = Console()
        console.print(table)
        console.print(f"one replan: p50 {replan.p50:.1f} ms, p95 {replan.p95:.1f} ms, p99 {replan.p99:.1f} ms")
        console.print(
            f"matrix products in numpy with --threads {threads}: {machine.gflops:.0f} GFLOP/s, "
            f"memory {machine.gb_per_s:.0f} GB/s",
            soft_wrap=True,
        )
        console.print(
            f"networks opened in {report.open_ms:.0f} ms, first replan {report.first_ms:.0f} ms, "
            f"memory at most {report.peak_mb:.0f} MB",
            soft_wrap=True,
        )
        for name, timing in report.beside.items():
            console.print(f"{name}: p50 {timing.p50:.1f} ms, {timing.p50 / replan.p50:.1f} times as long")
        for name in others.skipped:
            console.print(
                f"{name}: left out; it failed, or took longer than --torch-patience-s {self.torch_patience_s:g}",
                soft_wrap=True,
            )
        if self.json_file is not None:
            stages: dict[str, JsonValue] = {stage.name: asdict(stage) for stage in report.stages}
            beside: dict[str, JsonValue] = {name: asdict(timing) for name, timing in report.beside.items()}
            content: dict[str, JsonValue] = {
                "replan_ms": asdict(replan),
                "stages": stages,
                "machine_gflops": machine.gflops,
                "machine_gb_per_s": machine.gb_per_s,
                "open_ms": report.open_ms,
                "first_ms": report.first_ms,
                "peak_mb": report.peak_mb,
                "beside": beside,
                "samples": self.samples,
                "repeats": self.repeats,
                "threads": threads,
                "provider": self.provider,
                "bundle": bundle.manifest.name,
                "precision": bundle.component("video_model").precision,
            }
            write_json(self.json_file, content)
        return 0


def _compare(before: Path, after: Path) -> int:
    """Print two reports side by side."""
    from rich.console import Console
    from rich.table import Table

    from vplanner.bench_compare import compare_reports

    table = Table("", "before [ms]", "after [ms]", "times faster")
    for row in compare_reports(before, after):
        table.add_row(row.name, *("" if n is None else f"{n:.2f}" for n in (row.before, row.after, row.speedup)))
    Console().print(table)
    return 0


@dataclass(frozen=True, slots=True)
class BenchSim:
    """Time the simulation: physics, inverse kinematics and two camera images per step."""

    task: str = "pick_place"
    """The kind of scene."""
    steps: int = 300
    """Steps of one round."""
    rounds: int = 5
    """Rounds; the median counts."""
    image_size: int = 64
    """Edge of the images [pixel]."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the figures here."""

    def run(self) -> int:
        """Measure and print; raises `InputError` and `MissingDependencyError`."""
        quiet_threads()
        from rich.console import Console

        from vplanner.benchmarks import bench_simulation
        from vplanner.run_folder import write_json

        for option, value in (("--steps", self.steps), ("--rounds", self.rounds), ("--image-size", self.image_size)):
            check_at_least(option, value, 1)
        report = bench_simulation(self.task, self.steps, self.image_size, self.rounds)
        size = f"{self.image_size}x{self.image_size}"
        Console().print(
            f"{report.median:.0f} pairs of {size} images per core-second "
            f"({report.least:.0f} to {report.most:.0f} in {self.rounds} rounds)"
        )
        if self.json_file is not None:
            content: dict[str, JsonValue] = {
                "pairs_per_core_second": report.median,
                "least": report.least,
                "most": report.most,
                "rounds": self.rounds,
                "task": self.task,
                "steps": self.steps,
                "image_size": self.image_size,
            }
            write_json(self.json_file, content)
        return 0


@dataclass(frozen=True, slots=True)
class BenchCommands:
    """Measure how exactly commands are read out of real and of imagined frames, on undisturbed expert episodes."""

    tasks: str = "all"
    """Names of tasks, separated by commas, or `all`."""
    episodes: int = 10
    """Scenes per task."""
    seed: int = TEST_SEED
    """First scene."""
    unseen: bool = False
    """Tables and lights from ranges that no training scene has."""
    bundle: Path | None = None
    """Folder of the networks; without it, $VPLANNER_BUNDLE or models/bundles/panda-tabletop."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the figures here."""

    def run(self) -> int:
        """Measure and print; raises `BundleError`, `InputError` and `MissingDependencyError`."""
        import numpy as np
        from rich.console import Console
        from rich.progress import track
        from rich.table import Table

        from vplanner.bundle import load_bundle
        from vplanner.command_errors import command_errors, measure_commands
        from vplanner.errors import InputError
        from vplanner.run_folder import write_json
        from vplanner.sim_robot import task_skills

        check_at_least("--episodes", self.episodes, 1)
        check_at_least("--seed", self.seed, 0)
        check_writable(self.json_file)
        every = tuple(task_skills())
        tasks = every if self.tasks == "all" else tuple(self.tasks.split(","))
        for task in tasks:
            if task not in every:
                raise InputError(f"unknown task '{task}'; the tasks are: {', '.join(every)}")
        rows = measure_commands(load_bundle(self.bundle), tasks, self.episodes, self.seed, self.unseen)
        found = [np.concatenate(part) for part in zip(*track(rows, "windows of expert episodes"), strict=True)]
        reports = {"real": command_errors(found[0], found[1]), "imagined": command_errors(found[0], found[2])}
        table = Table("frames", "steps", "cm p50", "cm p95", "deg p50", "deg p95", "gripper right")
        for name, errors in reports.items():
            table.add_row(
                name, str(errors.steps), f"{errors.translation_cm.p50:.2f}", f"{errors.translation_cm.p95:.2f}",
                f"{errors.rotation_deg.p50:.2f}", f"{errors.rotation_deg.p95:.2f}", f"{errors.gripper_right:.1%}",
            )  # fmt: skip
        Console().print(table)
        if self.json_file is not None:
            content: dict[str, JsonValue] = {name: asdict(errors) for name, errors in reports.items()}
            content.update(tasks=list(tasks), episodes=self.episodes, seed=self.seed, unseen=self.unseen)
            write_json(self.json_file, content)
        return 0


@dataclass(frozen=True, slots=True)
class BenchRos:
    """Time the commands of a ROS 2 executor: how evenly they come, and how soon after a chunk the first one moves."""

    chunks: int = 30
    """Chunks to send, each from standstill."""
    attach: bool = False
    """Measure the executor_node that runs in this ROS domain, without a planner, instead of starting one."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the figures here."""

    def run(self) -> int:
        """Measure and print; raises `InputError` and `MissingDependencyError`."""
        from importlib import import_module

        from rich.console import Console
        from rich.table import Table

        from vplanner.errors import MissingDependencyError
        from vplanner.run_folder import write_json

        check_at_least("--chunks", self.chunks, 1)
        check_writable(self.json_file)
        try:
            ros = import_module("vplanner_ros.bench")  # by name only: the runtime depends on no ROS package
        except ImportError as error:
            raise MissingDependencyError(f"ROS 2 cannot be used ({error}); pip install 'vplanner[ros]'") from error
        report = asdict(ros.measure_stream(self.chunks, self.attach))
        table = Table("time", "p50 [ms]", "p99 [ms]", "longest [ms]")
        for name, told in (
            ("sent_ms", "between commands, as stamped"),
            ("received_ms", "between commands, on arrival"),
            ("latency_ms", "from a chunk to the first command that moves"),
        ):
            table.add_row(told, *(f"{report[name][key]:.2f}" for key in ("p50", "p99", "most")))
        Console().print(table)
        if self.json_file is not None:
            write_json(self.json_file, report)
        return 0


@dataclass(frozen=True, slots=True)
class Bench:
    """Measure planning, simulation, the stream of commands, how exactly commands are read, and the nodes' success."""

    what: tyro.conf.OmitArgPrefixes[
        Annotated[BenchPlan, tyro.conf.subcommand("plan")]
        | Annotated[BenchSim, tyro.conf.subcommand("sim")]
        | Annotated[BenchCommands, tyro.conf.subcommand("commands")]
        | Annotated[BenchPrompt, tyro.conf.subcommand("prompt")]
        | Annotated[BenchRos, tyro.conf.subcommand("ros")]
        | Annotated[BenchParity, tyro.conf.subcommand("parity")]
    ]

    def run(self) -> int:
        """Run the chosen benchmark."""
        return self.what.run()
