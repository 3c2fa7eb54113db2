"""The least that an executor can be: interpolates chunks and sends poses, without any of the real one's safety."""

from __future__ import annotations

from typing import Any

import numpy as np
from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from std_msgs.msg import Float64
from trajectory_msgs.msg import MultiDOFJointTrajectory

from vplanner.transforms import matrix_from_quat, quat_from_matrix, so3_exp, so3_log
from vplanner_ros import messages, qos


class Forwarder(Node):
    """Commands the pose that a chunk has for now, 50 times a second."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("forwarder", **kwargs)
        self.chunks: list[messages.PoseChunk] = []
        self._poses = self.create_publisher(PoseStamped, "executor_node/pose_target_cmds", qos.COMMAND)
        self._gripper = self.create_publisher(Float64, "gripper/command", qos.COMMAND)
        self.create_subscription(
            MultiDOFJointTrajectory, "chunk", lambda m: self.chunks.append(messages.chunk_of(m)), qos.COMMAND
        )
        self.create_timer(0.02, self._send)

    def _send(self) -> None:
        if not self.chunks or not len(self.chunks[-1].times_s):
            return
        chunk = self.chunks[-1]
        now_s = self.get_clock().now().nanoseconds * 1e-9
        since = now_s - chunk.stamp_s
        index = int(np.clip(np.searchsorted(chunk.times_s, since, side="right"), 1, len(chunk.times_s) - 1))
        begin, end = chunk.times_s[index - 1 : index + 1]
        share = float(np.clip((since - begin) / (end - begin), 0.0, 1.0))
        position = (1.0 - share) * chunk.positions[index - 1] + share * chunk.positions[index]
        before, after = (matrix_from_quat(chunk.quats_wxyz[i]) for i in (index - 1, index))
        rotation = so3_exp(share * so3_log(after @ before.T)) @ before
        self._poses.publish(messages.pose_stamped(now_s, position, quat_from_matrix(rotation)))
        self._gripper.publish(Float64(data=float(chunk.openings[index])))
