"""How fast a replan is, stage by stage, and how fast the simulation is."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np

from vplanner.agent import AgentConfig, make_agent, open_networks
from vplanner.backends import physical_cores
from vplanner.bundle import Bundle, Manifest
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


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of repeated measurements."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class StageReport:
    """One stage of a replan: its median [ms], its work [GFLOP], 0 when the bundle does not say, and its share."""

    name: str
    p50_ms: float
    share: float
    gflop: float
    gflops: float


@dataclass(frozen=True, slots=True)
class ReplanReport:
    """Speed of replans, and of plain matrix products on as many threads [GFLOP/s]."""

    replan_ms: Timing
    stages: tuple[StageReport, ...]
    machine_gflops: float


def percentiles(values: Float) -> Timing:
    """Median and 95th percentile, to the microsecond."""
    p50, p95 = np.percentile(values, [50, 95])
    return Timing(round(float(p50), 3), round(float(p95), 3))


def bench_replan(bundle: Bundle, config: AgentConfig, repeats: int, warmup: int = 5) -> ReplanReport:
    """Time `repeats` replans on random pictures; networks take the same time for any."""
    generator = np.random.default_rng(0)
    agent = make_agent(open_networks(bundle, config), config, generator)
    sub_goal = _sub_goal(bundle.manifest)
    totals: list[float] = []
    laps: dict[str, list[float]] = {}
    for index in range(warmup + repeats):
        observation = _observation(bundle.manifest, generator)
        start = time.perf_counter()
        plan = agent.planner.plan(observation, sub_goal)
        elapsed = 1000.0 * (time.perf_counter() - start)
        if index >= warmup:
            totals.append(elapsed)
            for stage in plan.stages:
                laps.setdefault(stage.name, []).append(stage.ms)
    work = stage_gflop(bundle, config.planner.samples)
    median = {name: float(np.median(times)) for name, times in laps.items()}
    stages = tuple(
        StageReport(
            name=name,
            p50_ms=round(ms, 3),
            share=round(ms / sum(median.values()), 3),
            gflop=round(work[name], 4),
            gflops=round(work[name] / (ms / 1000.0), 2),
        )
        for name, ms in median.items()
    )
    threads = config.backend.threads if config.backend.threads is not None else physical_cores()
    rate = matrix_product_gflops(threads)
    return ReplanReport(percentiles(np.asarray(totals, dtype=np.float32)), stages, round(rate, 1))


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


_MATRIX_PRODUCTS = """
import time
import numpy as np
size, best = 768, 0.0
a = np.random.default_rng(0).standard_normal((size, size), dtype=np.float32)
for _ in range(10):
    start = time.perf_counter()
    a @ a
    best = max(best, 2.0 * size**3 / (time.perf_counter() - start) / 1e9)
print(best)
"""


def matrix_product_gflops(threads: int) -> float:
    """Best rate of float32 matrix products in numpy on so many threads: what this machine can do.

    numpy counts its threads once, when it is imported, hence a process of its own.
    """
    count = {name: str(threads) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    command = [sys.executable, "-c", _MATRIX_PRODUCTS]
    done = subprocess.run(command, env={**os.environ, **count}, capture_output=True, text=True, check=True)
    return float(done.stdout)


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
