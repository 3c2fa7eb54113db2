"""The manager of lifecycles, with real nodes in processes of their own and here."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="pip install 'vplanner[ros,dev-ros]'")

from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.srv import GetState
from rclpy.lifecycle import LifecycleNode, TransitionCallbackReturn
from rclpy.parameter import Parameter
from std_srvs.srv import Trigger

from vplanner.errors import InputError
from vplanner_ros import qos
from vplanner_ros.lifecycle_manager import LifecycleManager

from .bench import Bench

pytestmark = pytest.mark.ros

QUICK = {"bond_timeout": 2.0, "bond_heartbeat_period": 0.2, "service_timeout": 20.0}


class Member(LifecycleNode):
    """Notes in which order everybody is brought up and down; may refuse to be activated."""

    def __init__(self, name: str, diary: list[str], **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.diary = diary
        self.willing = True

    def _note(self, what: str) -> TransitionCallbackReturn:
        self.diary.append(f"{self.get_name()} {what}")
        return TransitionCallbackReturn.SUCCESS

    def on_configure(self, state: Any) -> TransitionCallbackReturn:
        return self._note("configure")

    def on_activate(self, state: Any) -> TransitionCallbackReturn:
        return self._note("activate") if self.willing else TransitionCallbackReturn.FAILURE

    def on_deactivate(self, state: Any) -> TransitionCallbackReturn:
        return self._note("deactivate")

    def on_cleanup(self, state: Any) -> TransitionCallbackReturn:
        return self._note("clean up")


def members(bench: Bench, diary: list[str]) -> list[Member]:
    return [bench.add(Member(name, diary, context=bench.context)) for name in ("one", "two")]


def is_active(bench: Bench) -> Any:
    return bench.call(Trigger, "lifecycle_manager/is_active", Trigger.Request())


def order(bench: Bench, what: str) -> None:
    assert bench.call(Trigger, f"lifecycle_manager/{what}", Trigger.Request()).success


UP = ["one configure", "two configure", "one activate", "two activate"]
DOWN = ["two deactivate", "two clean up", "one deactivate", "one clean up"]


def test_up_in_order_and_down_the_other_way(bench: Bench) -> None:
    diary: list[str] = []
    members(bench, diary)
    bench.start(LifecycleManager, node_names=["one", "two"], **QUICK)
    assert not is_active(bench).success
    order(bench, "startup")
    bench.until(lambda: is_active(bench).success, "all are active")
    assert diary == UP
    order(bench, "pause")
    bench.until(lambda: not is_active(bench).success, "paused")
    order(bench, "resume")
    bench.until(lambda: is_active(bench).success, "resumed")
    order(bench, "shutdown")
    bench.until(lambda: len(diary) == 12, "all are down")
    assert diary == [*UP, "two deactivate", "one deactivate", "one activate", "two activate", *DOWN]


def test_one_that_refuses_takes_all_down_again(bench: Bench) -> None:
    diary: list[str] = []
    _one, two = members(bench, diary)
    two.willing = False
    bench.start(LifecycleManager, node_names=["one", "two"], autostart=True, **QUICK)
    bench.until(lambda: "one clean up" in diary, "one is taken down")
    assert diary == ["one configure", "two configure", "one activate", "two clean up", "one deactivate", "one clean up"]
    why = "two refused to become active; its log says why"
    bench.until(lambda: is_active(bench).message == why, "the reason is told")
    assert not is_active(bench).success


def test_one_that_leaves_by_itself_takes_all_down_and_up_again(bench: Bench) -> None:
    diary: list[str] = []
    one, _ = members(bench, diary)
    bench.start(LifecycleManager, node_names=["one", "two"], autostart=True, **QUICK)
    bench.until(lambda: is_active(bench).success, "all are active")
    one.trigger_deactivate()
    bench.until(lambda: len(diary) == 12, "all are up again")
    assert diary == [*UP, "one deactivate", "two deactivate", "two clean up", "one clean up", *UP]


def test_a_killed_node_takes_the_others_down_and_a_new_one_brings_all_up(bench: Bench, tmp_path: Path) -> None:
    killed = bench.spawn("vplanner_ros.recorder_node", cwd=tmp_path)
    diary: list[str] = []
    bench.add(Member("one", diary, context=bench.context))
    patient = {**QUICK, "bond_respawn_max_duration": 300.0}  # a new process takes its time on a busy machine
    manager = bench.start(LifecycleManager, node_names=["one", "recorder_node"], autostart=True, **patient)
    health = bench.hear(DiagnosticArray, "/diagnostics", qos.EVENT)
    bench.until(lambda: manager.active, "all are active")
    killed.send_signal(signal.SIGKILL)
    bench.until(lambda: "one clean up" in diary, "the other one is taken down")
    reasons = [status.message for array in health for status in array.status]
    bench.until(
        lambda: any("recorder_node gave no sign of life for 2 s" in s.message for a in health for s in a.status),
        f"diagnostics say why: {reasons}",
    )
    bench.spawn("vplanner_ros.recorder_node", cwd=tmp_path)
    bench.until(lambda: manager.active, "all are active again")
    state = bench.call(GetState, "recorder_node/get_state", GetState.Request()).current_state.label
    assert state == "active"


def test_an_absent_node_is_named(bench: Bench) -> None:
    bench.start(LifecycleManager, node_names=["nobody"], autostart=True, **{**QUICK, "service_timeout": 0.5})
    bench.until(
        lambda: is_active(bench).message.startswith("nobody is not there: no service nobody/get_state within 0.5 s"),
        "it is told",
    )


def test_heartbeats_that_could_never_be_in_time_are_refused(bench: Bench) -> None:
    overrides = [Parameter("bond_timeout", value=1.0), Parameter("bond_heartbeat_period", value=0.9)]
    with pytest.raises(InputError, match="'bond_timeout' is 1; it must be twice"):
        LifecycleManager(context=bench.context, parameter_overrides=overrides)
