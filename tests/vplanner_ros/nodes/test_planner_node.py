"""The planner with the shipped networks and a robot whose cameras fail in every way."""

from __future__ import annotations

import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="pip install 'vplanner[ros,dev-ros]'")
pytest.importorskip("mujoco")

from rclpy.parameter import Parameter
from sensor_msgs.msg import Image
from std_msgs.msg import String
from std_srvs.srv import Trigger

from vplanner.types import SubGoal
from vplanner_ros import messages, qos
from vplanner_ros.planner_node import PlannerNode

from .bench import Bench
from .plant import Plant

pytestmark = pytest.mark.ros


@pytest.fixture(scope="module")
def running_plant(shared_bench: Bench) -> Plant:
    return Plant(shared_bench)


@pytest.fixture
def plant(running_plant: Plant) -> Plant:
    running_plant.reset()
    return running_plant


def test_the_button_is_pressed(plant: Plant) -> None:
    frames = plant.bench.hear(Image, "imagined/front", qos.STATE)
    plant.instruct()
    status = plant.end()
    assert status["state"] == "success", status
    assert plant.succeeded
    assert status["steps"] > 4 and status["replans"] >= status["steps"] / 2
    assert status["progress"] > 0.9 and status["scores"]["total"] > 0.0
    assert frames and messages.image_of(frames[-1], "imagined").shape == (64, 64, 3)
    assert all(len(chunk.times_s) in (0, 2, 3) for chunk in plant.forwarder.chunks)
    plant.holding()


def test_what_is_not_there_is_refused_without_motion(plant: Plant) -> None:
    plant.instruct("put the purple cube in the bowl")
    status = plant.end()
    assert status["state"] == "refused"
    assert status["reason"].startswith("refused: ")
    assert all(len(chunk.times_s) == 0 for chunk in plant.forwarder.chunks)


def test_a_new_instruction_takes_the_place_of_the_old_one(plant: Plant) -> None:
    plant.instruct("press the orange button")
    plant.moving()
    plant.instruct("give the orange button a firm push")
    status = plant.end()
    assert status["instruction"] == "give the orange button a firm push"
    assert status["state"] == "success", status


def test_stopping_ends_in_holding(plant: Plant) -> None:
    plant.instruct()
    plant.moving()
    answer = plant.bench.call(Trigger, "stop", Trigger.Request())
    assert answer.success
    assert plant.end()["reason"] == "interrupted: it was asked to stop"
    plant.holding()
    sent = len(plant.forwarder.chunks)
    plant.bench.run_for(0.5)
    assert len(plant.forwarder.chunks) == sent
    assert not plant.bench.call(Trigger, "stop", Trigger.Request()).success


def test_stopped_while_it_still_plans_nothing_has_moved(plant: Plant) -> None:
    plant.instruct()
    assert plant.bench.call(Trigger, "stop", Trigger.Request()).success
    status = plant.end()
    assert status["reason"] == "interrupted: it was asked to stop"
    plant.holding()
    plant.instruct("give the orange button a firm push")
    plant.instruct("press the orange button")  # before the first one has moved anything
    status = plant.end()
    assert status["instruction"] == "press the orange button"
    assert status["state"] == "success", status


def silent(_: Image) -> None:
    return None


def late(message: Image) -> Image:
    message.header.stamp = messages.stamp_of(messages.seconds_of(message.header.stamp) - 30.0)
    return message


def small(message: Image) -> Image:
    pixels = messages.image_of(message, "camera")[::4, ::4]
    return messages.image_message(pixels, messages.seconds_of(message.header.stamp), message.header.frame_id)


def cut_off(message: Image) -> Image:
    message.data = message.data[:1000]
    return message


def grey(message: Image) -> Image:
    message.encoding = "mono8"
    return message


class Frozen:
    """Sends its first picture for ever, under stamps that go on."""

    def __init__(self) -> None:
        self._data: array.array[int] | None = None

    def __call__(self, message: Image) -> Image:
        self._data = message.data if self._data is None else self._data
        message.data = self._data
        return message


FAULTS: dict[str, tuple[Callable[[], Callable[[Image], Image | None]], str]] = {
    "silent": (lambda: silent, "camera 'side' is silent"),
    "late": (lambda: late, "camera 'side' is stale: its newest stamp is"),
    "small": (lambda: small, "camera 'side': picture is 32x32"),
    "cut off": (lambda: cut_off, "the picture is cut off"),
    "grey": (lambda: grey, "encoding 'mono8' is not read"),
}


def faults(*quick: str) -> list[Any]:
    """All of them, and "frozen"; those that are not named are slow."""
    every = [*FAULTS, "frozen"]
    return [fault if fault in quick else pytest.param(fault, marks=pytest.mark.slow) for fault in every]


@pytest.mark.parametrize("fault", faults("small")[:-1])
def test_a_camera_that_fails_before_the_start_means_no_chunk(plant: Plant, fault: str) -> None:
    make, reason = FAULTS[fault]
    plant.spoil["side"] = make()
    plant.bench.run_for(0.5)
    plant.instruct()
    status = plant.end()
    assert status["state"] == "failed"
    assert reason in status["reason"]
    assert all(len(chunk.times_s) == 0 for chunk in plant.forwarder.chunks)


@pytest.mark.parametrize("fault", faults("silent", "frozen"))
def test_a_camera_that_fails_on_the_way_ends_the_goal_and_the_robot_holds(plant: Plant, fault: str) -> None:
    make, reason = {**FAULTS, "frozen": (Frozen, "camera 'side' is frozen")}[fault]
    plant.instruct()
    plant.moving()
    plant.spoil["side"] = make()
    status = plant.end()
    assert status["state"] == "failed"
    assert reason in status["reason"]
    plant.holding()


def test_half_of_the_pictures_suffice(plant: Plant) -> None:
    count = iter(range(10**9))
    plant.spoil["side"] = lambda message: message if next(count) % 2 else None
    plant.instruct()
    status = plant.end()
    assert status["state"] == "success", status


def test_an_executor_that_cannot_follow_ends_the_goal_with_its_reason(plant: Plant) -> None:
    status = plant.bench.talk(String, "executor_node/status", qos.LATCHED)
    plant.instruct()
    plant.moving()
    status.publish(String(data='{"code": 15, "name": "EMERGENCY_STOP", "reason": "the red knob"}'))
    try:
        reason = plant.end()["reason"]
    finally:
        status.publish(String(data='{"code": 10, "name": "WAITING", "reason": "for a chunk"}'))
    assert reason == "SafetyError: executor: EMERGENCY_STOP: the red knob"
    plant.reset()
    plant.instruct()
    assert plant.end()["state"] == "success"
    plant.bench.probe.destroy_publisher(status)


def test_time_limits_are_those_of_the_loop(plant: Plant) -> None:
    plant.planner.set_parameters([Parameter("max_steps", value=2)])
    try:
        plant.instruct()
        status = plant.end()
    finally:
        plant.planner.set_parameters([Parameter("max_steps", value=80)])
    assert status["state"] == "out of time"
    assert status["steps"] == 2


def test_parameters_of_the_loop_hold_from_the_next_goal_on_and_are_judged_by_the_bundle(plant: Plant) -> None:
    planner = plant.planner
    (refused,) = planner.set_parameters([Parameter("execute_steps", value=9)])
    assert not refused.successful
    assert refused.reason == "parameter 'execute_steps' is 9; the bundle plans 4 steps"
    wanted = {"execute_steps": 3, "max_steps": 7, "rousings": 0}
    before = {name: planner.get_parameter(name) for name in wanted}
    try:
        results = planner.set_parameters([Parameter(name, value=value) for name, value in wanted.items()])
        assert all(result.successful for result in results)
        config = planner._loop(planner.values)._config
    finally:
        planner.set_parameters(list(before.values()))
    assert {name: getattr(config, name) for name in wanted} == wanted


def test_deactivated_it_stops_the_goal_and_activated_again_it_works(plant: Plant) -> None:
    plant.instruct()
    plant.moving()
    plant.planner.trigger_deactivate()
    plant.bench.until(lambda: plant.status["reason"] == "interrupted: the planner was deactivated", "it is called off")
    plant.planner.trigger_activate()
    plant.bench.until(lambda: plant.state == "idle", "it is ready again")
    plant.reset()
    plant.instruct()
    assert plant.end()["state"] == "success"


def test_a_bug_ends_the_goal_for_whoever_waits_for_it(
    plant: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    class Bug:
        def plan(self, *_: object) -> list[SubGoal]:
            raise ZeroDivisionError("nobody foresaw this")

    monkeypatch.setattr(plant.planner, "_prompter", Bug())
    monkeypatch.setattr(plant.planner._filming, "folder", tmp_path)
    plant.instruct()
    status = plant.end()
    assert (status["state"], status["reason"]) == ("failed", "ZeroDivisionError: nobody foresaw this")
    plant.bench.until(lambda: plant.planner._goals.present is None, "the planner is ready for the next one")
    assert plant.planner._filming._film is None
    assert "in plan" in capfd.readouterr().err  # where it happened


def test_without_an_executor_nothing_is_sent(plant: Plant) -> None:
    plant.bench.remove(plant.forwarder)
    plant.bench.until(lambda: plant.bench.probe.count_subscribers("chunk") == 0, "it is gone")
    plant.instruct()
    assert "nobody listens on 'chunk'; start executor_node" in plant.end()["reason"]


def test_a_start_that_makes_no_sense_is_refused_in_one_line(bench: Bench, capfd: pytest.CaptureFixture[str]) -> None:
    node = bench.start(PlannerNode, execute_steps=9)
    assert node.trigger_configure().name == "FAILURE"
    bench.run_for(0.1)
    assert "cannot configure: parameter 'execute_steps' is 9; the bundle plans 4 steps" in capfd.readouterr().err
