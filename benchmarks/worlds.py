"""Builds one simulated world, ours or a peer's, and measures it; prints one line of JSON.

Run by `sim_peers.py` with the interpreter that has the world installed. Every peer runs as shipped: its own physics
settings, its own rendering quality.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class World:
    """`step` acts once without making pictures, `render` makes one picture, `time_s` is the simulated clock [s]."""

    package: str
    step: Callable[[], object]
    render: Callable[[], np.ndarray]
    time_s: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Measurement:
    """Rates per wall second; `simulated_s_per_step` makes steps of different length comparable."""

    package: str
    version: str
    steps_per_s: float
    simulated_s_per_step: float
    images_per_s: float
    image_size: int


def vplanner(size: int) -> World:
    """Our table with arm, cube and bowl: one SE(3) step with inverse kinematics and servo."""
    from vplanner_sim import TabletopEnv

    env = TabletopEnv(task="pick_place", image_size=size, cameras=())
    seeds = iter(range(1_000_000))
    env.reset(seed=next(seeds))
    generator = np.random.default_rng(0)
    clock = [0.0]

    def step() -> None:
        action = np.append(generator.uniform(-0.02, 0.02, 6), generator.integers(2))
        env.step(action)
        clock[0] += env.dt_s

    return World("vplanner", step, lambda: env.render("front", size, size), lambda: clock[0])


def robosuite(size: int) -> World:
    """Panda lifts a cube, operational-space pose control."""
    import robosuite as suite

    env = suite.make(
        "Lift",
        robots="Panda",
        has_renderer=False,
        has_offscreen_renderer=True,
        use_camera_obs=False,
        ignore_done=True,
        hard_reset=False,  # a hard reset frees the OpenGL context that is in use, and nothing more is drawn
    )
    env.reset()
    low, high = env.action_spec
    generator = np.random.default_rng(0)
    return World(
        "robosuite",
        lambda: env.step(generator.uniform(low, high)),
        lambda: env.sim.render(width=size, height=size, camera_name="frontview"),
        lambda: float(env.sim.data.time),
    )


def metaworld(size: int) -> World:
    """Sawyer picks and places."""
    import gymnasium
    import metaworld

    gymnasium.register_envs(metaworld)
    env = gymnasium.make("Meta-World/MT1", env_name="pick-place-v3", render_mode="rgb_array", width=size, height=size)
    return _gymnasium_world("metaworld", env)


def gymnasium_robotics(size: int) -> World:
    """Fetch picks and places."""
    import gymnasium
    import gymnasium_robotics

    gymnasium.register_envs(gymnasium_robotics)
    env = gymnasium.make("FetchPickAndPlace-v4", render_mode="rgb_array", width=size, height=size)
    return _gymnasium_world("gymnasium-robotics", env)


def ogbench(size: int) -> World:
    """UR5e moves one cube."""
    import gymnasium
    import ogbench

    gymnasium.register_envs(ogbench)
    env = gymnasium.make("cube-single-v0", render_mode="rgb_array", width=size, height=size)
    return _gymnasium_world("ogbench", env)


def _gymnasium_world(package: str, env: object) -> World:
    env.reset(seed=0)
    env.action_space.seed(0)
    inner = env.unwrapped

    def step() -> None:
        *_, terminated, truncated, _info = env.step(env.action_space.sample())
        if terminated or truncated:
            env.reset()

    return World(package, step, env.render, lambda: float(getattr(inner, "data", None).time))


WORLDS: dict[str, Callable[[int], World]] = {
    "vplanner": vplanner,
    "robosuite": robosuite,
    "metaworld": metaworld,
    "gymnasium-robotics": gymnasium_robotics,
    "ogbench": ogbench,
}


def rate(call: Callable[[], object], seconds: float) -> float:
    """Calls per second of wall time over at least `seconds`; two calls warm up first."""
    call()
    call()
    count, begin = 0, time.perf_counter()
    while (passed := time.perf_counter() - begin) < seconds:
        call()
        count += 1
    return count / passed


def measure(world: World, size: int, seconds: float) -> Measurement:
    """Steps without pictures, then pictures without steps."""
    picture = np.asarray(world.render())
    if picture.shape != (size, size, 3):
        raise ValueError(f"{world.package} drew {picture.shape}, asked for {(size, size, 3)}")
    if picture.min() == picture.max():
        raise ValueError(f"{world.package} drew an empty picture")
    before = world.time_s()
    world.step()
    length = world.time_s() - before
    steps = rate(world.step, seconds)
    images = rate(world.render, seconds)
    return Measurement(
        package=world.package,
        version=importlib.metadata.version(world.package),
        steps_per_s=round(steps, 1),
        simulated_s_per_step=round(length, 4),
        images_per_s=round(images, 1),
        image_size=size,
    )


def main() -> None:
    """Measure the world that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("world", choices=WORLDS)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    print(json.dumps(asdict(measure(WORLDS[options.world](options.size), options.size, options.seconds))))


if __name__ == "__main__":
    main()
