"""What is known of the robot: measured pose and joints, how old they are, and how far it is from its command."""

from __future__ import annotations

import numpy as np

from vplanner.transforms import so3_log
from vplanner_ros.servo.config import ServoConfig
from vplanner_ros.servo.status import Code, Status
from vplanner_ros.servo.types import Array, TcpPose


class RobotWatch:
    """Keeps the newest feedback, with the moment [s] of the steady clock at which it came."""

    def __init__(self, config: ServoConfig, needs_joints: bool) -> None:
        """Nothing was measured yet; `needs_joints` says whether joints must be fresh too."""
        self._config = config
        self._needs_joints = needs_joints
        self.pose: TcpPose | None = None
        self.joints: Array | None = None
        self._pose_s = self._joints_s = -np.inf
        self._news = False

    def measured(self, pose: TcpPose, now: float) -> None:
        """The TCP is at `pose`. What is not finite is as good as no message."""
        if np.isfinite(pose.position).all() and np.isfinite(pose.R).all():
            self.pose, self._pose_s, self._news = pose, now, True

    def news(self) -> TcpPose | None:
        """The measured pose, if it came since this was asked last."""
        pose = self.pose if self._news else None
        self._news = False
        return pose

    def joints_measured(self, joints: Array, now: float) -> None:
        """The joints are at these angles [rad]. What is not finite is as good as no message."""
        if np.isfinite(joints).all():
            self.joints, self._joints_s = joints, now

    def stale(self, now: float) -> Status | None:
        """Why the robot's state is not known now, if it is not."""
        limit = self._config.timeouts.state_timeout
        topics = [("current_pose", self._pose_s)]
        if self._needs_joints:
            topics.append(("joint_states", self._joints_s))
        for topic, came in topics:
            if now - came > limit:
                age = "never came" if came == -np.inf else f"is {now - came:.2f} s old"
                return Status(Code.STALE_STATE, f"{topic} {age}; at most {limit} s is allowed")
        return None

    def distance(self, pose: TcpPose) -> tuple[float, float]:
        """How far [m], [rad] the robot is from `pose`; zero when it was never measured."""
        if self.pose is None:
            return 0.0, 0.0
        turn = so3_log(self.pose.R @ pose.R.T)
        return float(np.linalg.norm(self.pose.position - pose.position)), float(np.linalg.norm(turn))

    def not_following(self, pose: TcpPose) -> Status | None:
        """Why the robot cannot be said to follow the commanded `pose`, if so."""
        far, turned = self.distance(pose)
        limits = self._config.tolerances
        if far <= limits.following_m and turned <= limits.following_rad:
            return None
        reason = (
            f"the robot is {far:.3f} m and {turned:.2f} rad from its command, more than {limits.following_m:g} m or "
            f"{limits.following_rad:g} rad; is it blocked or stopped?"
        )
        return Status(Code.NOT_FOLLOWING, reason)
