"""`lifecycle_manager`: brings nodes up one by one, and all of them down when one dies (the pattern of Nav2)."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from lifecycle_msgs.msg import State
from rclpy.node import Node
from std_srvs.srv import Trigger

from vplanner_ros.diagnostics import Health, HealthPublisher
from vplanner_ros.managed_client import LifecycleError, ManagedClient
from vplanner_ros.parameters import declare, parameter
from vplanner_ros.running import run


@dataclass(frozen=True, slots=True)
class ManagerParameters:
    """Parameters of `lifecycle_manager`, named as those of Nav2's."""

    node_names: tuple[str, ...] = parameter(
        ("sim_node", "prompter_node", "executor_node", "planner_node"), "Nodes in the order of starting.", fixed=True
    )
    autostart: bool = parameter(False, "Bring all nodes up at once, without being told to.", fixed=True)
    bond_timeout: float = parameter(
        4.0, "A node without a sign of life for so long is dead [s].", 0.2, 60.0, fixed=True
    )
    bond_heartbeat_period: float = parameter(0.5, "Time between two signs of life [s].", 0.05, 10.0, fixed=True)
    service_timeout: float = parameter(
        30.0, "Longest wait for a transition; networks open slowly [s].", 0.5, 600.0, fixed=True
    )
    attempt_respawn_reconnection: bool = parameter(
        True, "When a dead node comes back, bring all nodes up again.", fixed=True
    )
    bond_respawn_max_duration: float = parameter(
        10.0, "Wait so long for a dead node to come back [s].", 0.0, 600.0, fixed=True
    )

    def __post_init__(self) -> None:
        """Raise `ValueError` when there is nothing to manage, or a heartbeat could never be in time."""
        if not self.node_names:
            raise ValueError("parameter 'node_names' is empty; name the nodes to manage")
        if self.bond_timeout < 2.0 * self.bond_heartbeat_period:
            raise ValueError(
                f"parameter 'bond_timeout' is {self.bond_timeout:g}; it must be twice 'bond_heartbeat_period' or more"
            )


class LifecycleManager(Node):
    """Not a lifecycle node itself. All waiting is done in a thread, so that its services always answer."""

    def __init__(self, **kwargs: Any) -> None:
        """Offer the services; raises `InputError` for a parameter that cannot be used."""
        super().__init__("lifecycle_manager", **kwargs)
        self._values = declare(self, ManagerParameters)
        values = self._values
        self._members = [ManagedClient(self, n, values.service_timeout, time.monotonic) for n in values.node_names]
        self._orders: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._active = False
        self._problem = ""
        self._health_topic = HealthPublisher(self, self._health)
        for name, order in (
            ("startup", self._start_up),
            ("pause", self._pause),
            ("resume", self._resume),
            ("reset", self._take_down),
            ("shutdown", self._take_down),
        ):
            self.create_service(Trigger, f"~/{name}", self._service(order))
        self.create_service(Trigger, "~/is_active", self._is_active)
        self._thread = threading.Thread(target=self._work, name="managing", daemon=True)
        self._thread.start()
        if values.autostart:
            self._orders.put(self._start_up)

    @property
    def active(self) -> bool:
        """Whether all nodes are active, as far as is known."""
        return self._active

    def close(self) -> None:
        """Take no more orders. The nodes stay as they are: each ends by its own signal."""
        self._orders.put(None)
        self._thread.join(timeout=1.0)

    def _service(self, order: Callable[[], None]) -> Callable[[Any, Any], Any]:
        """A service that hands an order to the thread; `~/is_active` and diagnostics tell what became of it."""

        def serve(_: Any, response: Any) -> Any:
            self._orders.put(order)
            response.success, response.message = True, "begun; ~/is_active tells when it is done"
            return response

        return serve

    def _is_active(self, _: Any, response: Any) -> Any:
        response.success = self._active
        response.message = "active" if self._active else self._problem or "inactive"
        return response

    def _health(self) -> Health:
        message = "all nodes are active" if self._active else self._problem or "nodes are not active"
        return Health(self._active or not self._problem, message, {"nodes": ", ".join(self._values.node_names)})

    def _work(self) -> None:
        while True:
            try:
                order = self._orders.get(timeout=self._values.bond_heartbeat_period)
            except queue.Empty:
                self._watch()
                continue
            if order is None:
                return
            self._attempt(order)

    def _attempt(self, action: Callable[[], None]) -> bool:
        try:
            action()
        except LifecycleError as error:
            self._report(str(error))
            return False
        return True

    def _report(self, problem: str) -> None:
        self._problem = problem
        self.get_logger().error(problem)

    def _start_up(self) -> None:
        self._problem = ""
        try:
            for wanted in (State.PRIMARY_STATE_INACTIVE, State.PRIMARY_STATE_ACTIVE):
                for member in self._members:
                    if wanted == State.PRIMARY_STATE_INACTIVE and member.state() == State.PRIMARY_STATE_ACTIVE:
                        continue
                    member.bring_to(wanted)
        except LifecycleError:
            self._take_down()
            raise
        self._resumed()

    def _pause(self) -> None:
        self._active = False
        for member in reversed(self._members):
            member.bring_to(State.PRIMARY_STATE_INACTIVE)

    def _resume(self) -> None:
        for member in self._members:
            member.bring_to(State.PRIMARY_STATE_ACTIVE)
        self._resumed()

    def _resumed(self) -> None:
        for member in self._members:
            member.begin_watch()
        self._active = True
        self.get_logger().info("all nodes are active")

    def _take_down(self) -> None:
        """Bring every node that still answers back to the beginning, the last one first."""
        self._active = False
        for member in reversed(self._members):
            with suppress(LifecycleError):
                state = member.state(self._values.bond_timeout)
                if state == State.PRIMARY_STATE_ACTIVE:
                    member.bring_to(State.PRIMARY_STATE_INACTIVE)
                if state in (State.PRIMARY_STATE_ACTIVE, State.PRIMARY_STATE_INACTIVE):
                    member.bring_to(State.PRIMARY_STATE_UNCONFIGURED)

    def _watch(self) -> None:
        if not self._active:
            return
        for member in self._members:
            problem = member.watch(self._values.bond_timeout)
            if problem is None:
                continue
            self._report(f"{problem}; all nodes are brought down")
            self._take_down()
            if self._values.attempt_respawn_reconnection and self._await(member):
                self.get_logger().info(f"{member.name} is back; all nodes are brought up again")
                self._attempt(self._start_up)
            return

    def _await(self, member: ManagedClient) -> bool:
        """Whether a node answers again before it is given up."""
        end_s = time.monotonic() + self._values.bond_respawn_max_duration
        while time.monotonic() < end_s:
            with suppress(LifecycleError):
                member.state(self._values.bond_heartbeat_period)
                return True
        return False


def main(args: Sequence[str] | None = None) -> int:
    """Run the manager."""
    return run([LifecycleManager], args)


if __name__ == "__main__":
    raise SystemExit(main())
