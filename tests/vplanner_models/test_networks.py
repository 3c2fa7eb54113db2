"""Shapes, switches and independence of rows of the networks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from vplanner_models.behaviour_cloning import BehaviourCloning
from vplanner_models.config import PRESETS, ReaderConfig, TokenizerConfig, TrunkConfig
from vplanner_models.critic import Critic
from vplanner_models.flow import sample
from vplanner_models.geometry import project, projection_matrices
from vplanner_models.hand_path import hand_path
from vplanner_models.inverse_dynamics import InverseDynamics
from vplanner_models.tokenizer import Tokenizer
from vplanner_models.trunk import patchify, unpatchify
from vplanner_models.video_model import VideoModel, scaled_actions, unscaled_actions

TRUNK = TrunkConfig(width=32, depth=2, heads=2)
READER = ReaderConfig(widths=(16, 16), hidden=32)


def inputs(count: int) -> tuple[Tensor, ...]:
    """Random inputs of the video model, in the order of its exported graph."""
    g = torch.Generator().manual_seed(1)
    return (
        torch.randn(count, 2, 8, 8, 8, generator=g),
        torch.nn.functional.one_hot(torch.arange(count) % 10, 10).float(),
        torch.rand(count, 2, 2, 2, generator=g),
        torch.rand(count, 2, 3, generator=g),
        torch.randn(count, 10, generator=g),
        torch.rand(count, 2, 3, 4, generator=g),
        torch.ones(count, 1),
        0.02 * torch.randn(count, 4, 7, generator=g),
        torch.ones(count, 1),
        torch.randn(count, 4, 2, 8, 8, 8, generator=g),
        torch.rand(count, 1, generator=g),
    )


def awake(network: nn.Module) -> nn.Module:
    """Replace the zeros that the network starts with, so that every input can matter."""
    generator = torch.Generator().manual_seed(0)
    for parameter in network.parameters():
        parameter.data = 0.1 * torch.randn(parameter.shape, generator=generator)
    return network.eval()


def test_patches_come_back() -> None:
    latents = torch.randn(3, 4, 2, 8, 8, 8)
    assert torch.equal(unpatchify(patchify(latents), 4), latents)


def test_tokenizer_keeps_the_shape_and_normalises() -> None:
    tokenizer = Tokenizer(TokenizerConfig(encoder_widths=(16, 16, 16), decoder_widths=(16, 16, 16)))
    images = torch.rand(64, 3, 64, 64)
    tokenizer.calibrate([images[:32], images[32:]])
    latents, decoded, pose = tokenizer.eval()(images, torch.zeros(1))
    assert latents.shape == (64, 8, 8, 8)
    assert decoded.shape == images.shape
    assert pose.shape == (32, 10)
    torch.testing.assert_close(latents.mean((0, 2, 3)), torch.zeros(8), atol=0.02, rtol=0)
    torch.testing.assert_close(latents.std((0, 2, 3)), torch.ones(8), atol=0.05, rtol=0)


@pytest.mark.parametrize(("switch", "hidden"), [(6, (1, 2, 3)), (8, (7,))])
def test_a_condition_that_is_off_does_not_matter(switch: int, hidden: tuple[int, ...]) -> None:
    network, given = awake(VideoModel(TRUNK)), list(inputs(2))
    changed = [value + 0.3 if index in hidden else value for index, value in enumerate(given)]
    assert not torch.allclose(network(*given), network(*changed))
    given[switch] = changed[switch] = torch.zeros(2, 1)
    torch.testing.assert_close(network(*given), network(*changed))


def test_the_path_starts_at_the_hand_and_follows_the_steps() -> None:
    intrinsics = torch.tensor([[1.2, 0.0, 0.5], [0.0, 1.2, 0.5], [0.0, 0.0, 1.0]]).expand(2, 3, 3)
    pose = torch.eye(4).repeat(2, 1, 1)
    pose[0, :3, 3], pose[1, :3, 3] = torch.tensor([0.0, 0.1, -1.0]), torch.tensor([0.2, 0.0, -0.8])
    projections = projection_matrices(intrinsics, pose).expand(3, -1, -1, -1)
    g = torch.Generator().manual_seed(0)
    position, actions = 0.1 * torch.randn(3, 3, generator=g), 0.02 * torch.randn(3, 4, 7, generator=g)
    path = hand_path(position, scaled_actions(actions), projections)
    assert path.shape == (3, 5, 2, 2)
    there = position + actions[:, :, :3].sum(1)
    torch.testing.assert_close(path[:, 0], project(position[:, None], intrinsics, pose)[:, 0])
    torch.testing.assert_close(path[:, -1], project(there[:, None], intrinsics, pose)[:, 0])


def test_without_actions_the_way_of_the_hand_is_what_the_prompt_suggests() -> None:
    network, given = awake(VideoModel(TRUNK)), list(inputs(2))
    assert isinstance(network, VideoModel)
    given[6], given[8] = torch.ones(2, 1), torch.zeros(2, 1)
    proposed = network(*given)
    given[7] = unscaled_actions(network.suggested(given[1], given[3], given[4]))
    given[8] = torch.ones(2, 1)
    torch.testing.assert_close(network(*given), proposed, atol=1e-4, rtol=1e-4)


def test_rows_of_a_batch_do_not_mix() -> None:
    network, given = awake(VideoModel(TRUNK)), inputs(3)
    alone = network(*(value[1:2] for value in given))
    torch.testing.assert_close(network(*given)[1:2], alone, atol=1e-5, rtol=1e-4)


def test_an_untrained_video_model_copies_the_present() -> None:
    assert VideoModel(TRUNK)(*inputs(2)).abs().max() == 0


def test_outputs_of_the_readers_have_their_shapes() -> None:
    now, skill, uv, xyz, proprio = inputs(2)[:5]
    assert InverseDynamics(READER)(now, now).shape == (2, 7)
    assert Critic(READER)(now, now, skill, uv, xyz, proprio).shape == (2, 2)
    assert BehaviourCloning(TRUNK)(now, skill, uv, xyz, proprio).shape == (2, 4, 7)


def test_action_scaling_is_inverted() -> None:
    actions = torch.randn(5, 4, 7)
    torch.testing.assert_close(unscaled_actions(scaled_actions(actions)), actions)


def test_sampler_follows_the_euler_rule() -> None:
    noise, sigmas = np.random.default_rng(0).standard_normal((2, 3)).astype(np.float32), (1.0, 0.6, 0.25, 0.0)
    x = noise.copy()
    for sigma, following in pairwise(sigmas):
        x = x + (following - sigma) * (x - np.tanh(x + sigma)) / sigma
    found = sample(lambda noisy, sigma: torch.tanh(noisy + sigma), torch.from_numpy(noise), sigmas)
    np.testing.assert_allclose(found.numpy(), x, atol=1e-5)


def test_sampler_refuses_levels_that_do_not_end_at_zero() -> None:
    with pytest.raises(ValueError, match=r"fall from 1\.0 to 0\.0"):
        sample(lambda noisy, sigma: noisy, torch.zeros(1, 1), (1.0, 0.5))


def test_presets_are_named_after_themselves() -> None:
    assert all(config.name == name for name, config in PRESETS.items())
