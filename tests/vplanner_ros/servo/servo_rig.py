"""A robot that does what it is told, a planner's chunks, and the executor between them, on a clock made by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from vplanner.transforms import matrix_from_quat, quat_from_matrix, so3_exp, so3_log
from vplanner_ros.servo import Chunk, Code, Executor, MotionLimits, Output, ServoConfig, TcpPose
from vplanner_ros.servo.kinematics import Arm

HOME = np.array([0.5, 0.0, 0.3])
DOWN = np.array([0.0, 1.0, 0.0, 0.0])
PERIOD = 0.02
STAMPS_AHEAD = 1.7e9  # the clock of stamps counts from 1970, the steady one does not


def chunk(
    stamp_s: float, position: np.ndarray = HOME, step: tuple[float, float, float] = (0.02, 0.0, 0.0),
    turn: tuple[float, float, float] = (0.0, 0.0, 0.0), count: int = 4, dt_s: float = 0.2, opening: float = 1.0,
    frame: str = "base_link",
) -> Chunk:  # fmt: skip
    """Targets `count` steps from `position` on, the first due 0.2 s after `stamp_s` by default."""
    k = np.arange(1, count + 1)
    rotations = so3_exp(np.outer(k, turn)) @ matrix_from_quat(DOWN)
    return Chunk(
        stamp_s, frame, dt_s * k.astype(float), position + np.outer(k, step), quat_from_matrix(rotations),
        np.full(count, opening),
    )  # fmt: skip


@dataclass
class Rig:
    """Ticks the executor; the robot follows at once unless `stuck`, and reports unless `silent`."""

    config: ServoConfig = field(default_factory=ServoConfig)
    arm: Arm | None = None
    start: np.ndarray = field(default_factory=HOME.copy)
    now: float = 100.0
    stuck: bool = False
    silent: bool = False
    stamp_offset: float = STAMPS_AHEAD

    def __post_init__(self) -> None:
        self.executor = Executor(self.config, self.arm)
        self.pose = TcpPose(self.start, matrix_from_quat(DOWN))
        self.outputs: list[Output] = []
        self.times: list[float] = []
        self.poses: list[TcpPose] = []
        self.executor.activate()
        self.run(0.1)

    @property
    def stamp_now(self) -> float:
        return self.now + self.stamp_offset

    @property
    def code(self) -> Code:
        return self.outputs[-1].status.code

    @property
    def reason(self) -> str:
        return self.outputs[-1].status.reason

    def tick(self, dt_s: float = PERIOD) -> Output:
        self.now += dt_s
        if not self.silent:
            self.executor.robot.measured(self.pose, self.now)
        out = self.executor.tick(self.now)
        if out.command is not None and not self.stuck:
            if self.config.measured_start:
                moved = self.pose.position + out.command.linear * dt_s
                self.pose = TcpPose(moved, so3_exp(out.command.angular * dt_s) @ self.pose.R)
            else:
                self.pose = TcpPose(out.command.position, matrix_from_quat(out.command.quat_wxyz))
        self.outputs.append(out)
        self.times.append(self.now)
        self.poses.append(self.pose)
        return out

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / PERIOD)):
            self.tick()

    def offer(self, new: Chunk) -> Code:
        return self.executor.offer(new, self.now, self.stamp_now).code

    def offer_fresh(self, **kwargs: object) -> Code:
        """A chunk stamped now that goes on from where the robot is."""
        kwargs.setdefault("position", self.pose.position)
        return self.offer(chunk(self.stamp_now, **kwargs))  # type: ignore[arg-type]

    def set_moving(self) -> None:
        """Bring the robot to full speed along x."""
        assert self.offer_fresh(step=(0.05, 0.0, 0.0)) is Code.NO_WARNING
        self.run(0.4)
        assert np.linalg.norm(self.outputs[-1].command.linear) > 0.1  # type: ignore[union-attr]

    def stopped_within(self, seconds: float) -> bool:
        """Whether speed is zero after `seconds` [s], and stays so for as long."""
        self.run(seconds)
        before = len(self.outputs)
        self.run(seconds)
        return all(out.standing for out in self.outputs[before - 1 :])


def motion(rig: Rig) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions (N, 3), velocities and angular velocities (N - 1, 3) of the poses that were sent, and times (N,).

    Of a robot that takes twists: its own positions, and the twists that were sent.
    """
    sent = [(t, out.command) for t, out in zip(rig.times, rig.outputs, strict=True) if out.command is not None]
    times = np.array([t for t, _ in sent])
    positions = np.array([c.position for _, c in sent])
    rotations = matrix_from_quat(np.array([c.quat_wxyz for _, c in sent]))
    if rig.config.measured_start:
        own = [p.position for p, out in zip(rig.poses, rig.outputs, strict=True) if out.command is not None]
        twists = [(c.linear, c.angular) for _, c in sent[1:]]
        return np.array(own), np.array([v for v, _ in twists]), np.array([w for _, w in twists]), times
    dt = np.diff(times)[:, None]
    turns = so3_log(rotations[1:] @ np.swapaxes(rotations[:-1], -1, -2))
    return positions, np.diff(positions, axis=0) / dt, turns / dt, times


def check_limits(rig: Rig, limits: MotionLimits) -> None:
    """Every promise about the motion, measured on the poses that were sent."""
    positions, linear, angular, times = motion(rig)
    assert np.isfinite(positions).all() and np.isfinite(linear).all() and np.isfinite(angular).all()
    assert np.linalg.norm(linear, axis=1).max() <= limits.linear + 1e-6
    assert np.linalg.norm(angular, axis=1).max() <= limits.rotational + 1e-5
    dt = np.diff(times)[1:]
    for speeds, most in ((linear, limits.linear_acceleration), (angular, limits.rotational_acceleration)):
        change = np.linalg.norm(np.diff(speeds, axis=0), axis=1)
        assert (change <= most * dt + 1e-5).all(), (change / dt).max()
    assert (positions >= np.array(limits.workspace_low) - 1e-9).all()
    assert (positions <= np.array(limits.workspace_high) + 1e-9).all()
