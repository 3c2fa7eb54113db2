"""Camera models, depth and segmentation agree with each other and with the physics."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from vplanner_sim import CAMERAS, TASKS, SimCamera, TabletopEnv, Variation

SIZE = 128
EXACT = Variation(clutter=2, camera_jitter_m=0.0, camera_jitter_rad=0.0)


@pytest.fixture(scope="module", params=TASKS)
def env(request: pytest.FixtureRequest) -> Iterator[TabletopEnv]:
    env = TabletopEnv(request.param, image_size=32, cameras=tuple(CAMERAS), variation=EXACT)
    yield env
    env.close()


@pytest.fixture(scope="module")
def reach() -> Iterator[TabletopEnv]:
    env = TabletopEnv("reach", image_size=32, cameras=tuple(CAMERAS), variation=EXACT)
    yield env
    env.close()


def project(camera: SimCamera, point: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Unit-square coordinates (2,) and depth [m] of a point in the base frame."""
    in_camera = np.linalg.inv(camera.T_base_cam) @ np.append(point, 1.0)
    uvw = camera.intrinsics @ in_camera[:3]
    return uvw[:2] / uvw[2], float(uvw[2])


def fixed(env: TabletopEnv) -> list[SimCamera]:
    return [c for c in env.camera_models if CAMERAS[c.name].mount == "world"]


def test_source_and_target_are_inside_both_pictures_at_the_start(env: TabletopEnv) -> None:
    for seed in range(6):
        env.reset(seed)
        truth = env.truth()
        for camera in fixed(env):
            for thing in truth.objects:
                uv, depth = project(camera, thing.position)
                assert depth > 0
                assert ((uv > 0.0) & (uv < 1.0)).all(), f"{thing.name} at {uv} in {camera.name}, seed {seed}"


def test_objects_are_segmented_where_they_project(env: TabletopEnv) -> None:
    env.reset(1)
    for index, thing in enumerate(env.truth().objects):
        centre = env.scene.position(thing.body)
        shown = 0
        for camera in fixed(env):
            mask = env.segmentation(camera.name, SIZE, SIZE) == index
            if mask.sum() < 10:  # hidden behind the arm, or in a cup
                continue
            shown += 1
            ys, xs = np.nonzero(mask)
            (u, v), _ = project(camera, centre)
            assert abs(xs.mean() / SIZE - u) < 0.12, thing.name
            assert abs(ys.mean() / SIZE - v) < 0.12, thing.name
        aimed_at = thing.name in (env.truth().source.name, env.truth().target.name)
        assert shown or not aimed_at, f"{thing.name} is in no picture"


def test_centre_of_a_cube_or_ball_lies_on_its_mask_and_at_its_depth(reach: TabletopEnv) -> None:
    checked = 0
    for seed in range(4):
        reach.reset(seed)
        source = reach.truth().source
        for camera in fixed(reach):
            mask = reach.segmentation(camera.name, SIZE, SIZE)
            depth = reach.depth(camera.name, SIZE, SIZE)
            (u, v), distance = project(camera, source.position)
            row, column = int(v * SIZE), int(u * SIZE)
            if mask[row, column] != 0:  # something stands before it
                continue
            checked += 1
            ys, xs = np.nonzero(mask == 0)
            assert np.hypot(xs.mean() + 0.5 - u * SIZE, ys.mean() + 0.5 - v * SIZE) < 2.0
            half = reach.scene.half(source.body)
            assert 0.3 * half < distance - depth[row, column] < 1.8 * half
    assert checked >= 5


def test_depth_of_the_table_agrees_with_the_camera_model(reach: TabletopEnv) -> None:
    reach.reset(2)
    table = reach.scene.model.geom("table").id
    for camera in fixed(reach):
        depth = reach.depth(camera.name, SIZE, SIZE)
        ids = reach._renderer.geom_ids(reach.scene.data, camera.name, SIZE, SIZE)
        rows, columns = np.nonzero(ids == table)
        rays = np.linalg.inv(camera.intrinsics) @ np.stack(
            [(columns + 0.5) / SIZE, (rows + 0.5) / SIZE, np.ones(len(rows))]
        )
        points = camera.T_base_cam[:3, :3] @ (rays * depth[rows, columns]) + camera.T_base_cam[:3, 3:]
        near = depth[rows, columns] < 2.0
        assert np.abs(points[2, near]).max() < 2e-3


def test_wrist_camera_moves_with_the_hand_and_sees_what_is_below(reach: TabletopEnv) -> None:
    reach.reset(0)
    camera = reach.camera_models[reach.cameras.index("wrist")]
    before = camera.T_base_cam.copy()
    drawn = reach.scene.data.cam("wrist")
    np.testing.assert_allclose(drawn.xpos, camera.T_base_cam[:3, 3], atol=1e-9)
    reach.step(np.array([0.04, 0.0, 0.0, 0.0, 0.0, 0.3, 1.0]))
    after = reach.camera_models[reach.cameras.index("wrist")].T_base_cam
    assert np.linalg.norm(after[:3, 3] - before[:3, 3]) > 0.01
    np.testing.assert_allclose(reach.scene.data.cam("wrist").xpos, after[:3, 3], atol=1e-9)
    np.testing.assert_allclose(after[:3, :3] @ after[:3, :3].T, np.eye(3), atol=1e-9)
    assert after[2, 2] < -0.8  # it looks down


def test_calibration_given_out_is_nominal_while_the_pictures_have_jitter() -> None:
    env = TabletopEnv("reach", image_size=16, variation=Variation(camera_jitter_m=0.01))
    env.reset(0)
    given = [c.T_base_cam.copy() for c in env.camera_models]
    drawn = env.scene.data.cam("front").xpos.copy()
    env.reset(1)
    np.testing.assert_array_equal(given, [c.T_base_cam for c in env.camera_models])
    assert np.linalg.norm(drawn - given[0][:3, 3]) > 1e-4
    assert np.linalg.norm(drawn - env.scene.data.cam("front").xpos) > 1e-4
    env.close()


def test_depth_and_segmentation_leave_the_next_picture_alone(reach: TabletopEnv) -> None:
    reach.reset(3)
    before = reach.render("front", SIZE, SIZE)
    reach.depth("front", SIZE, SIZE)
    reach.segmentation("front", SIZE, SIZE)
    np.testing.assert_array_equal(reach.render("front", SIZE, SIZE), before)


@pytest.mark.parametrize("size", [(48, 64), (64, 48)])
def test_pictures_have_the_size_asked_for(reach: TabletopEnv, size: tuple[int, int]) -> None:
    reach.reset(0)
    assert reach.render("side", *size).shape == (*size, 3)
    assert reach.depth("side", *size).shape == size
    assert reach.segmentation("side", *size).shape == size


def test_supersampling_averages_a_larger_picture() -> None:
    pictures = []
    for supersample, size in ((2, 32), (1, 64)):
        env = TabletopEnv("reach", image_size=size, supersample=supersample)
        pictures.append(env.reset(0).images[0].astype(float))
        env.close()
    averaged = pictures[1].reshape(32, 2, 32, 2, 3).mean(axis=(1, 3))
    assert np.abs(averaged - pictures[0]).max() <= 0.5


@pytest.mark.parametrize("method", ["render", "depth", "segmentation"])
def test_unknown_camera_is_refused_with_the_valid_ones(reach: TabletopEnv, method: str) -> None:
    with pytest.raises(ValueError, match="front, side, wrist"):
        getattr(reach, method)("ceiling", 8, 8)
