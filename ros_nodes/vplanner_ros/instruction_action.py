"""The action `execute_instruction`, where vplanner_interfaces is built; `planner_node` does without it otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.task import Future

from vplanner.loop import Outcome
from vplanner_ros.goals import Goal, GoalRunner
from vplanner_ros.texts import PlannerStatus

try:
    from vplanner_interfaces.action import ExecuteInstruction
except ImportError:
    ExecuteInstruction = None

SERVED = ExecuteInstruction is not None
"""Whether the action can be served."""


class InstructionAction:
    """Goals of action clients become goals of the planner."""

    def __init__(self, node: Any, goals: Callable[[], GoalRunner | None]) -> None:
        """Serve the action; `goals` gives None while the planner is not active, and goals are rejected then."""
        self._node = node
        self._goals = goals
        self._running: dict[Goal, ServerGoalHandle] = {}
        self._goal_of: dict[bytes, Goal] = {}
        self._server = ActionServer(
            node,
            ExecuteInstruction,
            "execute_instruction",
            execute_callback=self._execute,
            goal_callback=self._judge,
            cancel_callback=self._cancel,
        )

    def close(self) -> None:
        """Serve no more."""
        self._server.destroy()

    def tell(self, goal: Goal | None, status: PlannerStatus) -> None:
        """Send feedback to whoever gave `goal`."""
        handle = None if goal is None else self._running.get(goal)
        if handle is not None and handle.is_active:
            handle.publish_feedback(
                ExecuteInstruction.Feedback(
                    state=status.state,
                    sub_goal=status.sub_goal,
                    reached=status.reached,
                    planned=status.planned,
                    steps=status.steps,
                    replans=status.replans,
                    progress=status.progress,
                )
            )

    def _judge(self, request: Any) -> GoalResponse:
        if self._goals() is None or not request.instruction.strip():
            why = "the planner is not active" if self._goals() is None else "it has no words"
            self._node.get_logger().warning(f"instruction '{request.instruction}' is rejected: {why}")
            return GoalResponse.REJECT
        return GoalResponse.ACCEPT

    def _cancel(self, handle: ServerGoalHandle) -> CancelResponse:
        goals, goal = self._goals(), self._goal_of.get(bytes(handle.goal_id.uuid))
        if goals is not None and goal is not None:
            goals.cancel("its client cancelled it", goal)
        return CancelResponse.ACCEPT

    async def _execute(self, handle: ServerGoalHandle) -> Any:
        goals = self._goals()
        if goals is None:
            handle.abort()
            return ExecuteInstruction.Result(ending="failed", reason="the planner was deactivated")
        done: Future = Future(executor=self._node.executor)
        goal = goals.submit(handle.request.instruction.strip(), done.set_result)
        key = bytes(handle.goal_id.uuid)
        self._running[goal], self._goal_of[key] = handle, goal
        outcome: Outcome = await done
        del self._running[goal], self._goal_of[key]
        if outcome.success:
            handle.succeed()
        elif handle.is_cancel_requested:
            handle.canceled()
        else:
            handle.abort()
        return ExecuteInstruction.Result(
            success=outcome.success,
            ending=outcome.ending.value,
            reason=outcome.reason,
            reached=outcome.reached,
            planned=outcome.planned,
            steps=outcome.steps,
            replans=outcome.replans,
            seconds=outcome.seconds,
        )
