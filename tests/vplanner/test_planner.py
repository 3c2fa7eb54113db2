from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vplanner.agent import Agent
from vplanner.backends import BackendConfig
from vplanner.baselines import CloningPlanner, OpenLoopPlanner, RandomPlanner
from vplanner.bundle import load_bundle
from vplanner.critic import agreement, limit_penalty
from vplanner.errors import BundleError, ObservationError
from vplanner.networks import encode_prompt, proprioception, shrink
from vplanner.safety import SafetyLimits
from vplanner.transforms import matrix_from_quat, project
from vplanner.types import ActionChunk, CameraFrame, Observation, Skill, SubGoal

AgentMaker = Callable[..., Agent]


@pytest.fixture
def agent(make_test_agent: AgentMaker, bundle_folder: Path) -> Agent:
    return make_test_agent(bundle_folder)


def with_frame(observation: Observation, frame: CameraFrame) -> Observation:
    return replace(observation, frames=(frame, *observation.frames[1:]))


def test_a_plan_has_every_candidate_and_takes_the_best(
    agent: Agent, observation: Observation, sub_goal: SubGoal
) -> None:
    plan = agent.planner.plan(observation, sub_goal)
    assert len(plan.candidates) == 3
    totals = [candidate.score.total for candidate in plan.candidates]
    assert plan.best.score.total == max(totals) > min(totals)
    present, networks = agent.memory.latents(observation), agent.networks
    for candidate in plan.candidates:
        (chunk,) = networks.inverse_dynamics.extract(present, [candidate.video])
        np.testing.assert_allclose(candidate.chunk.steps, chunk.steps, atol=1e-6)
        (rollout,) = networks.video_model.rollout(present, observation, [chunk])
        np.testing.assert_allclose(candidate.rollout.latents, rollout.latents, atol=1e-5)
    assert [stage.name for stage in plan.stages] == ["encode", "propose", "extract", "rollout", "score"]


def test_the_same_seed_replays_the_same_plan(
    make_test_agent: AgentMaker, bundle_folder: Path, observation: Observation, sub_goal: SubGoal
) -> None:
    plans = [make_test_agent(bundle_folder, seed=seed).planner.plan(observation, sub_goal) for seed in (1, 1, 2)]
    for ours, same, other in zip(*(plan.candidates for plan in plans), strict=True):
        np.testing.assert_array_equal(ours.chunk.steps, same.chunk.steps)
        assert ours is plans[0].candidates[0] or (ours.chunk.steps != other.chunk.steps).any()


def test_the_first_candidate_is_the_mean_and_needs_no_noise(
    make_test_agent: AgentMaker, bundle_folder: Path, observation: Observation, sub_goal: SubGoal
) -> None:
    alone = make_test_agent(bundle_folder, samples=1, seed=5).planner.plan(observation, sub_goal)
    among = make_test_agent(bundle_folder, samples=4, seed=6).planner.plan(observation, sub_goal)
    np.testing.assert_allclose(alone.best.video.latents, among.candidates[0].video.latents, atol=1e-5)


def test_sampling_follows_the_euler_steps_of_the_flow(
    agent: Agent, observation: Observation, sub_goal: SubGoal
) -> None:
    """The tiny network answers shift + 0.7 x, so two Euler steps (1, 0.5, 0) can be worked out by hand."""
    video_model = agent.networks.video_model
    present = agent.memory.latents(observation)
    futures = video_model.propose(present, observation, sub_goal, 2, np.random.default_rng(3))
    noise = np.random.default_rng(3).standard_normal((2, 4, 2, 8, 8, 8), dtype=np.float32)[1] * 0.5
    shift = (futures[0].latents - present) / 0.5
    x = noise - 0.5 * (noise - (shift + 0.7 * noise))
    expected = present + 0.5 * (shift + 0.7 * x)
    np.testing.assert_allclose(futures[1].latents, expected, atol=1e-4)


def test_each_observation_is_encoded_once(agent: Agent, observation: Observation) -> None:
    later = replace(observation, time_s=0.2, frames=observation.frames[::-1])
    first = agent.memory.latents(observation)
    assert agent.memory.latents(observation) is first
    assert agent.memory.latents(later) is not first


def test_an_observation_that_is_written_anew_is_encoded_anew(agent: Agent, observation: Observation) -> None:
    before = agent.memory.latents(observation)
    observation.frames[0].image[:] = 0
    object.__setattr__(observation, "time_s", 0.2)
    assert np.abs(agent.memory.latents(observation) - before).max() > 0.01


def test_a_rollout_follows_its_actions_and_not_the_prompt(agent: Agent, observation: Observation) -> None:
    present = agent.memory.latents(observation)
    still, moving = np.zeros((4, 7), dtype=np.float32), np.full((4, 7), 0.5, dtype=np.float32)
    chunks = [ActionChunk(still, 0.2), ActionChunk(moving, 0.2)]
    at_rest, moved = agent.networks.video_model.rollout(present, observation, chunks)
    np.testing.assert_allclose(at_rest.latents, np.broadcast_to(present, at_rest.latents.shape), atol=1e-6)
    assert np.abs(moved.latents - present).max() > 0.01


def test_a_batch_of_rollouts_equals_each_alone(agent: Agent, observation: Observation) -> None:
    present = agent.memory.latents(observation)
    rng = np.random.default_rng(0)
    chunks = [ActionChunk(rng.random((4, 7), dtype=np.float32), 0.2) for _ in range(3)]
    together = agent.networks.video_model.rollout(present, observation, chunks)
    for chunk, plan in zip(chunks, together, strict=True):
        alone = agent.networks.video_model.rollout(present, observation, [chunk])[0]
        np.testing.assert_allclose(alone.latents, plan.latents, atol=1e-5)


def test_pictures_are_decoded_for_people(agent: Agent, observation: Observation) -> None:
    latents = agent.memory.latents(observation)
    pictures = agent.networks.video_model.decode(latents[None])
    assert pictures.shape == (1, 2, 64, 64, 3)
    assert pictures.dtype == np.uint8


def test_proprioception_is_position_two_columns_and_gripper(observation: Observation) -> None:
    R = matrix_from_quat(observation.robot.quat_wxyz)
    expected = [*observation.robot.position, *R[:, 0], *R[:, 1], 1.0]
    np.testing.assert_allclose(proprioception(observation), expected, atol=1e-6)


def test_a_point_that_one_camera_misses_comes_from_the_others(
    bundle_folder: Path, observation: Observation, sub_goal: SubGoal
) -> None:
    unseen = replace(sub_goal.source, points=sub_goal.source.points[:1])
    prompt = encode_prompt(observation, replace(sub_goal, source=unseen), load_bundle(bundle_folder).manifest)
    expected, _ = project(observation.frames[1].camera, unseen.position)
    np.testing.assert_allclose(prompt.points_uv[0, 0, 1], expected, atol=1e-5)
    np.testing.assert_allclose(prompt.points_uv[0, 0, 0], [0.5, 0.5])
    assert prompt.skill[0].argmax() == list(Skill).index(sub_goal.skill)


def test_an_unknown_skill_is_told(bundle_folder: Path, observation: Observation, sub_goal: SubGoal) -> None:
    manifest = load_bundle(bundle_folder).manifest.model_copy(update={"skills": ("reach", "push")})
    with pytest.raises(BundleError, match="does not know the skill 'pick_place'; it knows: reach, push"):
        encode_prompt(observation, sub_goal, manifest)


def test_shrinking_averages_brightness() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (128, 128, 1), dtype=np.uint8).repeat(3, axis=2)
    blocks = grey.reshape(64, 2, 64, 2, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(shrink(grey, 64) - blocks).max() <= 1.0


def test_shrinking_keeps_colours_that_are_as_wide_as_a_chroma_sample() -> None:
    patches = np.random.default_rng(0).integers(40, 216, (32, 32, 3), dtype=np.uint8)
    image = patches.repeat(4, axis=0).repeat(4, axis=1)
    assert np.abs(shrink(image, 64).astype(float) - patches.repeat(2, axis=0).repeat(2, axis=1)).max() <= 3.0


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((32, 32, 3), dtype=np.uint8), "picture is 32x32; it must be square, 64x64 or more"),
        (np.zeros((96, 128, 3), dtype=np.uint8), "picture is 128x96"),
        (np.zeros((128, 128), dtype=np.uint8), r"\(128, 128\); it must be \(H, W, 3\) RGB"),
        (np.zeros((128, 128, 4), dtype=np.uint8), r"must be \(H, W, 3\) RGB"),
        (np.full((128, 128, 3), np.nan, dtype=np.float32), "pixels are float32; they must be uint8"),
    ],
)
def test_wrong_pictures_are_refused(
    agent: Agent, observation: Observation, sub_goal: SubGoal, image: np.ndarray, message: str
) -> None:
    frame = replace(observation.frames[0], image=image)
    with pytest.raises(ObservationError, match=message):
        agent.planner.plan(with_frame(observation, frame), sub_goal)


def test_a_missing_camera_is_refused(agent: Agent, observation: Observation, sub_goal: SubGoal) -> None:
    with pytest.raises(ObservationError, match="camera 'side' is missing; the observation has: front"):
        agent.planner.plan(replace(observation, frames=observation.frames[:1]), sub_goal)


@pytest.mark.parametrize("field", ["joint_positions", "position", "quat_wxyz", "gripper_opening"])
def test_a_state_that_is_not_finite_is_refused(
    agent: Agent, observation: Observation, sub_goal: SubGoal, field: str
) -> None:
    robot = replace(observation.robot, **{field: np.asarray(getattr(observation.robot, field)) * np.nan})
    with pytest.raises(ObservationError, match=rf"robot\.{field} is not finite"):
        agent.planner.plan(replace(observation, robot=robot), sub_goal)


def test_agreement_is_perfect_for_equals_and_falls_with_difference() -> None:
    rng = np.random.default_rng(0)
    now = rng.standard_normal((2, 8, 8, 8)).astype(np.float32)
    future = now + rng.standard_normal((1, 4, 2, 8, 8, 8)).astype(np.float32)
    scores = [agreement(now, future, future + share * (now - future))[0] for share in (0.0, 0.3, 1.0)]
    assert scores[0] == 0.0
    assert 0.0 > scores[1] > scores[2]
    assert scores[2] == pytest.approx(-2.0, abs=1e-3)
    np.testing.assert_allclose(agreement(now, now[None, None], now[None, None]), 0.0)


def test_limits_are_free_inside_and_cost_beyond() -> None:
    steps = np.zeros((4, 7), dtype=np.float32)
    position = np.array([0.5, 0.0, 0.2], dtype=np.float32)
    assert limit_penalty(ActionChunk(steps, 0.2), position, SafetyLimits()) == 0.0
    steps[1, 0] = 0.0549
    assert limit_penalty(ActionChunk(steps, 0.2), position, SafetyLimits()) == 0.0, "steps have a tenth free"
    edge = np.array([0.799, 0.0, 0.2], dtype=np.float32)
    assert limit_penalty(ActionChunk(steps, 0.2), edge, SafetyLimits()) < -3.0, "the workspace has not"
    steps[1, 0] = 0.1
    assert limit_penalty(ActionChunk(steps, 0.2), position, SafetyLimits()) == pytest.approx(-0.9)
    steps[1, 0], steps[3, 2] = 0.0, -0.25
    assert limit_penalty(ActionChunk(steps, 0.2), position, SafetyLimits()) == pytest.approx(-4.9)


def test_without_looking_plans_chain_from_imagined_frames(
    make_test_agent: AgentMaker, bundle_folder: Path, observation: Observation, sub_goal: SubGoal
) -> None:
    dark = with_frame(observation, replace(observation.frames[0], image=np.zeros((128, 128, 3), dtype=np.uint8)))
    endings = []
    for later in (observation, dark):
        agent = make_test_agent(bundle_folder, seed=1)
        planner = OpenLoopPlanner(agent.planner, agent.memory)
        planner.start(observation)
        first = planner.plan(observation, sub_goal)
        second = planner.plan(later, sub_goal)
        (extracted,) = agent.networks.inverse_dynamics.extract(first.best.video.latents[-1], [second.best.video])
        np.testing.assert_allclose(extracted.steps, second.best.chunk.steps, atol=1e-6)
        endings.append(second.best.video.latents)
    np.testing.assert_array_equal(endings[0], endings[1])
    bright, black = (
        make_test_agent(bundle_folder, seed=1).planner.plan(later, sub_goal).candidates[0].video.latents
        for later in (observation, dark)
    )
    assert np.abs(bright - black).max() > 0.1, "who looks sees that it is dark"


def test_the_policy_is_told_the_skill(
    agent: Agent, bundle_folder: Path, observation: Observation, sub_goal: SubGoal
) -> None:
    """The tiny policy answers 1 cm along x and a gripper at 0.8, plus a few millimetres by the skill."""
    cloning = CloningPlanner(load_bundle(bundle_folder), agent.memory, BackendConfig(threads=1))
    cloning.start(observation)
    steps = cloning.plan(observation, sub_goal).best.chunk.steps
    np.testing.assert_allclose(steps, np.tile([0.01, 0, 0, 0, 0, 0, 0.8], (4, 1)), atol=0.05)
    other = cloning.plan(observation, replace(sub_goal, skill=Skill.PRESS)).best.chunk.steps
    assert np.abs(other - steps).max() > 1e-3


def test_chance_goes_another_way_with_each_chunk_and_keeps_to_the_limits(
    observation: Observation, sub_goal: SubGoal
) -> None:
    chance = RandomPlanner(SafetyLimits(), 4, 0.2, np.random.default_rng(0))
    chunks = np.stack([chance.plan(observation, sub_goal).best.chunk.steps for _ in range(20)])
    assert (chunks == chunks[:, :1]).all(), "one direction is held for a whole chunk"
    firsts = chunks[:, 0]
    assert len(np.unique(firsts[:, :6], axis=0)) == 20
    assert 0.02 < np.linalg.norm(firsts[:, :3], axis=1).max() <= 0.05
    assert 0.1 < np.linalg.norm(firsts[:, 3:6], axis=1).max() <= 0.35
    assert set(firsts[:, 6]) == {0.0, 1.0}
