"""What several packages state, because none may import the other, is the same everywhere."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from vplanner import networks, sim_robot
from vplanner.commands import common
from vplanner.data import behaviours, jobs, schema, worker
from vplanner.prompting import vocabulary as runtime_vocabulary
from vplanner.safety import SafetyLimits
from vplanner.transforms import project
from vplanner.types import CameraModel, Observation, RobotState
from vplanner_models import config, geometry, prompter_net
from vplanner_models.arrays import EpisodeArrays
from vplanner_models.critic import Critic
from vplanner_models.dataset import TrainingSet
from vplanner_models.graphs import INTERFACES, sample_inputs
from vplanner_models.prompter_data import AFFORDANCES, COLOURS, LANGUAGES, NOUNS, Language
from vplanner_models.prompter_export import VOCABULARY_VERSION, vocabulary
from vplanner_models.prompter_words import words_of
from vplanner_models.trunk import BODY_FEATURES, PROMPT_FEATURES, prompt_features, scaled_proprioception

env = pytest.importorskip("vplanner_sim.env")
motion = pytest.importorskip("vplanner_sim.motion")

FEEDS = {
    "tokenizer_encoder": networks.ENCODER_FEEDS,
    "tokenizer_decoder": networks.DECODER_FEEDS,
    "video_model": networks.VIDEO_FEEDS,
    "inverse_dynamics": networks.INVERSE_DYNAMICS_FEEDS,
    "critic": networks.CRITIC_FEEDS,
    "behaviour_cloning": networks.POLICY_FEEDS,
}


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(
            {
                "safety": SafetyLimits().translation_m,
                "data": behaviours.MAX_TRANSLATION_M,
                "simulation": motion.MAX_TRANSLATION_M,
                "networks": config.TRANSLATION_LIMIT_M,
            },
            id="translation of a step [m]",
        ),
        pytest.param(
            {
                "safety": SafetyLimits().rotation_rad,
                "data": behaviours.MAX_ROTATION_RAD,
                "simulation": motion.MAX_ROTATION_RAD,
                "networks": config.ROTATION_LIMIT_RAD,
            },
            id="rotation of a step [rad]",
        ),
        pytest.param(
            {"simulation": env.STEP_S, "networks": config.DT_S, "data": 1 / schema.FPS}, id="period of a step [s]"
        ),
        pytest.param(
            {
                "data": jobs.SEEDS_PER_SPLIT,
                "simulation": env.TRAIN_SEEDS,
                "networks": config.FIRST_VALIDATION_SEED,
                "half of test": common.TEST_SEED / 2,
            },
            id="first validation seed",
        ),
        pytest.param(
            {
                "runtime": sim_robot.VIEWS,
                "simulation": signature(env.TabletopEnv).parameters["cameras"].default,
                "networks": config.VIEWS,
            },
            id="views",
        ),
        pytest.param({"data": worker.IMAGE_SIZE, "networks": config.IMAGE_SIZE}, id="picture of the video model"),
        pytest.param(
            {"runtime": sim_robot.IMAGE_SIZE, "networks": prompter_net.VISION_SIZE}, id="picture of the prompter"
        ),
    ],
)
def test_every_package_states_the_same(statements: dict[str, object]) -> None:
    assert len(set(statements.values())) == 1, statements


@pytest.fixture(scope="module")
def tiny_bundle(repository: Path) -> ModuleType:
    """How the tests of the runtime make bundles."""
    spec = importlib.util.spec_from_file_location("tiny_bundle", repository / "tests" / "vplanner" / "tiny_bundle.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", INTERFACES)
def test_components_take_and_give_what_the_runtime_feeds_and_its_tests_imitate(
    name: str, tiny_bundle: ModuleType, arrays: EpisodeArrays
) -> None:
    inputs, output = INTERFACES[name]
    imitated_inputs, imitated_outputs = tiny_bundle.SHAPES[name]
    latents = torch.zeros(len(arrays), 2, 8, 8, 8).half()
    samples = sample_inputs(TrainingSet.of(arrays), latents, torch.zeros(4, 3, 64, 64), torch.arange(4))[name]
    shapes = {key: ["B", *sample.shape[1:]] for key, sample in zip(inputs, samples, strict=True)}
    assert list(imitated_inputs) == list(FEEDS[name]) == list(inputs)
    assert imitated_inputs == shapes
    assert FEEDS[name] == {key: len(shape) for key, shape in shapes.items()}
    assert list(imitated_outputs) == [output]


def test_points_are_projected_alike_in_training_and_at_run_time(arrays: EpisodeArrays) -> None:
    points = np.random.default_rng(0).uniform([0.3, -0.4, 0.0], [0.8, 0.4, 0.4], (5, 2, 3)).astype(np.float32)
    trained = geometry.project(*map(torch.from_numpy, (points, arrays.intrinsics, arrays.T_base_cam)))
    for view, (K, T) in enumerate(zip(arrays.intrinsics, arrays.T_base_cam, strict=True)):
        used, depth = project(CameraModel(K, T), points)
        assert (depth > 0).all()
        np.testing.assert_allclose(trained[:, :, view].numpy(), used, atol=1e-5)


def test_the_arm_is_described_alike_in_training_and_at_run_time() -> None:
    generator = np.random.default_rng(0)
    for _ in range(10):
        state = generator.standard_normal(15).astype(np.float32)
        state[10:14] /= np.linalg.norm(state[10:14])
        robot = RobotState(state[:7], state[7:10], state[10:14], float(state[14]))
        used = networks.proprioception(Observation(0.0, (), robot))
        np.testing.assert_allclose(geometry.proprioception(torch.from_numpy(state[None]))[0].numpy(), used, atol=1e-6)


@pytest.mark.parametrize(
    ("features", "count"),
    [
        (lambda: prompt_features(torch.zeros(1, 10), torch.zeros(1, 2, 3), torch.zeros(1, 10)), PROMPT_FEATURES),
        (lambda: scaled_proprioception(torch.zeros(1, 10)), BODY_FEATURES),
    ],
)
def test_features_have_the_stated_number(features: Callable[[], torch.Tensor], count: int) -> None:
    assert features().shape == (1, count)
    first = Critic(config.PRESETS["tiny"].critic).condition[0]
    assert isinstance(first, torch.nn.Linear) and first.in_features == PROMPT_FEATURES + BODY_FEATURES


def test_the_prompter_knows_what_every_skill_acts_on() -> None:
    assert set(AFFORDANCES) == set(config.SKILLS)
    for sources, targets in AFFORDANCES.values():
        assert sources and {*sources, *targets} <= set(NOUNS)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_each_language_has_words_for_every_skill_noun_and_colour(language: Language) -> None:
    for patterns in (language.grammar.PATTERNS, language.patterns):
        assert set(patterns) == set(config.SKILLS)
        for skill, wordings in patterns.items():
            assert wordings
            for wording in wordings:
                assert ("{t}" in wording) <= bool(AFFORDANCES[skill][1]), wording
    for name in (*NOUNS, *COLOURS[1:]):
        assert len(words_of(language.name, name)) >= 10


def test_a_word_has_one_class_and_the_vocabulary_one_version() -> None:
    words = [word for listed in vocabulary()["lexicon"]["classes"].values() for word in listed]
    assert len(words) == len(set(words)) > 4000
    assert VOCABULARY_VERSION == runtime_vocabulary.VOCABULARY_VERSION
