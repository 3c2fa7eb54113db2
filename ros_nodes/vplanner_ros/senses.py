"""What cameras and robot reported last, and the waiting for something newer.

No ROS here: callbacks write, the thread that plans reads and waits.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from vplanner.errors import CalledOffError, ObservationError, SafetyError
from vplanner.protocols import Clock
from vplanner.transforms import Array
from vplanner.types import CameraFrame, CameraModel, Float, Image, Observation, RobotState

V = TypeVar("V")

_MOVED_M = 0.03  # a hand that has moved so far changes every picture of a camera that works
_POSES = 200  # kept, to find the one that was measured when the pictures were taken
_LOOK_S = 0.1  # how often a waiting thread checks for silence


@dataclass(frozen=True, slots=True)
class Patience:
    """When something counts as gone.

    A topic is silent after `camera_s` or `state_s` [s] of wall clock without a message; a message is stale when its
    stamp is `age_s` [s] or more away from the node's clock; pictures of one observation lie at most `apart_s` [s]
    apart.
    """

    camera_s: float
    state_s: float
    age_s: float
    apart_s: float


@dataclass(frozen=True, slots=True)
class _Heard(Generic[V]):
    """A value, its stamp, and when it arrived by the wall clock, both in [s]."""

    value: V
    stamp_s: float
    arrived_s: float


@dataclass(frozen=True, slots=True)
class _Pose:
    position: Array
    quat_wxyz: Array


class Senses:
    """The newest of every topic. A message that cannot be used is kept as the reason why there is no observation."""

    def __init__(self, views: Sequence[str], patience: Patience, now_s: Clock, wall_s: Clock = time.monotonic) -> None:
        """Sense nothing yet; `now_s` is the clock of the stamps, `wall_s` one that never stands still."""
        self._views = tuple(views)
        self._patience = patience
        self._now_s, self._wall_s = now_s, wall_s
        self._changed = threading.Condition()
        self._pictures: dict[str, _Heard[Image]] = {}
        self._cameras: dict[str, CameraModel] = {}
        self._poses: deque[_Heard[_Pose]] = deque(maxlen=_POSES)
        self._joints: _Heard[Float] | None = None
        self._opening: _Heard[float] | None = None
        self._faults: dict[str, tuple[str, float]] = {}  # by topic: the reason, and since when
        self._called_off: str | None = None
        self._obstacle: str | None = None
        self._last: Observation | None = None

    def put_picture(self, view: str, stamp_s: float, image: Image) -> None:
        """A picture came."""
        self._put(self._pictures, view, _Heard(image, stamp_s, self._wall_s()))

    def put_camera(self, view: str, camera: CameraModel) -> None:
        """The calibration of a camera came."""
        self._put(self._cameras, view, camera)

    def put_pose(self, stamp_s: float, position: Array, quat_wxyz: Array) -> None:
        """The TCP was measured here."""
        with self._changed:
            self._poses.append(_Heard(_Pose(position, quat_wxyz), stamp_s, self._wall_s()))
            self._changed.notify_all()

    def put_joints(self, stamp_s: float, joints: Float) -> None:
        """The joints were measured here [rad]."""
        with self._changed:
            self._joints = _Heard(joints, stamp_s, self._wall_s())

    def put_opening(self, opening: float) -> None:
        """The gripper was measured to be so far open, in [0, 1]."""
        with self._changed:
            self._opening = _Heard(opening, 0.0, self._wall_s())

    def put_fault(self, topic: str, reason: str | None) -> None:
        """A message of `topic` cannot be used; None: the last one can."""
        with self._changed:
            if reason is None:
                self._faults.pop(topic, None)
            else:
                _, since_s = self._faults.get(topic, ("", self._wall_s()))
                self._faults[topic] = reason, since_s

    def call_off(self, reason: str | None) -> None:
        """Whoever waits now, or will, gets `CalledOffError`; None takes it back, and something new begins."""
        with self._changed:
            self._called_off = reason
            self._last = None
            self._changed.notify_all()

    def obstruct(self, reason: str | None) -> None:
        """The robot cannot follow commands: whoever waits for it gets `SafetyError`; None: it can again."""
        with self._changed:
            self._obstacle = reason
            self._changed.notify_all()

    def observe(self, not_before_s: float, moving: bool = False) -> Observation:
        """The newest observation, as soon as every picture was taken at `not_before_s` [s] or later.

        Raises:
            ObservationError: Cameras or state are silent, stale, frozen, apart, or not usable.
            CalledOffError: It was called off.
            SafetyError: `moving`, and the robot is kept from following commands.
        """
        began_s = self._wall_s()
        with self._changed:
            while True:
                if self._called_off is not None:
                    raise CalledOffError(self._called_off)
                if moving and self._obstacle is not None:
                    raise SafetyError(self._obstacle)
                if self._is_new(not_before_s):
                    return self._observation()
                self._check(began_s)
                self._changed.wait(_LOOK_S)

    def measured(self) -> tuple[Array, Array]:
        """Newest position [m] and quaternion (wxyz) of the TCP. Raises `ObservationError` when there is none."""
        with self._changed:
            if not self._poses:
                raise ObservationError("robot state: no pose has come on current_pose yet")
            return self._poses[-1].value.position, self._poses[-1].value.quat_wxyz

    def _put(self, where: dict[str, V], view: str, value: V) -> None:
        with self._changed:
            where[view] = value
            self._changed.notify_all()

    def _is_new(self, not_before_s: float) -> bool:
        """Whether all is there, none of it is faulty or stale, and pictures and pose are new enough and together."""
        pose = self._poses[-1] if self._poses else None
        if self._faults or pose is None or self._joints is None or self._opening is None:
            return False
        if any(view not in self._pictures or view not in self._cameras for view in self._views):
            return False
        stamps = [self._pictures[view].stamp_s for view in self._views]
        if min(stamps) < not_before_s or max(stamps) - min(stamps) > self._patience.apart_s:
            return False
        now_s, wall_s = self._now_s(), self._wall_s()
        fresh = all(abs(now_s - stamp_s) < self._patience.age_s for stamp_s in (*stamps, pose.stamp_s))
        heard = wall_s - pose.arrived_s < self._patience.state_s and all(
            wall_s - self._pictures[view].arrived_s < self._patience.camera_s for view in self._views
        )
        return fresh and heard and pose.stamp_s >= min(stamps) - self._patience.apart_s

    def _check(self, began_s: float) -> None:
        """Raise `ObservationError` when waiting on is useless."""
        wall_s, patience = self._wall_s(), self._patience
        lasting = [
            reason for reason, since_s in self._faults.values() if wall_s - max(began_s, since_s) > patience.state_s
        ]
        if lasting:  # one bad message is no reason to give up
            raise ObservationError("; ".join(lasting))
        for view in self._views:
            heard = self._pictures.get(view)
            if wall_s - max(began_s, heard.arrived_s if heard else began_s) > patience.camera_s:
                problem = "silent" if heard else "silent: it never sent a picture;"
                raise ObservationError(
                    f"camera '{view}' is {problem} for {patience.camera_s:g} s on camera/{view}/color/image_raw"
                )
            if heard is not None and wall_s - began_s > patience.camera_s:
                self._check_stamp(f"camera '{view}'", heard.stamp_s)
                if view not in self._cameras:
                    raise ObservationError(
                        f"camera '{view}' is not calibrated: camera_info and extrinsics must both have come"
                    )
        for name, topic, state in (
            ("pose", "current_pose", self._poses[-1] if self._poses else None),
            ("joint angles", "/joint_states", self._joints),
            ("gripper opening", "gripper/opening", self._opening),
        ):
            if wall_s - max(began_s, state.arrived_s if state else began_s) > patience.state_s:
                raise ObservationError(f"robot state: no {name} on {topic} for {patience.state_s:g} s")
        if self._poses and wall_s - began_s > patience.state_s:
            self._check_stamp("robot state: current_pose", self._poses[-1].stamp_s)
        self._check_together(wall_s - began_s)

    def _check_stamp(self, what: str, stamp_s: float) -> None:
        behind = self._now_s() - stamp_s
        if abs(behind) >= self._patience.age_s:
            where = "behind" if behind > 0.0 else "ahead of"
            raise ObservationError(
                f"{what} is stale: its newest stamp is {abs(behind):.2f} s {where} this node's clock, "
                f"{self._patience.age_s:g} s are allowed (frozen, or do the clocks differ? use_sim_time?)"
            )

    def _check_together(self, waited_s: float) -> None:
        if waited_s <= self._patience.camera_s or any(view not in self._pictures for view in self._views):
            return
        stamps = [self._pictures[view].stamp_s for view in self._views]
        if max(stamps) - min(stamps) > self._patience.apart_s:
            raise ObservationError(
                f"cameras {' and '.join(self._views)} are {max(stamps) - min(stamps):.2f} s apart; "
                f"{self._patience.apart_s:g} s are allowed"
            )

    def _observation(self) -> Observation:
        assert self._joints is not None and self._opening is not None
        time_s = min(self._pictures[view].stamp_s for view in self._views)
        pose = min(self._poses, key=lambda heard: abs(heard.stamp_s - time_s)).value
        robot = RobotState(
            joint_positions=self._joints.value,
            position=pose.position.astype(np.float32),
            quat_wxyz=pose.quat_wxyz.astype(np.float32),
            gripper_opening=self._opening.value,
        )
        frames = tuple(CameraFrame(view, self._pictures[view].value, self._cameras[view]) for view in self._views)
        observation = Observation(time_s, frames, robot)
        if self._last is not None:
            _check_alive(self._last, observation)
        if self._last is None or np.linalg.norm(self._last.robot.position - robot.position) > _MOVED_M:
            self._last = observation
        return observation


def _check_alive(before: Observation, after: Observation) -> None:
    """Raise `ObservationError` when the hand has moved and a picture has not changed by a single bit."""
    moved = float(np.linalg.norm(after.robot.position - before.robot.position))
    if moved <= _MOVED_M:
        return
    for old, new in zip(before.frames, after.frames, strict=True):
        if np.array_equal(old.image, new.image):
            raise ObservationError(
                f"camera '{new.name}' is frozen: its picture stayed the same while the hand moved {1000 * moved:.0f} mm"
            )
