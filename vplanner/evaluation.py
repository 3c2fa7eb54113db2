"""Runs evaluation episodes: one job is one method in one scene, and gives one row of the table."""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from importlib import metadata
from pathlib import Path

import numpy as np

from vplanner.agent import Agent, AgentConfig, Networks, make_agent, open_networks, open_prompter
from vplanner.backend_options import PlanningOptions
from vplanner.baselines import CloningPlanner, NoJudge, OpenLoopPlanner, RandomPlanner
from vplanner.bundle import Bundle, load_bundle
from vplanner.errors import SafetyError
from vplanner.loop import ClosedLoop, LoopConfig
from vplanner.overlap import OverlappedLoop
from vplanner.planner import ImaginePlanner, PlannerConfig, Selection
from vplanner.prompter_options import PrompterOptions
from vplanner.prompting import choose_judge, choose_prompter
from vplanner.protocols import Judge, Planner, Prompter
from vplanner.safety import SafeChunk
from vplanner.scenes import Scene, SceneBuilder
from vplanner.types import Float, Observation, Plan, SubGoal, Verdict


class Method(StrEnum):
    """What is evaluated: our planner, parts of it taken away, and others."""

    PLANNER = "planner"
    NO_CRITIC = "no_critic"
    NO_ROUSING = "no_rousing"
    NO_REPLAN = "no_replan"
    BEHAVIOUR_CLONING = "behaviour_cloning"
    RANDOM = "random"
    EXPERT = "expert"


@dataclass(frozen=True, slots=True)
class Job:
    """One episode to run."""

    method: Method
    task: str
    seed: int


@dataclass(frozen=True, slots=True)
class Setup:
    """What all episodes of an evaluation share; `setup` marks their rows, so that others are not mixed in."""

    bundle: Path | None
    samples: int
    execute_steps: int
    plan_seed: int
    threads: int
    prompter: PrompterOptions = field(default_factory=PrompterOptions)
    setup: str = ""
    planning: PlanningOptions = field(default_factory=PlanningOptions)


@dataclass(frozen=True, slots=True)
class Row:
    """How one episode went.

    `success` is the simulator's judgement, true once its predicate held; `declared` is the planner's own;
    `command_error_mm` is the mean distance between commanded and measured translation of a step. `reached` of the
    `planned` sub-goals of the task were reached, again as the simulator saw it.
    """

    task: str
    method: str
    seed: int
    instruction: str
    success: bool
    declared: bool
    steps: int
    replans: int
    seconds: float
    command_error_mm: float
    reason: str
    setup: str
    reached: int
    planned: int


class CommandError:
    """A loop `Listener` that compares commanded with measured translations."""

    def __init__(self) -> None:
        """No step has been seen."""
        self._commands: Float = np.zeros((0, 7), dtype=np.float32)
        self._index = 0
        self._position: Float = np.zeros(3, dtype=np.float32)
        self._errors: list[float] = []

    @property
    def mean_mm(self) -> float:
        """Mean over all steps so far [mm]."""
        return 1000.0 * float(np.mean(self._errors)) if self._errors else 0.0

    def on_sub_goals(self, observation: Observation, sub_goals: Sequence[SubGoal]) -> None:
        """Not needed."""

    def on_look(self, step: int, observation: Observation, sub_goal: SubGoal, verdict: Verdict) -> None:
        """Not needed."""

    def on_plan(self, step: int, observation: Observation, sub_goal: SubGoal, plan: Plan, safe: SafeChunk) -> None:
        """Take note of the commands."""
        self._commands, self._index, self._position = safe.chunk.steps, 0, observation.robot.position

    def on_step(self, step: int, observation: Observation) -> None:
        """Compare the step with its command."""
        moved = observation.robot.position - self._position
        self._errors.append(float(np.linalg.norm(moved - self._commands[self._index, :3])))
        self._index, self._position = self._index + 1, observation.robot.position


def mark(setup: Setup, bundle: Bundle) -> Setup:
    """The same setup with its `setup` made from all that decides how episodes go: networks, settings and code."""
    digest = hashlib.sha256((bundle.folder / "bundle.json").read_bytes())  # it holds the hashes of the networks
    settings = (
        _agent_config(Method.PLANNER, setup),
        _looking(setup, max_steps=1),
        setup.plan_seed,
        setup.prompter,
        setup.planning,
    )
    digest.update(repr((settings, _version(), code_commit(Path(__file__).parent))).encode())
    return replace(setup, setup=digest.hexdigest()[:12])


def _version() -> str:
    try:
        return metadata.version("vplanner")
    except metadata.PackageNotFoundError:  # run from its folder without being installed
        return ""


def code_commit(package: Path) -> str:
    """The last commit that changed `package` or the simulation beside it; empty where they are in no git checkout."""
    command = ["git", "log", "-1", "--format=%H", "--", ".", "../sim"]
    try:
        done = subprocess.run(command, cwd=package, capture_output=True, text=True, check=False)
    except OSError:  # there is no git
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def run_job(job: Job, setup: Setup) -> Row:
    """Run one episode; networks and environments are kept for the next job of this process.

    Only a command that was refused as unsafe counts as a failed episode; what else breaks one off is raised, because
    it says nothing about the method.

    Raises:
        VPlannerError: The networks, the simulation or the bundle cannot be used.
        KeyboardInterrupt: The user pressed Ctrl-C.
    """
    scene = _builder().build(job.task, job.seed)
    if job.method is Method.EXPERT:
        return _run_expert(job, scene)
    config = _agent_config(job.method, setup)
    networks = _networks(setup)
    generator = np.random.default_rng([job.seed, setup.plan_seed])
    agent = make_agent(networks, config, generator)
    prompter = _prompter(setup)
    agent = replace(agent, judge=choose_judge(setup.prompter, prompter, agent.judge))
    planner, judge, loop = _parts(job.method, agent, setup, scene.sub_goal_steps, generator)
    errors = CommandError()
    rest = (agent.safety, loop, time.perf_counter, (errors,))
    if setup.planning.overlap and isinstance(planner, ImaginePlanner):
        closed_loop: ClosedLoop = OverlappedLoop(scene.robot, prompter, judge, planner, *rest)
    else:
        closed_loop = ClosedLoop(scene.robot, prompter, judge, planner, *rest)
    outcome = closed_loop.run(scene.instruction)
    if outcome.error is not None and not isinstance(outcome.error, SafetyError):
        raise outcome.error
    return Row(
        task=job.task,
        method=job.method.value,
        seed=job.seed,
        instruction=scene.instruction,
        success=scene.referee.success,
        declared=outcome.success,
        steps=outcome.steps,
        replans=outcome.replans,
        seconds=round(outcome.seconds, 3),
        command_error_mm=round(errors.mean_mm, 3),
        reason=outcome.reason,
        setup=setup.setup,
        reached=scene.referee.reached,
        planned=len(scene.wanted),
    )


def _parts(
    method: Method, agent: Agent, setup: Setup, max_steps: int, generator: np.random.Generator
) -> tuple[Planner, Judge, LoopConfig]:
    """Planner, judge and loop of a method."""
    manifest = agent.networks.bundle.manifest
    looking = _looking(setup, max_steps)
    blind = LoopConfig(
        execute_steps=manifest.horizon,
        max_steps=max_steps,
        still_replans=max_steps,
        stuck_replans=max_steps,
        rousings=0,
    )
    if method is Method.RANDOM:
        return RandomPlanner(agent.safety.limits, manifest.horizon, manifest.dt_s, generator), NoJudge(), blind
    if method is Method.NO_REPLAN:
        return OpenLoopPlanner(agent.planner, agent.memory), NoJudge(), blind
    if method is Method.BEHAVIOUR_CLONING:
        policy = CloningPlanner(agent.networks.bundle, agent.memory, setup.planning.backend(setup.threads))
        return policy, agent.judge, looking
    if method is Method.NO_ROUSING:
        looking = replace(looking, rousings=0)
    return agent.planner, agent.judge, looking


def _looking(setup: Setup, max_steps: int) -> LoopConfig:
    return LoopConfig(execute_steps=setup.execute_steps, max_steps=max_steps)


def _run_expert(job: Job, scene: Scene) -> Row:
    """The scripted expert, which sees the simulator's state."""
    from vplanner_sim import make_expert

    env = _builder().env(job.task)
    expert = make_expert(env)
    start = time.perf_counter()
    steps, reached, done = 0, 0, False
    while steps < scene.max_steps and not done:
        step = env.step(expert.act())
        done, reached = step.success, max(reached, step.reached)
        steps += 1
    return Row(
        task=job.task,
        method=job.method.value,
        seed=job.seed,
        instruction=scene.instruction,
        success=done,
        declared=done,
        steps=steps,
        replans=steps,
        seconds=round(time.perf_counter() - start, 3),
        command_error_mm=0.0,
        reason="success" if done else "out of time",
        setup=EXPERT_SETUP,
        reached=reached,
        planned=len(scene.wanted),
    )


EXPERT_SETUP = "simulator"


def _agent_config(method: Method, setup: Setup) -> AgentConfig:
    selection = Selection.ANY if method is Method.NO_CRITIC else Selection.BEST
    planner = PlannerConfig(samples=setup.samples, selection=selection, deadline_ms=setup.planning.deadline_ms)
    return AgentConfig(planner=planner, backend=setup.planning.backend(setup.threads))


@lru_cache(maxsize=1)
def _builder() -> SceneBuilder:
    return SceneBuilder()


@lru_cache(maxsize=1)
def _networks(setup: Setup) -> Networks:
    return open_networks(load_bundle(setup.bundle), _agent_config(Method.PLANNER, setup))


@lru_cache(maxsize=1)
def _prompter(setup: Setup) -> Prompter:
    bundle = _networks(setup).bundle
    embedded = open_prompter(bundle, setup.planning.backend(setup.threads))
    return choose_prompter(setup.prompter, embedded, bundle.manifest.views)
