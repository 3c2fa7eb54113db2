"""The action, where vplanner_interfaces is built (scripts/build-interfaces.sh)."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("rclpy", reason="pip install 'vplanner[ros,dev-ros]'")
pytest.importorskip("vplanner_interfaces", reason="scripts/build-interfaces.sh has not been run")
pytest.importorskip("mujoco")

from action_msgs.msg import GoalStatus
from rclpy.action import ActionClient

from vplanner_interfaces.action import ExecuteInstruction

from .bench import Bench
from .plant import Plant

pytestmark = pytest.mark.ros


class Client:
    """Gives goals to the planner and keeps what it hears of them."""

    def __init__(self, bench: Bench) -> None:
        self.plant = Plant(bench)
        self.bench = bench
        self._client = ActionClient(bench.probe, ExecuteInstruction, "execute_instruction")
        bench.until(self._client.server_is_ready, "the action is served")
        self.feedback: list[Any] = []

    def give(self, instruction: str) -> Any:
        self.feedback.clear()
        goal = ExecuteInstruction.Goal(instruction=instruction)
        future = self._client.send_goal_async(goal, lambda message: self.feedback.append(message.feedback))
        self.bench.until(future.done, "an answer to the goal")
        return future.result()

    def result(self, handle: Any) -> tuple[int, Any]:
        future = handle.get_result_async()
        self.bench.until(future.done, "the result")
        return future.result().status, future.result().result


@pytest.fixture(scope="module")
def running_client(shared_bench: Bench) -> Client:
    return Client(shared_bench)


@pytest.fixture
def client(running_client: Client) -> Client:
    running_client.plant.reset()
    return running_client


def test_a_goal_succeeds_with_feedback_and_result(client: Client) -> None:
    handle = client.give("press the orange button")
    assert handle.accepted
    status, result = client.result(handle)
    assert status == GoalStatus.STATUS_SUCCEEDED, result.reason
    assert result.success and result.ending == "success"
    assert (result.reached, result.planned) == (1, 1)
    assert result.steps > 4 and result.replans > 2 and result.seconds > 0.0
    assert {feedback.state for feedback in client.feedback} >= {"understanding", "running"}
    assert max(feedback.progress for feedback in client.feedback) > 0.9


def test_what_is_not_there_aborts_with_the_reason(client: Client) -> None:
    status, result = client.result(client.give("put the purple cube in the bowl"))
    assert status == GoalStatus.STATUS_ABORTED
    assert result.ending == "refused" and result.reason.startswith("refused: ")


def test_a_goal_can_be_cancelled(client: Client) -> None:
    handle = client.give("press the orange button")
    client.plant.moving()
    future = handle.cancel_goal_async()
    client.bench.until(future.done, "the cancellation is answered")
    status, result = client.result(handle)
    assert status == GoalStatus.STATUS_CANCELED
    assert result.reason == "interrupted: its client cancelled it"


def test_a_new_goal_aborts_the_old_one(client: Client) -> None:
    first = client.give("press the orange button")
    client.plant.moving()
    second = client.give("give the orange button a firm push")
    status, result = client.result(first)
    assert status == GoalStatus.STATUS_ABORTED
    assert result.reason == "interrupted: a new instruction came"
    assert client.result(second)[0] == GoalStatus.STATUS_SUCCEEDED


def test_goals_without_words_or_without_a_planner_are_rejected(client: Client) -> None:
    assert not client.give("  ").accepted
    client.plant.planner.trigger_deactivate()
    assert not client.give("press the orange button").accepted
    client.plant.planner.trigger_activate()
