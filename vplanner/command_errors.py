"""How well commands are read out of frames: real ones, and those that the video model imagines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vplanner.backends import BackendConfig
from vplanner.bundle import Bundle
from vplanner.networks import OnnxInverseDynamics, OnnxVideoModel
from vplanner.sim_robot import as_observation, calibration, make_env, reset_env, true_sub_goal
from vplanner.transforms import so3_exp, so3_log
from vplanner.types import Float, Observation, SubGoal, VideoPlan


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 95th percentile."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class CommandErrors:
    """Errors of `steps` commands: of translation [cm] and rotation [deg], and how often the gripper is right."""

    steps: int
    translation_cm: Spread
    rotation_deg: Spread
    gripper_right: float


@dataclass(frozen=True, slots=True)
class _Episode:
    observations: list[Observation]
    sub_goals: list[SubGoal]
    actions: Float
    """(N, 7), one fewer than observations."""


def measure_commands(
    bundle: Bundle, tasks: tuple[str, ...], episodes: int, seed: int, unseen: bool
) -> Iterator[tuple[Float, Float, Float]]:
    """Undisturbed expert episodes, as (true steps, steps read from real frames, steps read from imagined frames).

    Each is (M, 7). The imagination is the mean future of the whole horizon under true points; its steps are compared
    with those that the expert then took. `unseen` draws tables and lights that no training scene has.
    """
    backend = BackendConfig()
    video_model, inverse_dynamics = OnnxVideoModel(bundle, backend), OnnxInverseDynamics(bundle, backend)
    horizon, dt_s = bundle.manifest.horizon, bundle.manifest.dt_s
    generator = np.random.default_rng(0)
    for task in tasks:
        for episode in _expert_episodes(task, episodes, seed, unseen, horizon):
            latents = np.stack([video_model.encode(seen) for seen in episode.observations])
            last = len(episode.actions) - horizon
            for row in range(max(last + 1, 0)):
                future = latents[row + 1 : row + 1 + horizon]
                real = inverse_dynamics.extract(latents[row], [VideoPlan(future, dt_s)])[0]
                plans = video_model.propose(
                    latents[row], episode.observations[row], episode.sub_goals[row], 1, generator
                )
                imagined = inverse_dynamics.extract(latents[row], plans)[0]
                yield episode.actions[row : row + horizon], real.steps, imagined.steps


def command_errors(true: Float, found: Float) -> CommandErrors:
    """Compare steps (M, 7)."""
    translation = 100.0 * np.linalg.norm(found[:, :3] - true[:, :3], axis=1)
    between = np.swapaxes(so3_exp(true[:, 3:6]), -1, -2) @ so3_exp(found[:, 3:6])
    rotation = np.degrees(np.linalg.norm(so3_log(between), axis=-1))
    gripper = (found[:, 6] > 0.5) == (true[:, 6] > 0.5)
    return CommandErrors(len(true), _spread(translation), _spread(rotation), round(float(gripper.mean()), 4))


def _spread(values: Float) -> Spread:
    p50, p95 = np.percentile(values, [50, 95])
    return Spread(round(float(p50), 3), round(float(p95), 3))


def _expert_episodes(task: str, episodes: int, seed: int, unseen: bool, horizon: int) -> Iterator[_Episode]:
    from vplanner_sim import make_expert

    env = make_env(task, unseen=unseen)
    cameras = calibration(env)
    for offset in range(episodes):
        seen = reset_env(env, seed + offset)
        expert = make_expert(env)
        observations, sub_goals = [as_observation(seen, cameras)], [true_sub_goal(env.truth())]
        actions: list[Float] = []
        left = env.max_steps
        while left > 0:
            actions.append(np.asarray(expert.act(), np.float32))
            step = env.step(actions[-1])
            # What follows success completes the windows that lead to it.
            left = min(left, horizon) - 1 if step.success else left - 1
            observations.append(as_observation(step.observation, cameras))
            sub_goals.append(true_sub_goal(env.truth()))
        yield _Episode(observations, sub_goals, np.stack(actions))
    env.close()
