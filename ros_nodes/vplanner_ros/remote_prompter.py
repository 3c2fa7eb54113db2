"""The prompter of another node, as the closed loop knows prompters: questions go out, answers come in by number."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable

from vplanner.errors import CalledOffError, InputError, PrompterError, PromptRefusedError
from vplanner.protocols import Clock
from vplanner.types import Observation, SubGoal
from vplanner_ros.texts import Reply, Request, reply_of

_LOOK_S = 0.2
_KEPT = 100  # sub-goals of earlier plans that may still be tracked, as many as prompter_node keeps


class RemotePrompter:
    """A `Prompter` that asks a `prompter_node`, which looks at the same cameras itself."""

    def __init__(
        self,
        ask: Callable[[str], None],
        listeners: Callable[[], int],
        timeout_s: float,
        wall_s: Clock = time.monotonic,
    ) -> None:
        """Send questions with `ask`; `listeners` counts who hears them; wait `timeout_s` [s] at most for an answer."""
        self._ask = ask
        self._listeners = listeners
        self._timeout_s = timeout_s
        self._wall_s = wall_s
        self._changed = threading.Condition()
        self._waiting_for = ""
        self._reply: Reply | None = None
        self._called_off: str | None = None
        self._handles: dict[int, tuple[SubGoal, int]] = {}  # by identity of the sub-goal, which is kept alive

    def take(self, text: str) -> None:
        """A reply came. Raises `InputError` when it cannot be read."""
        reply = reply_of(text)
        with self._changed:
            if reply.id == self._waiting_for:
                self._reply = reply
                self._changed.notify_all()

    def call_off(self, reason: str | None) -> None:
        """Whoever waits now, or will, gets `CalledOffError`; None takes it back."""
        with self._changed:
            self._called_off = reason
            self._changed.notify_all()

    def plan(self, observation: Observation, instruction: str) -> list[SubGoal]:
        """Sub-goals in order. Raises `PromptRefusedError` when nothing fits, `PrompterError` without an answer."""
        reply = self._request("plan", observation, instruction=instruction)
        sub_goals = reply.grounded()
        if not sub_goals or len(sub_goals) != len(reply.handles):
            raise PrompterError(f"prompter/reply: {len(sub_goals)} sub-goals with {len(reply.handles)} handles")
        # The loop understands one sub-goal of several anew, and tracks the others of the earlier plan afterwards.
        for forgotten in list(self._handles)[:-_KEPT]:
            del self._handles[forgotten]
        self._handles.update({id(goal): (goal, handle) for goal, handle in zip(sub_goals, reply.handles, strict=True)})
        return sub_goals

    def track(self, observation: Observation, sub_goal: SubGoal) -> SubGoal:
        """The sub-goal as it is seen now. Raises `PrompterError` without an answer."""
        if id(sub_goal) not in self._handles:
            raise InputError(f"cannot track '{sub_goal.text}'; it was not planned by this prompter")
        _, handle = self._handles[id(sub_goal)]
        reply = self._request("track", observation, handle=handle)
        grounded = reply.grounded()
        if len(grounded) != 1:
            raise PrompterError(f"prompter/reply: {len(grounded)} sub-goals for the one that is tracked")
        del self._handles[id(sub_goal)]
        self._handles[id(grounded[0])] = (grounded[0], handle)
        return grounded[0]

    def _request(self, kind: str, observation: Observation, instruction: str = "", handle: int = 0) -> Reply:
        request = Request.model_validate(
            {
                "id": uuid.uuid4().hex,
                "kind": kind,
                "not_before_s": observation.time_s,
                "instruction": instruction,
                "handle": handle,
            }
        )
        with self._changed:
            self._waiting_for, self._reply = request.id, None
        began_s = self._wall_s()
        self._await_listener(began_s)
        self._ask(request.model_dump_json())
        with self._changed:
            while self._reply is None:
                self._check()
                if self._wall_s() - began_s > self._timeout_s:
                    raise PrompterError(f"the prompter gave no answer within {self._timeout_s:g} s")
                if self._listeners() == 0:
                    raise PrompterError("the prompter went away: nobody listens on prompter/request")
                self._changed.wait(_LOOK_S)
            self._check()
            reply = self._reply
        if reply.refused is not None:
            raise PromptRefusedError(reply.refused)
        if reply.error is not None:
            raise PrompterError(reply.error)
        return reply

    def _await_listener(self, began_s: float) -> None:
        """Wait until a prompter is there, for a while: nodes find each other one after the other."""
        while self._listeners() == 0:
            with self._changed:
                self._check()
                if self._wall_s() - began_s > min(self._timeout_s, 5.0):
                    raise PrompterError("no prompter: nobody listens on prompter/request; start prompter_node")
                self._changed.wait(_LOOK_S)

    def _check(self) -> None:
        if self._called_off is not None:
            raise CalledOffError(self._called_off)
