"""The simulated robot, seen through the same protocol as a real one: pictures, joint state and calibration only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from vplanner.errors import InputError, MissingDependencyError, SafetyError
from vplanner.types import (
    ActionChunk,
    CameraFrame,
    CameraModel,
    Float,
    GroundedObject,
    Observation,
    RobotState,
    Skill,
    SubGoal,
)

if TYPE_CHECKING:
    from types import ModuleType

    from vplanner_sim import SimObservation, SubGoalTruth, TabletopEnv, Truth

VIEWS = ("front", "side")
IMAGE_SIZE = 128  # [pixel]; the prompter reads it as it is, the video model at half the size
EGL_HINT = "apt-get install libegl1 libgl1-mesa-dri"


class Referee:
    """Keeps the simulator's own judgement away from the robot that the planner sees.

    Only whoever evaluates holds it; `success` is true once the simulator's predicate held after any step, and
    `reached` is the largest number of sub-goals that were reached after one.
    """

    def __init__(self) -> None:
        """No step has been seen."""
        self.success = False
        self.progress = 0.0
        self.reached = 0

    def note(self, success: bool, progress: float, reached: int) -> None:
        """Take note of a step."""
        self.success = self.success or success
        self.progress = progress
        self.reached = max(self.reached, reached)


class SimRobot:
    """A `Robot` in `TabletopEnv`."""

    def __init__(self, env: TabletopEnv, seed: int, referee: Referee | None = None) -> None:
        """Reset `env` to the scene of `seed`; `referee` is told how each step was judged.

        Raises `MissingDependencyError` when the machine cannot render.
        """
        self._env = env
        self._referee = referee
        self._cameras = calibration(env)
        self._observation = as_observation(reset_env(env, seed), self._cameras)

    def observe(self) -> Observation:
        """The observation after the last step."""
        return self._observation

    def execute(self, chunk: ActionChunk) -> None:
        """Carry out the steps in order. Raises `SafetyError` and stays put when the chunk is not finite."""
        if not np.isfinite(chunk.steps).all():
            raise SafetyError("command is not finite; the robot stays where it is")
        for action in chunk.steps:
            step = self._env.step(action)
            self._observation = as_observation(step.observation, self._cameras)
            if self._referee is not None:
                self._referee.note(step.success, step.progress, step.reached)

    def stop(self) -> None:
        """Nothing to do: simulated time stands still between steps."""


def calibration(env: TabletopEnv) -> dict[str, CameraModel]:
    """Nominal calibration of the cameras of `env` by name."""
    return {
        name: CameraModel(np.asarray(c.intrinsics, dtype=np.float32), np.asarray(c.T_base_cam, dtype=np.float32))
        for name, c in zip(env.cameras, env.camera_models, strict=True)
    }


def as_observation(seen: SimObservation, cameras: dict[str, CameraModel]) -> Observation:
    """What the simulator shows, in the form that every robot reports."""
    images = zip(cameras.items(), seen.images, strict=True)
    return Observation(
        time_s=seen.time_s,
        frames=tuple(CameraFrame(name, image, camera) for (name, camera), image in images),
        robot=RobotState(
            joint_positions=np.asarray(seen.joint_positions, dtype=np.float32),
            position=np.asarray(seen.tcp_position, dtype=np.float32),
            quat_wxyz=np.asarray(seen.tcp_quat_wxyz, dtype=np.float32),
            gripper_opening=float(seen.gripper_opening),
        ),
    )


def prepare_rendering() -> None:
    """Choose EGL, which needs no screen, unless the user chose otherwise; to be called before MuJoCo is imported."""
    os.environ.setdefault("MUJOCO_GL", "egl")


def true_sub_goal(truth: Truth | SubGoalTruth, offsets: Float | None = None) -> SubGoal:
    """A sub-goal (of a whole task: the one that is due) as the simulator knows it.

    It is for data and measurements, never for a planner that is evaluated.
    `offsets` (2, 3) [m] are added to source and target as errors of grounding; where both are one object, the first
    serves both.
    """
    source, target = np.asarray(truth.source.position), np.asarray(truth.target.position)
    one = np.allclose(source, target)
    if offsets is not None:
        source, target = source + offsets[0], target + offsets[0 if one else 1]
    grounded = [
        GroundedObject(thing.noun, (), position.astype(np.float32), 1.0)
        for thing, position in ((truth.source, source), (truth.target, target))
    ]
    return SubGoal(Skill(truth.skill), "", grounded[0], grounded[1])


def make_env(task: str, image_size: int = IMAGE_SIZE, unseen: bool = False) -> TabletopEnv:
    """The simulated table with the cameras that bundles are trained on.

    `unseen` draws tables and lights from ranges that no training scene has.

    Raises:
        InputError: There is no such task.
        MissingDependencyError: MuJoCo, or what it renders with, is not installed.
    """
    tasks = (*task_skills(), *long_tasks())
    if task not in tasks:
        raise InputError(f"unknown task '{task}'; the tasks are: {', '.join(tasks)}")
    from vplanner_sim import TabletopEnv, Variation

    variation = Variation(unseen=unseen)
    return TabletopEnv(task=task, image_size=image_size, supersample=1, cameras=VIEWS, variation=variation)


def task_skills() -> dict[str, str]:
    """Names of the simulated tasks of one skill and the skill that each one needs, in their fixed order.

    Raises:
        MissingDependencyError: MuJoCo, or what it renders with, is not installed.
    """
    return {name: task.skill for name, task in _simulation().TASKS.items()}


def long_task_skills() -> dict[str, tuple[str, ...]]:
    """Names of the simulated tasks of several sub-goals and the skills that each one needs, in their order.

    Raises:
        MissingDependencyError: MuJoCo, or what it renders with, is not installed.
    """
    tasks = _simulation().LONG_TASKS
    return {name: tuple(step.skill for step in task().sub_goals()) for name, task in tasks.items()}


def long_tasks() -> dict[str, int]:
    """Names of the simulated tasks of several sub-goals and how many each one has.

    Raises:
        MissingDependencyError: MuJoCo, or what it renders with, is not installed.
    """
    return {name: task.count for name, task in _simulation().LONG_TASKS.items()}


def _simulation() -> ModuleType:
    prepare_rendering()
    try:
        import vplanner_sim
    except ModuleNotFoundError as error:
        raise MissingDependencyError(f"{error.name} is not installed; pip install 'vplanner[sim]'") from error
    except (ImportError, AttributeError, RuntimeError) as error:  # PyOpenGL without libEGL fails in these ways
        raise _cannot_render(error) from error
    return vplanner_sim


def reset_env(env: TabletopEnv, seed: int) -> SimObservation:
    """Start the episode of `seed`; the first picture of an environment is drawn here.

    Raises:
        MissingDependencyError: The machine cannot render; the message names the packages that are missing.
    """
    from vplanner_sim import RenderError

    try:
        return env.reset(seed)
    except RenderError as error:
        raise _cannot_render(error.__cause__ or error) from error


def _cannot_render(error: BaseException) -> MissingDependencyError:
    reason = (str(error) or type(error).__name__).splitlines()[0]
    return MissingDependencyError(f"MuJoCo cannot render ({reason}); on Debian and Ubuntu: {EGL_HINT}")
