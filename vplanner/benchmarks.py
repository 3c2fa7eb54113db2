"""How fast a replan is, stage by stage, and how fast the simulation is."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from vplanner.agent import AgentConfig, make_agent, open_networks
from vplanner.bundle import Bundle, Manifest
from vplanner.roofline import Machine, measure_machine, stage_megabytes
from vplanner.types import (
    CameraFrame,
    CameraModel,
    Float,
    GroundedObject,
    Observation,
    RobotState,
    Skill,
    SubGoal,
)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of repeated measurements."""

    p50: float
    p95: float
    p99: float = 0.0


@dataclass(frozen=True, slots=True)
class StageReport:
    """One stage of a replan: times [ms], share, work [GFLOP], 0 when the bundle does not say, and rate [GFLOP/s].

    `roofline` is that rate over the most that the machine allows work on so many bytes of weights [MB].
    """

    name: str
    p50_ms: float
    share: float
    gflop: float
    gflops: float
    p95_ms: float
    p99_ms: float
    mbyte: float
    roofline: float


@dataclass(frozen=True, slots=True)
class ReplanReport:
    """Speed of replans on a machine; `peak_mb` is the most memory that this process has had.

    `beside` has the times of the same networks run in other ways, each measured in turn with a replan.
    """

    replan_ms: Timing
    stages: tuple[StageReport, ...]
    machine: Machine
    open_ms: float
    first_ms: float
    peak_mb: float
    beside: dict[str, Timing] = field(default_factory=dict)


def percentiles(values: Float) -> Timing:
    """Median, 95th and 99th percentile, to the microsecond."""
    p50, p95, p99 = np.percentile(values, [50, 95, 99])
    return Timing(round(float(p50), 3), round(float(p95), 3), round(float(p99), 3))


def bench_replan(
    bundle: Bundle,
    config: AgentConfig,
    repeats: int,
    warmup: int = 5,
    others: dict[str, Callable[[], None]] | None = None,
) -> ReplanReport:
    """Time `repeats` replans on random pictures; networks take the same time for any.

    After each replan each of `others` runs once, so that what else the machine does slows all of them alike.
    """
    generator = np.random.default_rng(0)
    opening = time.perf_counter()
    agent = make_agent(open_networks(bundle, config), config, generator)
    open_ms = 1000.0 * (time.perf_counter() - opening)
    sub_goal = _sub_goal(bundle.manifest)
    totals: list[float] = []
    laps: dict[str, list[float]] = {}
    beside: dict[str, list[float]] = {name: [] for name in others or {}}
    for index in range(1 + warmup + repeats):
        observation = _observation(bundle.manifest, generator)
        elapsed, plan = _timed(lambda seen=observation: agent.planner.plan(seen, sub_goal))  # type: ignore[misc]
        for name, other in (others or {}).items():
            beside[name].append(_timed(other)[0])
        totals.append(elapsed)
        if index > warmup:
            for stage in plan.stages:
                laps.setdefault(stage.name, []).append(stage.ms)
    threads = config.backend.all_threads
    machine = measure_machine(threads)
    times = {name: percentiles(np.asarray(values, np.float32)) for name, values in laps.items()}
    work, mbytes = stage_gflop(bundle, config.planner.samples), stage_megabytes(bundle)
    whole = sum(timing.p50 for timing in times.values())
    stages = tuple(
        _stage(name, timing, timing.p50 / whole, work[name], mbytes[name], machine) for name, timing in times.items()
    )
    return ReplanReport(
        replan_ms=percentiles(np.asarray(totals[1 + warmup :], np.float32)),
        stages=stages,
        machine=machine,
        open_ms=round(open_ms, 1),
        first_ms=round(totals[0], 1),
        peak_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0, 1),
        beside={name: percentiles(np.asarray(values[1 + warmup :], np.float32)) for name, values in beside.items()},
    )


def _timed(call: Callable[[], _T]) -> tuple[float, _T]:
    start = time.perf_counter()
    result = call()
    return 1000.0 * (time.perf_counter() - start), result


def _stage(name: str, times: Timing, share: float, gflop: float, mbyte: float, machine: Machine) -> StageReport:
    rate = gflop / (times.p50 / 1000.0)
    return StageReport(
        name=name,
        p50_ms=times.p50,
        share=round(share, 3),
        gflop=round(gflop, 4),
        gflops=round(rate, 2),
        p95_ms=times.p95,
        p99_ms=times.p99,
        mbyte=round(mbyte, 2),
        roofline=round(rate / machine.most_gflops(gflop, mbyte / 1000.0), 3),
    )


def stage_gflop(bundle: Bundle, samples: int) -> dict[str, float]:
    """Work of each stage, from the work of one sample of each network that the bundle records."""
    manifest = bundle.manifest

    def work(component: str) -> float:
        return bundle.component(component).gflop_per_sample or 0.0

    later_steps = len(manifest.sigmas) - 2  # the first denoising step serves all samples, the last sigma is the end
    return {
        "encode": work("tokenizer_encoder") * len(manifest.views),
        "propose": work("video_model") * (samples + (samples - 1) * later_steps),
        "extract": work("inverse_dynamics") * samples * manifest.horizon,
        "rollout": work("video_model") * samples,
        "score": work("critic") * samples * 2,
    }


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """Pairs of camera images per second of processor time, with physics and inverse kinematics, over several rounds.

    Cores that are shared or change their clock give different rates from round to round, hence the range.
    """

    median: float
    least: float
    most: float


def bench_simulation(task: str, steps: int, image_size: int, rounds: int = 5) -> SimulationReport:
    """Time `rounds` times `steps` random steps.

    Raises:
        InputError: The task is unknown.
        MissingDependencyError: The simulator, or what it renders with, is not installed.
    """
    from vplanner.sim_robot import make_env, reset_env

    env = make_env(task, image_size)
    rng = np.random.default_rng(0)
    actions = np.zeros((steps, 7))
    actions[:, :3] = rng.uniform(-0.02, 0.02, (steps, 3))
    actions[:, 6] = 1.0
    reset_env(env, 0)  # makes the OpenGL context
    env.step(actions[0])
    rates = []
    for seed in range(rounds):
        reset_env(env, seed)
        start = time.process_time()
        for action in actions:
            env.step(action)
        rates.append(round(steps / (time.process_time() - start), 1))
    env.close()
    return SimulationReport(float(np.median(rates)), min(rates), max(rates))


def _observation(manifest: Manifest, generator: np.random.Generator) -> Observation:
    camera = CameraModel(np.eye(3, dtype=np.float32), np.eye(4, dtype=np.float32))
    shape = (2 * manifest.image_size, 2 * manifest.image_size, 3)
    frames = tuple(
        CameraFrame(view, generator.integers(0, 256, shape, dtype=np.uint8), camera) for view in manifest.views
    )
    robot = RobotState(
        joint_positions=np.zeros(7, dtype=np.float32),
        position=np.array([0.5, 0.0, 0.2], dtype=np.float32),
        quat_wxyz=np.array([0.0, 1.0, 0.0, 0.0], dtype=np.float32),
        gripper_opening=1.0,
    )
    return Observation(0.0, frames, robot)


def _sub_goal(manifest: Manifest) -> SubGoal:
    thing = GroundedObject("cube", (), np.array([0.5, 0.0, 0.5], dtype=np.float32), 1.0)
    return SubGoal(Skill(manifest.skills[0]), "benchmark", thing, thing)
