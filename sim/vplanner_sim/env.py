"""The table-top environment: one robot, one task, SE(3) steps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from vplanner_sim.cameras import CAMERAS, SimCamera, nominal_camera
from vplanner_sim.controller import CartesianController
from vplanner_sim.language import Split
from vplanner_sim.motion import clip_step
from vplanner_sim.rendering import SceneRenderer
from vplanner_sim.robots import ROBOTS
from vplanner_sim.rotations import DOWN, to_quat_wxyz
from vplanner_sim.scene import PHYSICS_DT_S, build_kinematic_model, build_model
from vplanner_sim.simscene import SimScene
from vplanner_sim.tasks import ALL_TASKS
from vplanner_sim.truth import SubGoalTruth, Truth
from vplanner_sim.variation import Variation

STEP_S = 0.2
TRAIN_SEEDS = 100_000
_RAMP = 0.7  # share of a step in which joint targets move; in the rest the arm settles


@dataclass(frozen=True, slots=True)
class SimObservation:
    """Images uint8 (H, W, 3) in the order of the environment's cameras, and the measured robot state (SI, wxyz)."""

    images: tuple[NDArray[np.uint8], ...]
    joint_positions: NDArray[np.float64]
    tcp_position: NDArray[np.float64]
    tcp_quat_wxyz: NDArray[np.float64]
    gripper_opening: float
    time_s: float


@dataclass(frozen=True, slots=True)
class SimStep:
    """What a step led to; `success`, `progress` and the number of sub-goals `reached` are the simulator's judgement."""

    observation: SimObservation
    success: bool
    progress: float
    reached: int


class TabletopEnv:
    """Reset with a seed, step with SE(3) actions; the same seed and actions replay bit for bit.

    Args:
        task: A name in `TASKS` or `LONG_TASKS`.
        image_size: Edge of the square images [pixel].
        supersample: Draw this many times larger and average.
        cameras: Names in `CAMERAS`.
        variation: Factors of variation.
        robot: A name in `ROBOTS`.

    Raises:
        ValueError: An unknown task, camera or robot; the message lists the valid ones.
    """

    dt_s = STEP_S

    def __init__(
        self,
        task: str,
        image_size: int = 64,
        supersample: int = 1,
        cameras: tuple[str, ...] = ("front", "side"),
        variation: Variation | None = None,
        robot: str = "panda",
    ) -> None:
        _check("task", task, ALL_TASKS)
        _check("robot", robot, ROBOTS)
        for camera in cameras:
            _check("camera", camera, CAMERAS)
        self.task = ALL_TASKS[task]()
        self.cameras = cameras
        self.image_size = image_size
        self.instruction = ""
        self._supersample = supersample
        self._variation = variation or Variation()
        self._robot = ROBOTS[robot]
        self._scene = SimScene(build_model(self._robot, self.task.props_xml()), self._robot)
        self._controller = CartesianController(self._robot, build_kinematic_model(self._robot), STEP_S)
        self._renderer = SceneRenderer(self._scene.model)
        self._steps = 0
        self._last_target: NDArray[np.float64] | None = None

    @property
    def scene(self) -> SimScene:
        """The privileged scene, for experts and labels."""
        return self._scene

    @property
    def max_steps(self) -> int:
        """Steps after which an episode of this task has failed."""
        return self.task.max_steps

    @property
    def camera_models(self) -> tuple[SimCamera, ...]:
        """Nominal calibration of the cameras, without the jitter that a scene may have."""
        return tuple(nominal_camera(self._scene.model, self._scene.data, name) for name in self.cameras)

    def reset(self, seed: int) -> SimObservation:
        """Start the episode of `seed` (not negative)."""
        self.arrange(seed)
        return self.observe()

    def arrange(self, seed: int) -> None:
        """As `reset`, without pictures."""
        rng = np.random.default_rng(seed)
        scene = self._scene
        scene.restore()
        self._variation.apply(scene, rng)
        start = self.task.start_pose(rng)
        self.task.randomise(scene, rng, self._variation.clutter)
        joints = self._controller.reset(start, DOWN)
        scene.set_arm(joints, 1.0)
        scene.data.ctrl[:] = self._controls(joints, 1.0)
        self._last_target = joints
        mujoco.mj_forward(scene.model, scene.data)
        scene.advance(25)  # let things come to rest
        scene.allow_sleep()
        scene.data.time = 0.0
        mujoco.mj_forward(scene.model, scene.data)
        self._steps = 0
        split: Split = "train" if seed < TRAIN_SEEDS else "held_out"
        self.instruction = self.task.instruct(scene, rng, split)

    def step(self, action: NDArray[np.floating]) -> SimStep:
        """Carry out one SE(3) step (7,): translation [m], rotation vector [rad], gripper opening.

        Raises:
            ValueError: The action is not finite or not of shape (7,); nothing has moved.
            RuntimeError: There was no reset yet.
        """
        values = np.asarray(action, dtype=np.float64)
        if values.shape != (7,) or not np.isfinite(values).all():
            raise ValueError(f"action must be 7 finite numbers, got {np.array2string(values)} of shape {values.shape}")
        self.advance(clip_step(values))
        done = self.task.done(self._scene)
        return SimStep(self.observe(), all(done), float(self.task.progress(self._scene)), sum(map(bool, done)))

    def advance(self, action: NDArray[np.float64]) -> None:
        """Physics of one step within the limits, without images."""
        scene = self._scene
        goal = self._controller.step(self._joint_target, scene.tcp_position, scene.tcp_rotation, action[:6])
        self._move(goal, float(action[6]), round(STEP_S / PHYSICS_DT_S), _RAMP)
        self._steps += 1

    def track(self, position: NDArray[np.float64], rotation: NDArray[np.float64], opening: float, dt_s: float) -> None:
        """Physics of `dt_s` [s], many times shorter than a step, towards an absolute TCP pose, without images."""
        scene = self._scene
        goal = self._controller.track(
            self._joint_target, scene.tcp_position, scene.tcp_rotation, position, rotation, dt_s
        )
        self._move(goal, opening, round(dt_s / PHYSICS_DT_S), 1.0)

    def hold(self, opening: float, dt_s: float) -> None:
        """Physics of `dt_s` [s] with the joints held where they were sent last, without images."""
        self._move(self._joint_target, opening, round(dt_s / PHYSICS_DT_S), 1.0)

    @property
    def _joint_target(self) -> NDArray[np.float64]:
        if self._last_target is None:
            raise RuntimeError("call reset(seed) before the first step")
        return self._last_target

    def _move(self, goal: NDArray[np.float64], opening: float, count: int, ramp_share: float) -> None:
        """Physics of `count` ticks; joint targets reach `goal` after the given share of them."""
        scene, start = self._scene, self._joint_target
        ramp = int(count * ramp_share)
        way = np.arange(1, ramp + 1)[:, None] / ramp * (goal - start)
        controls = self._controls(start + way, opening)
        for row in controls:  # a staircase of fewer targets would shake loose what the fingers hold
            scene.data.ctrl[:] = row
            scene.advance(1)
        scene.advance(count - ramp)
        mujoco.mj_kinematics(scene.model, scene.data)
        mujoco.mj_camlight(scene.model, scene.data)  # the wrist camera moves with the hand
        self._last_target = goal

    def observe(self) -> SimObservation:
        """The present observation."""
        scene = self._scene
        size = self.image_size
        return SimObservation(
            self._renderer.rgb(scene.data, self.cameras, size, size, self._supersample),
            scene.joints,
            scene.tcp_position,
            to_quat_wxyz(scene.tcp_rotation),
            scene.gripper_opening,
            self._steps * STEP_S,
        )

    def render(self, camera: str, height: int, width: int) -> NDArray[np.uint8]:
        """Picture uint8 (height, width, 3) from a camera."""
        _check("camera", camera, CAMERAS)
        return self._renderer.rgb(self._scene.data, (camera,), height, width, 1)[0]

    def depth(self, camera: str, height: int, width: int) -> NDArray[np.float32]:
        """Depth float32 (height, width) [m]."""
        _check("camera", camera, CAMERAS)
        return self._renderer.depth(self._scene.data, camera, height, width)

    def segmentation(self, camera: str, height: int, width: int) -> NDArray[np.int32]:
        """Index into `truth().objects` per pixel int32 (height, width), -1 elsewhere."""
        _check("camera", camera, CAMERAS)
        geoms = self._renderer.geom_ids(self._scene.data, camera, height, width)
        model = self._scene.model
        owner = np.full(model.ngeom + 1, -1, np.int32)
        for index, thing in enumerate(self.task.objects(self._scene)):
            owner[:-1][self._scene.geoms_of(thing.body)] = index
        return owner[geoms]

    def truth(self) -> Truth:
        """The simulator's state of the task: for labels, experts and evaluation, never for a planner."""
        task, scene = self.task, self._scene
        done = task.done(scene)
        sub_goals = tuple(
            SubGoalTruth(
                step.skill,
                step.source(scene),
                step.target(scene),
                bool(reached),
                1.0 if reached else min(float(step.progress(scene)), 0.95),
            )
            for step, reached in zip(task.sub_goals(), done, strict=True)
        )
        return Truth(sub_goals, task.objects(scene), all(done), float(task.progress(scene)))

    def close(self) -> None:
        """Free the renderer."""
        self._renderer.close()

    def _controls(self, joints: NDArray[np.float64], opening: float) -> NDArray[np.float64]:
        """Actuator targets (..., n) for arm angles (..., 7) [rad] and one opening of the gripper."""
        closed, opened = self._robot.finger_range
        fingers = np.full(
            (*joints.shape[:-1], self._scene.model.nu - joints.shape[-1]), closed + opening * (opened - closed)
        )
        return np.concatenate([joints, fingers], axis=-1)


def _check(kind: str, name: str, valid: Collection[str]) -> None:
    if name not in valid:
        raise ValueError(f"unknown {kind} {name!r}; valid: {', '.join(valid)}")
