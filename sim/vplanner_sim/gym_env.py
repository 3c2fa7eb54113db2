"""The tasks as Gymnasium environments; importing this module registers `vplanner/Reach-v0` and the others.

`gymnasium.make("vplanner_sim.gym_env:vplanner/PickPlace-v0")` imports it on the way.
"""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from vplanner_sim.env import STEP_S, TRAIN_SEEDS, SimObservation, TabletopEnv
from vplanner_sim.motion import MAX_ROTATION_RAD, MAX_TRANSLATION_M
from vplanner_sim.tasks import ALL_TASKS
from vplanner_sim.variation import Variation

Observation = dict[str, Any]  # arrays only; Gymnasium's dictionary space is typed with Any

_MOST_RAD = 2 * np.pi  # no arm's joint turns further
_FAR_M = 3.0  # beyond any arm's reach
_OUTER_STEP = np.array([MAX_TRANSLATION_M] * 3 + [MAX_ROTATION_RAD] * 3 + [1.0], np.float32)


class TabletopGymEnv(gymnasium.Env[Observation, NDArray[np.float32]]):
    """One task for reinforcement learning; the privileged state stays inside.

    An observation has an image uint8 (H, W, 3) per camera under its name, and `state` float32: joint angles [rad], TCP
    position [m] and quaternion wxyz in the base frame, gripper opening. An action float32 (7,) is an SE(3) step in SI
    units, as `TabletopEnv.step` takes it; a step whose translation or rotation is longer than the limit, which the
    corners of the box are, is shortened. The reward is the gain in progress, so that an episode's sum is at most 1.
    An episode terminates on success; the registered environments truncate it after the task's number of steps.
    `info` has `instruction`, and after a step `is_success`, `progress` and `sub_goals_reached`.

    `reset(seed=s)` starts the scene that `TabletopEnv.reset(s)` starts; without a seed a training scene is drawn.

    Args:
        task: A name in `TASKS` or `LONG_TASKS`.
        render_mode: `rgb_array`, or nothing.
        image_size: Edge of the square images [pixel].
        supersample: Draw this many times larger and average.
        cameras: Names in `CAMERAS`; `render` shows the first.
        variation: Factors of variation.
        robot: A name in `ROBOTS`.
        render_size: Height and width of what `render` returns [pixel].

    Raises:
        ValueError: An unknown task, camera, robot or render mode; the message lists the valid ones.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": round(1 / STEP_S)}  # noqa: RUF012  # as Gymnasium types it

    def __init__(
        self,
        task: str,
        render_mode: str | None = None,
        image_size: int = 64,
        supersample: int = 1,
        cameras: tuple[str, ...] = ("front", "side"),
        variation: Variation | None = None,
        robot: str = "panda",
        render_size: tuple[int, int] = (240, 320),
    ) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f"unknown render mode {render_mode!r}; valid: None, {self.metadata['render_modes']}")
        self.tabletop = TabletopEnv(task, image_size, supersample, tuple(cameras), variation, robot)
        self.render_mode = render_mode
        self._render_size = render_size
        self._progress = 0.0
        image = spaces.Box(0, 255, (image_size, image_size, 3), np.uint8)
        outer = np.array([_MOST_RAD] * len(self.tabletop.scene.joints) + [_FAR_M] * 3 + [1.0] * 4 + [1.0], np.float32)
        inner = np.append(-outer[:-1], np.float32(0.0))
        self.observation_space = spaces.Dict(
            {**{c: image for c in self.tabletop.cameras}, "state": spaces.Box(inner, outer, dtype=np.float32)}
        )
        self.action_space = spaces.Box(np.append(-_OUTER_STEP[:-1], np.float32(0.0)), _OUTER_STEP, dtype=np.float32)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start the scene of `seed`, or a training scene drawn from the generator; there are no options."""
        super().reset(seed=seed)
        scene = int(self.np_random.integers(TRAIN_SEEDS)) if seed is None else seed
        observation = self.tabletop.reset(scene)
        self._progress = self.tabletop.truth().progress
        return self._observation(observation), {"instruction": self.tabletop.instruction}

    def step(self, action: NDArray[np.float32]) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Carry out one SE(3) step (7,).

        Raises:
            ValueError: The action is not finite or not of shape (7,); nothing has moved.
        """
        step = self.tabletop.step(action)
        gain, self._progress = step.progress - self._progress, step.progress
        info = {
            "instruction": self.tabletop.instruction,
            "is_success": step.success,
            "progress": step.progress,
            "sub_goals_reached": step.reached,
        }
        return self._observation(step.observation), float(gain), step.success, False, info

    def render(self) -> NDArray[np.uint8] | None:
        """Picture uint8 (H, W, 3) from the first camera; nothing without a render mode."""
        if self.render_mode is None:
            return None
        return self.tabletop.render(self.tabletop.cameras[0], *self._render_size)

    def close(self) -> None:
        """Free the renderer."""
        self.tabletop.close()

    def _observation(self, seen: SimObservation) -> Observation:
        state = np.concatenate([seen.joint_positions, seen.tcp_position, seen.tcp_quat_wxyz, [seen.gripper_opening]])
        pictures = dict(zip(self.tabletop.cameras, seen.images, strict=True))
        return {**pictures, "state": state.astype(np.float32)}


def env_id(task: str) -> str:
    """Gymnasium's name of a task: `pick_place` is `vplanner/PickPlace-v0`."""
    return f"vplanner/{task.title().replace('_', '')}-v0"


def register() -> None:
    """Make every task known to `gymnasium.make`."""
    for name, task in ALL_TASKS.items():
        if env_id(name) not in gymnasium.registry:
            gymnasium.register(
                env_id(name),
                entry_point=f"{__name__}:{TabletopGymEnv.__name__}",
                max_episode_steps=task.max_steps,
                kwargs={"task": name},
            )


register()
