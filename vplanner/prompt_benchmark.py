"""How well a prompter points, refuses and judges in simulated scenes that it has never seen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from vplanner.data.behaviours import limit_step
from vplanner.errors import PromptRefusedError
from vplanner.prompting import EmbeddedPrompter
from vplanner.protocols import Judge
from vplanner.sim_robot import IMAGE_SIZE, as_observation, calibration, make_env, reset_env
from vplanner.types import GroundedObject, Observation, SubGoal

if TYPE_CHECKING:
    from vplanner_sim import TabletopEnv, TruthObject

ENDINGS = ("success", "near miss", "failure")
_NEAR_STEPS = (1, 4)  # an expert that stops 1 to 3 steps before it is done has nearly done it
_LOOK_EVERY = 2
_VESSELS = ("bowl", "cup", "hole")


@dataclass(frozen=True, slots=True)
class Grounding:
    """One good instruction: refused, or what was pointed at for source and target.

    `inside` counts points within the right object, of `points` in pictures where it can be seen: its mask and that of
    its other parts, as lever and pivot; of what holds things also its opening, whatever is seen there. `right` counts
    of the `things` of a step whose skill is right those whose points lie nearer to the right object than to any other.
    """

    task: str
    refused: bool
    ms: float
    points: int = 0
    inside: int = 0
    things: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """One ending of an episode: what it was, and how it was judged."""

    task: str
    ending: str
    done: bool
    judged: bool


def measure_grounding(
    prompter: EmbeddedPrompter, tasks: tuple[str, ...], scenes: int, seed: int
) -> Iterator[Grounding]:
    """Plan in every scene from its own words, and compare the points with the simulator's masks."""
    for task in tasks:
        env = make_env(task)
        for scene in range(seed, seed + scenes):
            observation = as_observation(reset_env(env, scene), calibration(env))
            start = time.perf_counter()
            try:
                sub_goals = prompter.plan(observation, env.instruction)
            except PromptRefusedError:
                yield Grounding(task, True, 1000 * (time.perf_counter() - start))
                continue
            ms = 1000 * (time.perf_counter() - start)
            yield _compare(env, task, sub_goals[0], ms)
        env.close()


def measure_refusal(prompter: EmbeddedPrompter, tasks: tuple[str, ...], scenes: int, seed: int) -> Iterator[bool]:
    """Whether instructions are refused that ask for what is not there, or for one of several things."""
    for task in tasks:
        env = make_env(task)
        for scene in range(seed, seed + scenes):
            observation = as_observation(reset_env(env, scene), calibration(env))
            for instruction in _bad_instructions(env.truth().objects, np.random.default_rng(scene)):
                try:
                    prompter.plan(observation, instruction)
                except PromptRefusedError:
                    yield True
                else:
                    yield False
        env.close()


def measure_judge(
    prompter: EmbeddedPrompter, judge: Judge, tasks: tuple[str, ...], scenes: int, seed: int
) -> Iterator[Judgement]:
    """Let the expert succeed, stop just before it would, or stop early, and judge the last picture of each.

    The points are those that the prompter found at the start and tracked since.
    """
    for task in tasks:
        env = make_env(task)
        for scene in range(seed, seed + scenes):
            rng = np.random.default_rng(scene)
            needed = _steps_to_success(env, scene)
            if needed is None:
                continue
            near = max(1, needed - int(rng.integers(*_NEAR_STEPS)))
            steps = dict(zip(ENDINGS, (needed + 2, near, needed // 3), strict=True))
            for ending, count in steps.items():
                seen = _act_and_track(env, prompter, scene, count)
                if seen is not None:
                    verdict = judge.judge(*seen)
                    yield Judgement(task, ending, env.truth().success, verdict.success)
        env.close()


def _compare(env: TabletopEnv, task: str, sub_goal: SubGoal, ms: float) -> Grounding:
    truth = env.truth()
    masks = {camera: env.segmentation(camera, IMAGE_SIZE, IMAGE_SIZE) for camera in env.cameras}
    names = [thing.name for thing in truth.objects]
    points = inside = right = 0
    pairs = [(sub_goal.source, truth.source)]
    if truth.target.name != truth.source.name:
        pairs.append((sub_goal.target, truth.target))
    for found, wanted in pairs:
        index = names.index(wanted.name)
        parts = [i for i, thing in enumerate(truth.objects) if _thing(thing) == _thing(wanted)]
        right += sub_goal.skill.value == truth.skill and _nearest(found, truth.objects) == index
        for point in found.points:
            mask = masks[point.camera]
            if (mask == index).any():
                u, v = (min(int(x * IMAGE_SIZE), IMAGE_SIZE - 1) for x in (point.u, point.v))
                points += 1
                extent = _outlined(mask == index) if wanted.noun in _VESSELS else np.isin(mask, parts)
                inside += bool(extent[v, u])
    return Grounding(task, False, ms, points, inside, len(pairs), right)


def _thing(part: TruthObject) -> str:
    """What a part belongs to: `lever` of a `lever_pivot`."""
    return part.noun.partition("_")[0] + part.colour


def _outlined(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What lies within the convex outline of the pixels (H, W)."""
    pixels = cv2.findNonZero(mask.astype(np.uint8))
    filled = cv2.fillConvexPoly(np.zeros(mask.shape, np.uint8), cv2.convexHull(pixels), 1)
    return np.asarray(filled, bool)


def _nearest(found: GroundedObject, objects: tuple[TruthObject, ...]) -> int:
    return int(np.argmin([np.linalg.norm(found.position - thing.position) for thing in objects]))


def _bad_instructions(objects: tuple[TruthObject, ...], rng: np.random.Generator) -> list[str]:
    """A thing that is not there, and, where there are several cubes, a cube without saying which, in two languages."""
    from vplanner_sim import COLOURS

    there = {(thing.noun, thing.colour) for thing in objects}
    nouns = ("cube", "ball", "button", "cup")
    absent = [(noun, colour) for noun in nouns for colour in COLOURS if (noun, colour) not in there]
    noun, colour = absent[int(rng.integers(len(absent)))]
    verb = {"button": "press", "cup": "reach for"}.get(noun, "touch")
    bad = [f"{verb} the {colour} {noun}"]
    if sum(thing.noun == "cube" for thing in objects) > 1:
        bad += ["reach for the cube", "把夹爪移到方块上方"]
    return bad


def _steps_to_success(env: TabletopEnv, seed: int) -> int | None:
    from vplanner_sim import make_expert

    reset_env(env, seed)
    expert = make_expert(env)
    for step in range(1, env.max_steps + 1):
        env.advance(limit_step(expert.act()).astype(np.float64))
        if env.truth().success:
            return step
    return None


def _act_and_track(
    env: TabletopEnv, prompter: EmbeddedPrompter, seed: int, count: int
) -> tuple[Observation, SubGoal] | None:
    """Where things are seen after `count` steps of the expert; None when the instruction is refused."""
    from vplanner_sim import make_expert

    cameras = calibration(env)
    observation = as_observation(reset_env(env, seed), cameras)
    try:
        sub_goal = prompter.plan(observation, env.instruction)[0]
    except PromptRefusedError:
        return None
    expert = make_expert(env)
    for step in range(1, count + 1):
        env.advance(limit_step(expert.act()).astype(np.float64))
        if step % _LOOK_EVERY == 0 or step == count:
            observation = as_observation(env.observe(), cameras)
            sub_goal = prompter.track(observation, sub_goal)
    return observation, sub_goal
