"""A tiny random bundle of real ONNX networks, a prompter of a few words, and an arm that goes where it is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vplanner.agent import Agent, AgentConfig, make_agent, open_networks
from vplanner.backends import BackendConfig
from vplanner.bundle import load_bundle
from vplanner.errors import PromptRefusedError
from vplanner.planner import PlannerConfig
from vplanner.prompting.reading import Phrase, Reading
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
    Verdict,
)

SKILLS = [skill.value for skill in Skill]
HORIZON, VIEWS = 4, 2
SHAPES: dict[str, tuple[dict[str, list[int | str]], dict[str, list[int | str]]]] = {
    "tokenizer_encoder": ({"images": ["B", 3, 64, 64]}, {"latents": ["B", 8, 8, 8]}),
    "tokenizer_decoder": ({"latents": ["B", 8, 8, 8]}, {"images": ["B", 3, 64, 64]}),
    "video_model": (
        {
            "now": ["B", VIEWS, 8, 8, 8],
            "skill": ["B", 10],
            "points_uv": ["B", 2, VIEWS, 2],
            "points_xyz": ["B", 2, 3],
            "proprio": ["B", 10],
            "projections": ["B", VIEWS, 3, 4],
            "prompt_on": ["B", 1],
            "actions": ["B", HORIZON, 7],
            "actions_on": ["B", 1],
            "noisy": ["B", HORIZON, VIEWS, 8, 8, 8],
            "sigma": ["B", 1],
        },
        {"clean": ["B", HORIZON, VIEWS, 8, 8, 8]},
    ),
    "inverse_dynamics": (
        {"before": ["B", VIEWS, 8, 8, 8], "after": ["B", VIEWS, 8, 8, 8]},
        {"steps": ["B", 7]},
    ),
    "critic": (
        {
            "now": ["B", VIEWS, 8, 8, 8],
            "future": ["B", VIEWS, 8, 8, 8],
            "skill": ["B", 10],
            "points_uv": ["B", 2, VIEWS, 2],
            "points_xyz": ["B", 2, 3],
            "proprio": ["B", 10],
        },
        {"rating": ["B", 2]},
    ),
    "behaviour_cloning": (
        {
            "now": ["B", VIEWS, 8, 8, 8],
            "skill": ["B", 10],
            "points_uv": ["B", 2, VIEWS, 2],
            "points_xyz": ["B", 2, 3],
            "proprio": ["B", 10],
        },
        {"steps": ["B", HORIZON, 7]},
    ),
}


def _nodes(rng: np.random.Generator, success: float, step_bias: float) -> dict[str, tuple[list[Any], dict[str, Any]]]:
    """Graph of each network: nodes and constants."""
    from onnx import helper

    def node(kind: str, inputs: str, output: str, **attributes: object) -> Any:
        return helper.make_node(kind, inputs.split(), [output], **attributes)

    def draw(*shape: int, scale: float = 0.5) -> np.ndarray:
        return (scale * rng.standard_normal(shape)).astype(np.float32)

    step = np.array([step_bias, 0.0, 0.0, 0.0, 0.0, 0.0, 0.8], dtype=np.float32)
    rating = np.array([0.0, np.log(success / (1.0 - success))], dtype=np.float32)
    size = VIEWS * 512
    return {
        "tokenizer_encoder": (
            [
                node("AveragePool", "images", "pooled", kernel_shape=[8, 8], strides=[8, 8]),
                node("Conv", "pooled weight", "latents"),
            ],
            {"weight": draw(8, 3, 1, 1, scale=2.0)},
        ),
        "tokenizer_decoder": (
            [node("ConvTranspose", "latents weight", "raw", strides=[8, 8]), node("Sigmoid", "raw", "images")],
            {"weight": np.repeat(np.repeat(draw(8, 3, 1, 1), 8, axis=2), 8, axis=3)},
        ),
        "video_model": (
            [
                node("MatMul", "skill skill_weight", "by_skill"),
                node("Mul", "by_skill prompt_on", "prompted"),
                node("Reshape", "actions flat", "flat_actions"),
                node("MatMul", "flat_actions action_weight", "by_action"),
                node("Mul", "by_action actions_on", "acted"),
                node("Add", "prompted acted", "conditioned"),
                node("Reshape", "conditioned future", "shift"),
                node("Mul", "noisy share", "kept"),
                node("Add", "shift kept", "clean"),
            ],
            {
                "skill_weight": draw(10, HORIZON * size),
                "action_weight": draw(HORIZON * 7, HORIZON * size),
                "flat": np.array([-1, HORIZON * 7]),
                "future": np.array([-1, HORIZON, VIEWS, 8, 8, 8]),
                "share": np.array(0.7, dtype=np.float32),
            },
        ),
        "inverse_dynamics": (
            [
                node("Sub", "after before", "difference"),
                node("Reshape", "difference flat", "row"),
                node("MatMul", "row weight", "raw"),
                node("Add", "raw bias", "steps"),
            ],
            {"flat": np.array([-1, size]), "weight": draw(size, 7, scale=2e-4), "bias": step},
        ),
        "critic": (
            [
                node("Sub", "future now", "difference"),
                node("Reshape", "difference flat", "row"),
                node("MatMul", "row weight", "raw"),
                node("Add", "raw bias", "biased"),
                node("Sigmoid", "biased", "rating"),
            ],
            {"flat": np.array([-1, size]), "weight": draw(size, 2, scale=0.02), "bias": rating},
        ),
        "behaviour_cloning": (
            [
                node("MatMul", "skill weight", "row"),
                node("Add", "row bias", "biased"),
                node("Reshape", "biased chunk", "steps"),
            ],
            {
                "weight": draw(10, HORIZON * 7, scale=0.01),
                "bias": np.tile(step, HORIZON),
                "chunk": np.array([-1, HORIZON, 7]),
            },
        ),
    }


def write_bundle(folder: Path, success: float = 0.05, step_bias: float = 0.01) -> Path:
    """Write a bundle whose critic says `success` of the present, and whose steps go `step_bias` [m] along x."""
    onnx = pytest.importorskip("onnx")
    from onnx import helper, numpy_helper

    folder.mkdir(parents=True)
    components = {}
    for name, (nodes, constants) in _nodes(np.random.default_rng(0), success, step_bias).items():
        inputs, outputs = SHAPES[name]
        infos = [
            [helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, shape) for n, shape in tensors.items()]
            for tensors in (inputs, outputs)
        ]
        initial = [numpy_helper.from_array(value, key) for key, value in constants.items()]
        graph = helper.make_graph(nodes, name, infos[0], infos[1], initial)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
        data = model.SerializeToString()
        (folder / f"{name}.onnx").write_bytes(data)
        components[name] = {
            "file": f"{name}.onnx",
            "sha256": hashlib.sha256(data).hexdigest(),
            "precision": "float32",
            "inputs": [{"name": n, "dtype": "float32", "shape": shape} for n, shape in inputs.items()],
            "outputs": [{"name": n, "dtype": "float32", "shape": shape} for n, shape in outputs.items()],
            "gflop_per_sample": 0.001,
        }
    manifest = {
        "schema_version": 1,
        "name": "tiny-random",
        "components": components,
        "normalisation": {"residual_scale": 0.5},
        "sigmas": [1.0, 0.5, 0.0],
        "temperatures": [0.5, 1.0],
        "views": ["front", "side"],
        "image_size": 64,
        "horizon": HORIZON,
        "dt_s": 0.2,
        "action_limits": {"translation_m": 0.05, "rotation_rad": 0.35},
        "skills": SKILLS,
        "training": {"data": "none", "commit": "none", "metrics": {}},
    }
    (folder / "bundle.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that is never sure of success."""
    return write_bundle(tmp_path_factory.mktemp("bundles") / "unsure")


@pytest.fixture(scope="session")
def sure_bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that takes everything for success."""
    return write_bundle(tmp_path_factory.mktemp("bundles") / "sure", success=0.95)


@pytest.fixture(scope="session")
def still_bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that reads hardly any motion out of its imagination."""
    return write_bundle(tmp_path_factory.mktemp("bundles") / "still", step_bias=0.0)


@pytest.fixture
def broken_bundle(bundle_folder: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of a bundle, to be damaged."""
    import shutil

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
        return Reading(Skill.PICK_PLACE, Phrase("cube", "any"), Phrase("bowl", "any"), 1.0)

    def plan(self, observation: Observation, instruction: str) -> list[SubGoal]:
        self.read(instruction)
        target = thing("shelf", (2.5, 0.0, 0.5)) if "shelf" in instruction else thing("bowl", (0.5, -0.1, 0.02))
        return [SubGoal(Skill.PICK_PLACE, instruction, thing("cube", (0.5, 0.1, 0.02)), target)]

    def track(self, observation: Observation, sub_goal: SubGoal) -> SubGoal:
        return sub_goal

    def judge(self, observation: Observation, sub_goal: SubGoal) -> Verdict:
        return Verdict(False, 0.0, "cannot tell")


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
