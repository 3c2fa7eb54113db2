"""Calibration on rendered boards: what was put in comes out, and sets from which it cannot are refused with reasons."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vplanner.calibration.board import BoardSpec, Sighting, draw_board, find_board
from vplanner.calibration.files import read_cameras, read_poses
from vplanner.calibration.hand_eye import find_hand_eye
from vplanner.calibration.intrinsics import find_intrinsics
from vplanner.cli import main
from vplanner.errors import InputError
from vplanner.transforms import Array, invert_pose, make_pose, so3_exp, so3_log

from .board_pictures import BOARD, HEIGHT, WIDTH, Setup, make_setup, write_set

PICTURES = 12
OPTIONS = ["--columns", "6", "--rows", "5", "--square", "0.03", "--marker", "0.022"]


def apart(found: Array, true: Array) -> tuple[float, float]:
    """Millimetres and degrees between two poses."""
    between = invert_pose(true) @ found
    return 1000 * float(np.linalg.norm(between[:3, 3])), float(np.degrees(np.linalg.norm(so3_log(between[:3, :3]))))


@pytest.fixture(scope="module")
def setup() -> Setup:
    return make_setup(1, PICTURES, on_hand=False)


@pytest.fixture(scope="module")
def rendered(setup: Setup, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    write_set(setup, folder)
    return folder


@pytest.fixture
def folder(rendered: Path, tmp_path: Path) -> Path:
    """A copy of the pictures, to be damaged."""
    shutil.copytree(rendered, tmp_path / "pictures")
    return tmp_path / "pictures"


def calibrate(folder: Path, *more: str) -> int:
    return main(["calibrate", str(folder), *OPTIONS, "--out", str(folder.parent / "cameras.yaml"), *more])


def refusal(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert calibrate(folder, *more) == 2
    assert not (folder.parent / "cameras.yaml").exists()
    return capsys.readouterr().err


def test_pictures_give_camera_and_pose_back(setup: Setup, folder: Path) -> None:
    assert calibrate(folder, "--json", str(folder.parent / "result.json")) == 0
    result = json.loads((folder.parent / "result.json").read_text())
    millimetres, degrees = apart(np.array(result["T_parent_cam"]), setup.T_parent_cam)
    assert millimetres < 3.0 and degrees < 0.4
    assert (
        np.abs(np.array(result["camera_matrix"]) / np.where(setup.camera.K == 0, 1, setup.camera.K) - 1)[
            [0, 1, 0, 1], [0, 1, 2, 2]
        ].max()
        < 0.01
    )
    assert result["error_px"] < 0.3
    # What planner and drivers read.
    content = yaml.safe_load((folder.parent / "cameras.yaml").read_text())["front"]
    assert content["parent"] == "base_link" and len(content["position"]) == 3 and len(content["quat_wxyz"]) == 4
    info = yaml.safe_load((folder.parent / "cameras_front_camera_info.yaml").read_text())
    assert (info["image_width"], info["image_height"], info["distortion_model"]) == (WIDTH, HEIGHT, "plumb_bob")
    assert info["camera_matrix"]["data"] == content["camera_matrix"]
    assert len(info["projection_matrix"]["data"]) == 12
    camera = read_cameras(folder.parent / "cameras.yaml")["front"]
    np.testing.assert_allclose(camera.intrinsics[0, 0] * WIDTH, setup.camera.K[0, 0], rtol=0.01)
    np.testing.assert_allclose(camera.intrinsics[1, 2] * HEIGHT, setup.camera.K[1, 2], rtol=0.01)
    np.testing.assert_allclose(camera.T_base_cam, result["T_parent_cam"], atol=1e-5)


def test_a_camera_on_the_hand(tmp_path: Path) -> None:
    setup = make_setup(2, PICTURES, on_hand=True)
    write_set(setup, tmp_path / "pictures")
    shutil.copy(tmp_path / "pictures" / "00.png", tmp_path / "pictures" / "no_pose.png")
    json_file = tmp_path / "result.json"
    assert calibrate(tmp_path / "pictures", "--mount", "hand", "--view", "wrist", "--json", str(json_file)) == 0
    result = json.loads(json_file.read_text())
    millimetres, degrees = apart(np.array(result["T_parent_cam"]), setup.T_parent_cam)
    assert millimetres < 3.0 and degrees < 0.4
    assert (result["parent"], result["pictures"]) == ("tcp", PICTURES)
    assert read_cameras(tmp_path / "cameras.yaml") == {}  # none stands in the base's frame


def sightings_of(setup: Setup, noise_px: float, seed: int) -> list[Sighting]:
    """Corners as the camera would see them, without pictures."""
    rng = np.random.default_rng(seed)
    flat = find_board(BOARD, draw_board(BOARD), "flat")
    assert flat is not None
    seen: list[Sighting] = []
    for index, hand in enumerate(setup.T_base_tcp):
        pixels = setup.camera.project(setup.T_cam_board(hand), flat)
        seen.append(Sighting(f"{index}.png", flat.points, pixels + rng.normal(0, noise_px, pixels.shape)))
    return seen


def solve(setup: Setup, sightings: Sequence[Sighting], most_error_px: float = 1.0) -> tuple[Array, Array, float]:
    camera, poses = find_intrinsics(sightings, (WIDTH, HEIGHT), most_error_px)
    A = [invert_pose(hand) for hand in setup.T_base_tcp] if setup.on_hand else setup.T_base_tcp
    solved = find_hand_eye(A, poses, sightings, camera, most_error_px)
    return solved.Z, solved.X, camera.error_px


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.booleans())
def test_any_camera_and_any_poses(seed: int, on_hand: bool) -> None:
    setup = make_setup(seed, PICTURES, on_hand)
    Z, X, error_px = solve(setup, sightings_of(setup, 0.0, seed))
    for found, true in ((Z, setup.T_parent_cam), (X, setup.T_other_board)):
        millimetres, degrees = apart(found, true)
        assert millimetres < 0.05 and degrees < 0.01
    assert error_px < 0.01


@settings(max_examples=10)
@given(st.integers(0, 10**6), st.booleans())
def test_noise_of_a_fifth_of_a_pixel_costs_little(seed: int, on_hand: bool) -> None:
    setup = make_setup(seed, 2 * PICTURES, on_hand)
    Z, _, error_px = solve(setup, sightings_of(setup, 0.2, seed))
    millimetres, degrees = apart(Z, setup.T_parent_cam)
    assert millimetres < 5.0 and degrees < 1.0
    assert 0.1 < error_px < 0.4


def test_hands_that_turn_about_one_axis_only_are_refused(setup: Setup) -> None:
    sightings = sightings_of(setup, 0.0, 0)
    camera, poses = find_intrinsics(sightings, (WIDTH, HEIGHT), 1.0)
    hands = [make_pose(so3_exp([0.0, 0.0, 0.3 * i]), hand[:3, 3]) for i, hand in enumerate(setup.T_base_tcp)]
    with pytest.raises(InputError, match="about one axis only"):
        find_hand_eye(hands, poses, sightings, camera, 1.0)


def test_pictures_without_tilt_are_refused(setup: Setup) -> None:
    flat = make_setup(3, PICTURES, on_hand=False, tilt=0.02)
    with pytest.raises(InputError, match="tilt it more"):
        find_intrinsics(sightings_of(flat, 0.1, 0), (WIDTH, HEIGHT), 1.0)


def test_a_board_that_stays_in_a_corner_is_refused(setup: Setup) -> None:
    sightings = [replace(s, pixels=s.pixels * 0.2) for s in sightings_of(setup, 0.0, 0)]
    with pytest.raises(InputError, match="of the width"):
        find_intrinsics(sightings, (WIDTH, HEIGHT), 1.0)


def test_corners_that_contradict_each_other_are_refused_and_the_worst_named(setup: Setup) -> None:
    sightings = sightings_of(setup, 0.1, 0)
    bent = sightings[4].pixels + 6 * np.sin(np.arange(len(sightings[4].pixels)))[:, None]
    sightings[4] = replace(sightings[4], pixels=bent)
    with pytest.raises(InputError, match=r"worst is 4\.png"):
        find_intrinsics(sightings, (WIDTH, HEIGHT), 0.5)


def test_a_wrong_pose_is_refused_and_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    poses = json.loads((folder / "poses.json").read_text())
    poses["07.png"]["position"][0] += 0.05
    (folder / "poses.json").write_text(json.dumps(poses))
    message = refusal(folder, capsys)
    assert "contradict" in message and "worst are 07.png" in message


def test_too_few_pictures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    poses = json.loads((folder / "poses.json").read_text())
    for name in list(poses)[4:]:
        (folder / name).unlink()
        del poses[name]
    (folder / "poses.json").write_text(json.dumps(poses))
    assert "found in 4 pictures; 8 or more" in refusal(folder, capsys)


def test_too_few_poses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    poses = json.loads((folder / "poses.json").read_text())
    (folder / "poses.json").write_text(json.dumps(dict(list(poses.items())[:4])))
    assert "there are 4 pictures with board and pose; 5 or more" in refusal(folder, capsys)


def test_pictures_of_two_sizes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cv2.imwrite(str(folder / "00.png"), np.zeros((100, 200), np.uint8))
    assert "differ in size" in refusal(folder, capsys)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "cannot be read"),
        ('{"00.png": {"position": [0, 0], "quat_wxyz": [1, 0, 0, 0]}}', "00.png.position"),
        ('{"00.png": {"position": [0, 0, 0], "quat_wxyz": [0, 0, 0, 0]}}', "quat_wxyz is zero"),
        ('{"00.png": {"position": [0, 0, NaN], "quat_wxyz": [1, 0, 0, 0]}}', "00.png.position"),
    ],
)
def test_bad_pose_files(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "poses.json").write_text(content)
    with pytest.raises(InputError, match=reason):
        read_poses(tmp_path / "poses.json")


def test_bad_input(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "poses.json").write_text("{}")
    assert "there are no pictures" in refusal(empty, capsys)
    assert "cannot be read" in refusal(tmp_path / "nowhere", capsys)
    (empty / "bad.png").write_text("no picture")
    assert "is no picture" in refusal(empty, capsys)
    (folder / "05.png").unlink()
    assert "not in" in refusal(folder, capsys)
    assert "0 < marker < square" in refusal(folder, capsys, "--marker", "0.05")
    assert main(["calibrate"]) == 2


def test_other_cameras_in_the_file_stay(folder: Path) -> None:
    out = folder.parent / "cameras.yaml"
    out.write_text("side: {position: [0, 0, 1], quat_wxyz: [1, 0, 0, 0]}\n")
    assert calibrate(folder) == 0
    content = yaml.safe_load(out.read_text())
    assert set(content) == {"side", "front"} and content["side"]["position"] == [0, 0, 1]


def test_a_file_that_holds_something_else_is_not_written_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder.parent / "cameras.yaml"
    out.write_text("- a list\n")
    assert calibrate(folder) == 2
    assert "holds no cameras" in capsys.readouterr().err
    assert out.read_text() == "- a list\n"


@settings(max_examples=6)
@given(st.integers(3, 9), st.integers(3, 9))
def test_a_printed_board_is_found_whole(columns: int, rows: int) -> None:
    spec = BoardSpec(columns, rows, 0.03, 0.02)
    found = find_board(spec, draw_board(spec, 4000.0), "board")
    if (columns - 1) * (rows - 1) >= 8:
        assert found is not None and len(found.points) == (columns - 1) * (rows - 1)
    else:
        assert found is None


def test_make_board(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", "--make-board", str(tmp_path / "board.png"), *OPTIONS]) == 0
    assert "210 mm x 180 mm" in capsys.readouterr().out
    picture = cv2.imread(str(tmp_path / "board.png"), cv2.IMREAD_GRAYSCALE)
    assert picture is not None and find_board(BOARD, np.asarray(picture, np.uint8), "board") is not None
    assert main(["calibrate", "--make-board", str(tmp_path / "board.pdf"), *OPTIONS]) == 2
