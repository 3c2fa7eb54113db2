"""Quality of service of every kind of topic, in one place."""

from __future__ import annotations

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy


def _profile(reliability: ReliabilityPolicy, durability: DurabilityPolicy, depth: int) -> QoSProfile:
    return QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=depth, reliability=reliability, durability=durability)


IMAGE = _profile(ReliabilityPolicy.RELIABLE, DurabilityPolicy.VOLATILE, 1)
"""Pictures: only the newest counts, and large messages need the repetition that best effort lacks."""

STATE = _profile(ReliabilityPolicy.RELIABLE, DurabilityPolicy.VOLATILE, 1)
"""Measured state: only the newest counts."""

COMMAND = _profile(ReliabilityPolicy.RELIABLE, DurabilityPolicy.VOLATILE, 1)
"""Commands to robot and executor: never one from before the reader was there, and only the newest."""

LATCHED = _profile(ReliabilityPolicy.RELIABLE, DurabilityPolicy.TRANSIENT_LOCAL, 1)
"""Status and configuration: whoever comes late gets the last one."""

EVENT = _profile(ReliabilityPolicy.RELIABLE, DurabilityPolicy.VOLATILE, 10)
"""Instructions, requests and replies: each one counts."""

CLOCK = _profile(ReliabilityPolicy.BEST_EFFORT, DurabilityPolicy.VOLATILE, 1)
"""Simulated time, as every ROS node subscribes to it."""

SENSOR = _profile(ReliabilityPolicy.BEST_EFFORT, DurabilityPolicy.VOLATILE, 1)
"""Cameras of real robots that offer best effort only."""
