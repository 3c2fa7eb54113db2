"""What every node shares: parameters from a dataclass, lifecycle with one-line errors, autostart, diagnostics."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import rclpy.clock
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from vplanner.errors import VPlannerError
from vplanner_ros.diagnostics import Health, HealthPublisher
from vplanner_ros.parameters import current, declare, parameter


@dataclass(frozen=True, slots=True)
class NodeParameters:
    """Parameters of every node."""

    autostart: bool = parameter(
        False, "Configure and activate without being told to, where no lifecycle manager does it.", fixed=True
    )


P = TypeVar("P", bound=NodeParameters)


class ManagedNode(LifecycleNode, Generic[P]):
    """A lifecycle node whose parts are made in `on_setup`, run from `on_begin` to `on_end`, and go in `on_teardown`.

    What these four raise on purpose is logged as one line and refuses the transition.
    """

    def __init__(self, name: str, parameters: type[P], **kwargs: Any) -> None:
        """Declare the parameters; `kwargs` go to rclpy. Raises `InputError` for a parameter that cannot be used."""
        super().__init__(name, **kwargs)
        self._parameter_class = parameters
        try:
            self.started_with = declare(self, parameters)
        except VPlannerError:
            self.destroy_node()
            raise
        self._running = threading.Event()
        self._steady = rclpy.clock.Clock(clock_type=rclpy.clock.ClockType.STEADY_TIME)
        self._health = HealthPublisher(self, self.health)
        if self.started_with.autostart:
            self._autostart = self.create_timer(0.0, self._start_alone, clock=self._steady)

    @property
    def values(self) -> P:
        """The parameters as they are now."""
        return current(self, self._parameter_class)

    @property
    def running(self) -> bool:
        """Whether the node is active."""
        return self._running.is_set()

    def now_s(self) -> float:
        """The node's clock [s]: simulated time with `use_sim_time`."""
        return float(self.get_clock().now().nanoseconds) * 1e-9

    def on_setup(self) -> None:
        """Make publishers, subscriptions, networks."""

    def on_begin(self) -> None:
        """Start to work."""

    def on_end(self) -> None:
        """Stop working; called before `on_teardown` and when the process ends, and may be called twice."""

    def on_teardown(self) -> None:
        """Give back what `on_setup` made."""

    def health(self) -> Health:
        """What to tell in diagnostics."""
        return Health(True, "active" if self.running else "inactive", {})

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle transition."""
        return self._attempt("configure", self.on_setup)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle transition."""
        result = self._attempt("activate", self.on_begin)
        if result is TransitionCallbackReturn.SUCCESS:
            self._running.set()
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle transition."""
        self._running.clear()
        return self._attempt("deactivate", self.on_end)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle transition."""
        return self._attempt("clean up", self.on_teardown)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle transition."""
        return self._attempt("shut down", self.close)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """After an error that nobody foresaw: give everything back, so that the node can be configured again."""
        return self._attempt("recover", self.close)

    def close(self) -> None:
        """End work and give everything back, whatever the state; for the end of the process."""
        self._running.clear()
        self.on_end()
        self.on_teardown()

    def _attempt(self, what: str, action: Callable[[], None]) -> TransitionCallbackReturn:
        try:
            action()
        except VPlannerError as error:
            self.get_logger().error(f"cannot {what}: {error}")
            return TransitionCallbackReturn.FAILURE
        except Exception as error:
            self.get_logger().error(f"cannot {what}: {type(error).__name__}: {error}")
            raise
        return TransitionCallbackReturn.SUCCESS

    def _start_alone(self) -> None:
        self._autostart.cancel()
        if self.trigger_configure() is TransitionCallbackReturn.SUCCESS:
            self.trigger_activate()
