"""One line of diagnostics per node and second, for want of a diagnostic updater among the wheels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import rclpy.clock
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from vplanner_ros import qos


@dataclass(frozen=True, slots=True)
class Health:
    """Whether all is well, one sentence, and figures by name."""

    well: bool
    message: str
    figures: Mapping[str, str]


class HealthPublisher:
    """Publishes a node's health on /diagnostics, by a clock that never stands still."""

    def __init__(self, node: Any, health: Callable[[], Health]) -> None:
        """Ask `health` once a second."""
        self._node = node
        self._health = health
        self._publisher = node.create_publisher(DiagnosticArray, "/diagnostics", qos.EVENT)
        steady = rclpy.clock.Clock(clock_type=rclpy.clock.ClockType.STEADY_TIME)
        node.create_timer(1.0, self._publish, clock=steady)

    def _publish(self) -> None:
        health = self._health()
        status = DiagnosticStatus(
            level=DiagnosticStatus.OK if health.well else DiagnosticStatus.ERROR,
            name=f"vplanner: {self._node.get_name()}",
            message=health.message,
            hardware_id=self._node.get_fully_qualified_name(),
            values=[KeyValue(key=key, value=value) for key, value in health.figures.items()],
        )
        message = DiagnosticArray(status=[status])
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(message)
