"""Windows never cross episodes, and scenes for measuring are never trained on."""

from __future__ import annotations

import numpy as np
import torch

from vplanner_models.arrays import EpisodeArrays
from vplanner_models.dataset import TrainingSet
from vplanner_models.geometry import project, rotation_columns
from vplanner_models.metrics import rotation_angles, rotation_matrices
from vplanner_models.prompts import prompt_of
from vplanner_models.windows import windows_at


def test_windows_stay_inside_their_episode(arrays: EpisodeArrays) -> None:
    data = TrainingSet.of(arrays)
    rows = torch.arange(len(arrays))
    episode = torch.from_numpy(np.array(arrays.episode))
    for neighbours in (data.future_rows(rows), data.acting_rows(rows)):
        assert (episode[neighbours] == episode[:, None]).all()


def test_training_rows_hold_no_validation_scene(arrays: EpisodeArrays) -> None:
    data = TrainingSet.of(arrays)
    assert (np.asarray(arrays.seed)[data.training_rows.numpy()] < 100_000).all()
    assert len(data.training_rows) + len(data.validation_rows) == len(arrays)


def test_staying_is_taught_only_after_success(arrays: EpisodeArrays) -> None:
    data = TrainingSet.of(arrays)
    latents = torch.zeros(len(arrays), 2, 8, 8, 8).half()
    ends = data.last.unique()
    window = windows_at(data, latents, ends)
    reached = data.success[ends] > 0.5
    assert (window.intended[reached] == 1).all()
    assert (window.intended[~reached] == 0).all()
    assert (window.actions[..., :6] == 0).all()
    assert (window.actions[..., 6] == data.action[ends - 1, 6][:, None]).all()


def test_steps_after_a_disturbance_are_not_proposed(arrays: EpisodeArrays) -> None:
    data = TrainingSet.of(arrays)
    row = int(np.flatnonzero(arrays.noisy)[0])
    latents = torch.zeros(len(arrays), 2, 8, 8, 8).half()
    window = windows_at(data, latents, torch.tensor([row - 2]))
    assert window.intended.tolist() == [[1, 1, 0, 0]]
    assert window.real.tolist() == [[1, 1, 1, 1]]


def test_projection_meets_the_optical_axis(arrays: EpisodeArrays) -> None:
    intrinsics, pose = torch.from_numpy(arrays.intrinsics), torch.from_numpy(arrays.T_base_cam)
    ahead = pose[:, :3, 3] + 0.7 * pose[:, :3, 2]
    uv = project(ahead[None], intrinsics, pose)
    torch.testing.assert_close(uv[0, 0, 0], torch.tensor([0.5, 0.5]))


def test_prompt_noise_is_small_and_absent_on_request(arrays: EpisodeArrays) -> None:
    data, rows = TrainingSet.of(arrays), torch.arange(40)
    exact = prompt_of(data, rows, None)
    noisy = prompt_of(data, rows, torch.Generator().manual_seed(0))
    torch.testing.assert_close(exact.points_xyz, data.points_xyz[rows])
    assert 0 < (noisy.points_xyz - exact.points_xyz).abs().max() < 0.04
    assert 0 < (noisy.points_uv - exact.points_uv).abs().max() < 0.08


def test_rotation_columns_agree_with_rotation_vectors() -> None:
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(20, 3, generator=generator, dtype=torch.float64)
    angle = vectors.norm(dim=-1, keepdim=True)
    quat = torch.cat([(angle / 2).cos(), (angle / 2).sin() * vectors / angle], -1)
    matrices = rotation_matrices(vectors)
    torch.testing.assert_close(rotation_columns(quat), torch.cat([matrices[:, :, 0], matrices[:, :, 1]], -1))


def test_rotation_angle_about_one_axis_is_the_difference() -> None:
    axis = torch.tensor([[0.6, 0.0, 0.8]])
    angle = rotation_angles(0.3 * axis, 0.1 * axis)
    torch.testing.assert_close(angle, torch.tensor([11.459156]).double(), rtol=1e-5, atol=0)
