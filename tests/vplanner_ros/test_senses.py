"""What counts as an observation, and why there is none. No ROS."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from vplanner.errors import CalledOffError, ObservationError, SafetyError
from vplanner.types import CameraModel
from vplanner_ros import senses
from vplanner_ros.senses import Patience, Senses

PATIENCE = Patience(camera_s=2.0, state_s=1.0, age_s=0.5, apart_s=0.1)
CAMERA = CameraModel(np.eye(3, dtype=np.float32), np.eye(4, dtype=np.float32))
DOWN = np.array([0.0, 1.0, 0.0, 0.0])


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senses, "_LOOK_S", 0.001)  # the wall clock of these tests is not the real one


class World:
    """Two clocks, and topics that speak with every look at the wall clock as long as they are not in `mute`."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.wall_s = 0.0
        self.position = np.array([0.5, 0.0, 0.2])
        self.mute: set[str] = set()
        self.lag = {"front": 0.0, "side": 0.0}
        self.frozen: set[str] = set()
        self.passing_s = 0.05  # of both clocks between two looks
        self.senses = Senses(("front", "side"), PATIENCE, lambda: self.now_s, self._look)
        self._speaking = False
        self._count = 0
        self.senses.put_camera("front", CAMERA)
        self.senses.put_camera("side", CAMERA)

    def _look(self) -> float:
        if not self._speaking:
            self._speaking = True
            self.now_s += self.passing_s
            self.wall_s += self.passing_s
            self.speak()
            self._speaking = False
        return self.wall_s

    def speak(self) -> None:
        self._count += 1
        for view, lag in self.lag.items():
            if view not in self.mute:
                shade = 0 if view in self.frozen else self._count % 256
                self.senses.put_picture(view, self.now_s - lag, np.full((64, 64, 3), shade, np.uint8))
        if "pose" not in self.mute:
            self.senses.put_pose(self.now_s, self.position, DOWN)
        if "joints" not in self.mute:
            self.senses.put_joints(self.now_s, np.zeros(7, np.float32))
        if "opening" not in self.mute:
            self.senses.put_opening(1.0)


def fails(world: World, match: str, not_before_s: float = 0.0) -> None:
    with pytest.raises(ObservationError, match=match):
        world.senses.observe(not_before_s)


def test_an_observation_is_new_and_whole() -> None:
    world = World()
    observation = world.senses.observe(100.3)
    assert observation.time_s >= 100.3
    assert [frame.name for frame in observation.frames] == ["front", "side"]
    np.testing.assert_allclose(observation.robot.position, [0.5, 0.0, 0.2])


def test_the_pose_is_the_one_of_the_pictures_not_the_newest() -> None:
    world = World()
    world.senses.observe(0.0)
    pictured_s = world.now_s
    world.mute = {"front", "side"}
    world.position = world.position + 0.02
    world.now_s += 0.05
    world.speak()
    world.mute = {"front", "side", "pose", "joints", "opening"}
    observation = world.senses.observe(0.0)
    assert observation.time_s == pytest.approx(pictured_s, abs=0.06)
    np.testing.assert_allclose(observation.robot.position, [0.5, 0.0, 0.2])


@pytest.mark.parametrize("view", ["front", "side"])
def test_a_camera_that_never_spoke_is_silent(view: str) -> None:
    world = World()
    world.mute = {view}
    fails(world, f"camera '{view}' is silent: it never sent a picture; for 2 s on camera/{view}/color/image_raw")


def test_a_camera_that_stops_is_silent() -> None:
    world = World()
    world.senses.observe(0.0)
    world.mute = {"side"}
    fails(world, "camera 'side' is silent for 2 s", world.now_s + 1.0)


@pytest.mark.parametrize(
    ("state", "complaint"),
    [("pose", "no pose on current_pose"), ("joints", "no joint angles on /joint_states"), ("opening", "no gripper")],
)
def test_a_robot_that_stops_speaking_is_told(state: str, complaint: str) -> None:
    world = World()
    world.mute = {state}
    fails(world, complaint)
    world = World()
    world.senses.observe(0.0)
    world.mute = {state}
    fails(world, complaint, world.now_s + 1.5)


@pytest.mark.parametrize("lag", [5.0, -5.0])
def test_stamps_far_from_the_clock_are_stale(lag: float) -> None:
    world = World()
    world.lag = {"front": lag, "side": lag}
    fails(world, f"camera 'front' is stale: its newest stamp is 5.00 s {'behind' if lag > 0 else 'ahead of'}")


def test_cameras_that_are_not_together_are_told() -> None:
    world = World()
    world.lag["side"] = 0.3
    fails(world, "cameras front and side are 0.30 s apart; 0.1 s are allowed")


def test_a_picture_that_stays_the_same_while_the_hand_moves_is_frozen() -> None:
    world = World()
    world.frozen = {"side"}
    for _ in range(3):
        world.senses.observe(world.now_s)  # at rest, a picture may stay the same
    world.position = world.position + 0.05
    fails(world, "camera 'side' is frozen: its picture stayed the same while the hand moved 87 mm", world.now_s + 0.2)


def test_a_message_that_cannot_be_used_is_the_reason_until_a_good_one_comes() -> None:
    world = World()
    world.senses.put_fault("camera/front/color/image_raw", "camera 'front': the picture is cut off")
    began_s = world.wall_s
    fails(world, "the picture is cut off")
    assert world.wall_s - began_s > PATIENCE.state_s  # a single bad message is waited out
    world.senses.put_fault("camera/front/color/image_raw", None)
    assert world.senses.observe(0.0)


def test_a_camera_without_calibration_is_told() -> None:
    world = World()
    world.senses = Senses(("front", "side"), PATIENCE, lambda: world.now_s, world._look)
    world.senses.put_camera("side", CAMERA)
    fails(world, "camera 'front' is not calibrated")


def test_an_obstacle_counts_only_for_whoever_waits_for_motion() -> None:
    world = World()
    world.senses.obstruct("executor: PAUSED: paused by service")
    assert world.senses.observe(0.0)
    with pytest.raises(SafetyError, match="executor: PAUSED"):
        world.senses.observe(0.0, moving=True)
    world.senses.obstruct(None)
    assert world.senses.observe(0.0, moving=True)


def waits(action: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except CalledOffError as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, raised


def test_whoever_waits_can_be_called_off() -> None:
    silent = Senses(("front",), Patience(60.0, 60.0, 1.0, 0.1), lambda: 0.0)
    thread, raised = waits(lambda: silent.observe(0.0))
    silent.call_off("a new instruction came")
    thread.join(timeout=30.0)
    assert [str(error) for error in raised] == ["a new instruction came"]
    with pytest.raises(CalledOffError):
        silent.observe(0.0)
