"""A planner in a process of its own that sends chunks ten times a second, moving to and fro, until it is killed."""

from __future__ import annotations

import time

import numpy as np
import rclpy
from trajectory_msgs.msg import MultiDOFJointTrajectory

from vplanner_ros import messages, qos


def main() -> None:
    rclpy.init()
    node = rclpy.create_node("chunk_sender")
    publisher = node.create_publisher(MultiDOFJointTrajectory, "chunk", qos.COMMAND)
    k = np.arange(5)
    while True:
        at = time.time()
        phases = 2.0 * np.pi * (at + 0.1 * k) / 6.0
        positions = np.stack([0.5 + 0.08 * np.sin(phases), np.zeros(5), np.full(5, 0.3)], axis=1)
        quats = np.tile([0.0, 1.0, 0.0, 0.0], (5, 1))
        publisher.publish(messages.chunk_message(messages.PoseChunk(at, 0.1 * k, positions, quats, np.ones(5))))
        time.sleep(0.1)


if __name__ == "__main__":
    main()
