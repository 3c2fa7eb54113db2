"""Speaks with the lifecycle services of one node, from a thread that may wait."""

from __future__ import annotations

import threading
from typing import Any

from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState

from vplanner.errors import VPlannerError
from vplanner.protocols import Clock

_WAYS = {
    State.PRIMARY_STATE_UNCONFIGURED: {State.PRIMARY_STATE_INACTIVE: Transition.TRANSITION_CONFIGURE},
    State.PRIMARY_STATE_INACTIVE: {
        State.PRIMARY_STATE_ACTIVE: Transition.TRANSITION_ACTIVATE,
        State.PRIMARY_STATE_UNCONFIGURED: Transition.TRANSITION_CLEANUP,
    },
    State.PRIMARY_STATE_ACTIVE: {State.PRIMARY_STATE_INACTIVE: Transition.TRANSITION_DEACTIVATE},
}
_NAMES = {
    State.PRIMARY_STATE_UNCONFIGURED: "unconfigured",
    State.PRIMARY_STATE_INACTIVE: "inactive",
    State.PRIMARY_STATE_ACTIVE: "active",
    State.PRIMARY_STATE_FINALIZED: "finalized",
}


class LifecycleError(VPlannerError):
    """A node does not answer, or refuses a transition."""


class ManagedClient:
    """One managed node."""

    def __init__(self, node: Any, name: str, timeout_s: float, wall_s: Clock) -> None:
        """Clients of `node` for the node called `name`; calls wait `timeout_s` [s] at most."""
        self.name = name
        self._timeout_s = timeout_s
        self._wall_s = wall_s
        self._get = node.create_client(GetState, f"{name}/get_state")
        self._change = node.create_client(ChangeState, f"{name}/change_state")
        self._asked: tuple[float, Any] | None = None
        self._heard_s = wall_s()

    def state(self, timeout_s: float | None = None) -> int:
        """Id of the present state. Raises `LifecycleError` without an answer."""
        answer = self._call(self._get, GetState.Request(), self._timeout_s if timeout_s is None else timeout_s)
        return int(answer.current_state.id)

    def bring_to(self, wanted: int) -> None:
        """Go to a neighbouring state, or stay there. Raises `LifecycleError` when that fails."""
        present = self.state()
        if present == wanted:
            return
        transition = _WAYS.get(present, {}).get(wanted)
        if transition is None:
            raise LifecycleError(f"{self.name} is {_name(present)} and cannot become {_name(wanted)} from there")
        request = ChangeState.Request(transition=Transition(id=transition))
        if not self._call(self._change, request, self._timeout_s).success:
            raise LifecycleError(f"{self.name} refused to become {_name(wanted)}; its log says why")

    def begin_watch(self) -> None:
        """Count silence from now on."""
        self._asked, self._heard_s = None, self._wall_s()

    def watch(self, silence_s: float) -> str | None:
        """Ask for a sign of life without waiting; returns what is wrong: silent for `silence_s` [s], or not active."""
        if self._asked is not None and self._asked[1].done():
            answer = self._asked[1].result()
            self._asked, self._heard_s = None, self._wall_s()
            if answer is not None and answer.current_state.id != State.PRIMARY_STATE_ACTIVE:
                return f"{self.name} became {_name(int(answer.current_state.id))}"
        elif self._wall_s() - self._heard_s > silence_s:
            return f"{self.name} gave no sign of life for {silence_s:g} s"
        if self._asked is None and self._get.service_is_ready():
            self._asked = (self._wall_s(), self._get.call_async(GetState.Request()))
        return None

    def _call(self, client: Any, request: Any, timeout_s: float) -> Any:
        if not client.wait_for_service(timeout_sec=timeout_s):
            raise LifecycleError(f"{self.name} is not there: no service {client.srv_name} within {timeout_s:g} s")
        answered = threading.Event()
        future = client.call_async(request)
        future.add_done_callback(lambda _: answered.set())
        if not answered.wait(timeout_s):
            client.remove_pending_request(future)
            raise LifecycleError(f"{self.name} did not answer on {client.srv_name} within {timeout_s:g} s")
        return future.result()


def _name(state: int) -> str:
    return _NAMES.get(state, f"in transition ({state})")
