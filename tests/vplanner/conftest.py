"""Tiny bundles, a prompter of a few words, and an arm that goes where it is told."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from vplanner.agent import Agent, AgentConfig, make_agent, open_networks
from vplanner.backends import BackendConfig
from vplanner.bundle import load_bundle
from vplanner.errors import PromptRefusedError
from vplanner.planner import PlannerConfig
from vplanner.prompting.structure import Reading, Step, Thing
from vplanner.transforms import apply_step, matrix_from_quat, quat_from_matrix
from vplanner.types import (
    ActionChunk,
    CameraFrame,
    CameraModel,
    GroundedObject,
    GroundedPoint,
    Observation,
    RobotState,
    Skill,
    SubGoal,
)

from .tiny_bundle import write_bundle


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that is never sure of success."""
    return write_bundle(tmp_path_factory.mktemp("bundles") / "unsure")


@pytest.fixture(scope="session")
def sure_bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that takes everything for success."""
    return write_bundle(tmp_path_factory.mktemp("bundles") / "sure", success=0.99)


@pytest.fixture(scope="session")
def still_bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that reads hardly any motion out of its imagination."""
    return write_bundle(tmp_path_factory.mktemp("bundles") / "still", step_bias=0.0)


@pytest.fixture
def broken_bundle(bundle_folder: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of a bundle, to be damaged."""
    shutil.copytree(bundle_folder, tmp_path / "bundle")
    yield tmp_path / "bundle"


def agent_of(folder: Path, samples: int = 3, seed: int = 0) -> Agent:
    """An agent with one thread."""
    config = AgentConfig(planner=PlannerConfig(samples=samples), backend=BackendConfig(threads=1))
    return make_agent(open_networks(load_bundle(folder), config), config, np.random.default_rng(seed))


@pytest.fixture
def make_test_agent() -> Callable[..., Agent]:
    """Makes agents of bundle folders."""
    return agent_of


def camera_at(position: tuple[float, float, float]) -> CameraModel:
    """A camera that looks at the middle of the table."""
    eye = np.array(position)
    forward = np.array([0.5, 0.0, 0.1]) - eye
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    T = np.eye(4)
    T[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
    T[:3, 3] = eye
    K = np.array([[1.2, 0.0, 0.5], [0.0, 1.2, 0.5], [0.0, 0.0, 1.0]])
    return CameraModel(K.astype(np.float32), T.astype(np.float32))


def observation_at(position: tuple[float, float, float] = (0.5, 0.0, 0.2), seed: int = 0) -> Observation:
    """Random pictures and an arm that looks down."""
    rng = np.random.default_rng(seed)
    cameras = {"front": camera_at((1.25, 0.0, 0.6)), "side": camera_at((0.5, 0.9, 0.55))}
    frames = tuple(
        CameraFrame(name, rng.integers(0, 256, (128, 128, 3), dtype=np.uint8), camera)
        for name, camera in cameras.items()
    )
    robot = RobotState(
        joint_positions=np.zeros(7, dtype=np.float32),
        position=np.array(position, dtype=np.float32),
        quat_wxyz=np.array([0.0, 1.0, 0.0, 0.0], dtype=np.float32),
        gripper_opening=1.0,
    )
    return Observation(0.0, frames, robot)


@pytest.fixture
def observation() -> Observation:
    """One observation."""
    return observation_at()


def thing(label: str, position: tuple[float, float, float]) -> GroundedObject:
    """An object seen by both cameras."""
    points = (GroundedPoint("front", 0.5, 0.5), GroundedPoint("side", 0.4, 0.6))
    return GroundedObject(label, points, np.array(position, dtype=np.float32), 0.9)


@pytest.fixture
def sub_goal() -> SubGoal:
    """Put the cube in the bowl."""
    return SubGoal(
        Skill.PICK_PLACE, "put the cube in the bowl", thing("cube", (0.5, 0.1, 0.02)), thing("bowl", (0.5, -0.1, 0.02))
    )


class FewWordsPrompter:
    """Knows cubes, bowls and a far shelf; always sees them in the same place."""

    def read(self, instruction: str) -> Reading:
        if "cube" not in instruction:
            raise PromptRefusedError(f"nothing in view fits '{instruction}'")
        return Reading((Step(Skill.PICK_PLACE, Thing("cube"), Thing("bowl")),), 1.0)

    def plan(self, observation: Observation, instruction: str) -> list[SubGoal]:
        self.read(instruction)
        target = thing("shelf", (2.5, 0.0, 0.5)) if "shelf" in instruction else thing("bowl", (0.5, -0.1, 0.02))
        return [SubGoal(Skill.PICK_PLACE, instruction, thing("cube", (0.5, 0.1, 0.02)), target)]

    def track(self, observation: Observation, sub_goal: SubGoal) -> SubGoal:
        return sub_goal

    def inventory(self, observation: Observation) -> list[GroundedObject]:
        return [thing("cube", (0.5, 0.1, 0.02)), thing("bowl", (0.5, -0.1, 0.02))]


@pytest.fixture
def prompter() -> FewWordsPrompter:
    """A prompter without networks."""
    return FewWordsPrompter()


@dataclass
class PerfectArm:
    """A robot that goes exactly where it is told, among pictures that change with every step."""

    observation: Observation
    executed: int = 0
    stopped: bool = False
    interrupt_after: int | None = None

    def observe(self) -> Observation:
        return self.observation

    def execute(self, chunk: ActionChunk) -> None:
        for step in chunk.steps:
            if self.executed == self.interrupt_after:
                raise KeyboardInterrupt
            self.executed += 1
            robot = self.observation.robot
            position, R = apply_step(robot.position, matrix_from_quat(robot.quat_wxyz), step)
            moved = replace(
                robot,
                position=position.astype(np.float32),
                quat_wxyz=quat_from_matrix(R).astype(np.float32),
                gripper_opening=float(step[6]),
            )
            pictures = observation_at(seed=self.executed).frames
            self.observation = Observation(0.2 * self.executed, pictures, moved)

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def arm(observation: Observation) -> PerfectArm:
    """A robot without a simulator."""
    return PerfectArm(observation)
