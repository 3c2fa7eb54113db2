"""Real frames with what is to be done in them: to calibrate networks with, and to compare them on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vplanner.agent import AgentConfig, Networks, make_agent, open_networks
from vplanner.bundle import Bundle, Manifest
from vplanner.types import (
    CameraFrame,
    CameraModel,
    Float,
    GroundedObject,
    Observation,
    Plan,
    RobotState,
    Skill,
    SubGoal,
)

if TYPE_CHECKING:
    from vplanner_models.arrays import EpisodeArrays

Inputs = dict[str, list[tuple[Float, ...]]]
"""By network, the inputs of every call."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the cameras saw, and the sub-goal then."""

    observation: Observation
    sub_goal: SubGoal


def recorded_situations(arrays: EpisodeArrays, manifest: Manifest, count: int) -> list[Situation]:
    """`count` rows of a data set, spread evenly over it."""
    rows = np.linspace(0, len(arrays) - 1, min(count, len(arrays))).astype(int)
    cameras = [
        CameraModel(np.asarray(K, np.float32), np.asarray(T, np.float32))
        for K, T in zip(arrays.intrinsics, arrays.T_base_cam, strict=True)
    ]
    return [_recorded(arrays, manifest, cameras, int(row)) for row in rows]


def _recorded(arrays: EpisodeArrays, manifest: Manifest, cameras: list[CameraModel], row: int) -> Situation:
    state = np.asarray(arrays.state[row], np.float32)
    pictures = arrays.images[row : row + 1][0]
    frames = tuple(
        CameraFrame(name, np.ascontiguousarray(picture), camera)
        for name, picture, camera in zip(manifest.views, pictures, cameras, strict=True)
    )
    robot = RobotState(state[:7], state[7:10], state[10:14], float(state[14]))
    source, target = (
        GroundedObject("thing", (), np.asarray(xyz[row], np.float32), 1.0)
        for xyz in (arrays.source_xyz, arrays.target_xyz)
    )
    skill = Skill(manifest.skills[int(arrays.skill[row])])
    return Situation(Observation(float(row), frames, robot), SubGoal(skill, "", source, target))


def simulated_situations(count: int, seed: int, every: int = 5) -> list[Situation]:
    """`count` moments on the expert's way, every few steps, in scenes of all tasks of one skill in turn.

    Raises:
        MissingDependencyError: The simulation, or what it renders with, is not installed.
    """
    found: list[Situation] = []
    for situation in _on_the_way(seed, every):
        found.append(situation)
        if len(found) == count:
            break
    return found


def _on_the_way(seed: int, every: int) -> Iterator[Situation]:
    from vplanner.sim_robot import as_observation, calibration, make_env, reset_env, task_skills, true_sub_goal
    from vplanner_sim import make_expert

    while True:
        for task in task_skills():
            env = make_env(task)
            cameras = calibration(env)
            seen, expert = reset_env(env, seed), make_expert(env)
            for step in range(3 * every):
                if step % every == 0:
                    yield Situation(as_observation(seen, cameras), true_sub_goal(env.truth()))
                seen = env.step(expert.act()).observation
            env.close()
        seed += 1


def network_inputs(bundle: Bundle, situations: list[Situation], samples: int) -> Inputs:
    """What each network of the bundle is fed while it plans in the situations."""
    found: Inputs = {}

    def watch(name: str, inputs: tuple[Float, ...]) -> None:
        found.setdefault(name, []).append(tuple(array.copy() for array in inputs))

    config = AgentConfig()
    config = replace(
        config, planner=replace(config.planner, samples=samples), backend=replace(config.backend, watch=watch)
    )
    networks = open_networks(bundle, config)
    for plan in plans_of(networks, config, situations):
        networks.video_model.decode(plan.best.video.latents)
    return found


def plans_of(networks: Networks, config: AgentConfig, situations: list[Situation]) -> Iterator[Plan]:
    """The plan in each situation; the noise of the n-th one is the same for every bundle."""
    for number, situation in enumerate(situations):
        agent = make_agent(networks, config, np.random.default_rng(number))
        yield agent.planner.plan(situation.observation, situation.sub_goal)
