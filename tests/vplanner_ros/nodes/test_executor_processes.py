"""What happens to the robot when processes die, hang or are interrupted."""

from __future__ import annotations

import signal
import subprocess

import numpy as np
import pytest

from .bench import Bench

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="pip install 'vplanner[ros,dev-ros]'")

from vplanner_ros.executor_node import ExecutorNode  # noqa: E402

from .executor_rig import PLAIN, ExecutorRig  # noqa: E402


def moving_by(bench: Bench, rig: ExecutorRig) -> subprocess.Popen[str]:
    """A planner's process that moves the robot."""
    sender = bench.spawn("tests.vplanner_ros.nodes.chunk_sender")
    bench.until(lambda: rig.name == "NO_WARNING" and rig.speed > 0.01, "motion")
    return sender


def test_sigkill_and_sigstop_of_the_planner_stop_the_robot_and_its_return_moves_it(bench: Bench) -> None:
    rig = ExecutorRig(bench)
    bench.start(ExecutorNode, autostart=True, **PLAIN)
    rig.wait_for("WAITING")
    sender = moving_by(bench, rig)
    sender.send_signal(signal.SIGSTOP)
    rig.expect_stop("STALE_COMMAND")
    sender.send_signal(signal.SIGCONT)
    bench.until(lambda: rig.name == "NO_WARNING" and rig.speed > 0.01, "motion again")
    sender.kill()
    rig.expect_stop("STALE_COMMAND")
    sender.wait()
    rig.wait_for("WAITING")  # the dead planner's publisher is forgotten before it would count as a second one
    moving_by(bench, rig)


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT, signal.SIGINT]])
def test_an_interrupted_executor_brakes_before_it_leaves(bench: Bench, signals: list[signal.Signals]) -> None:
    rig = ExecutorRig(bench)
    executor = bench.spawn("vplanner_ros.executor_node", autostart=True, **PLAIN)
    rig.wait_for("WAITING")
    rig.set_moving()
    for number in signals:
        executor.send_signal(number)
    bench.until(lambda: executor.poll() is not None, "the end of the process")
    bench.run_for(0.2)
    stamps = np.array([stamp_s for stamp_s, _ in rig.heard])
    steps = np.linalg.norm(np.diff([position for _, position in rig.heard], axis=0), axis=1)
    assert steps[-1] == 0.0, "the last command stands"
    late_s = 0.1  # by so much a busy machine may stamp a command later than it was reckoned
    assert (steps <= 0.25 * (np.diff(stamps) + late_s)).all(), "and there was no leap on the way"
    assert executor.returncode in (0, 130)


def test_sigkill_of_the_executor_ends_its_commands_and_a_new_one_begins_where_the_robot_is(bench: Bench) -> None:
    rig = ExecutorRig(bench)
    first = bench.spawn("vplanner_ros.executor_node", autostart=True, **PLAIN)
    rig.wait_for("WAITING")
    rig.set_moving()
    first.kill()
    first.wait()
    bench.run_for(0.3)
    at = rig.position
    rig.heard.clear()
    bench.spawn("vplanner_ros.executor_node", autostart=True, **PLAIN)
    bench.until(lambda: bool(rig.heard), "commands of the new executor")
    np.testing.assert_allclose(rig.heard[0][1], at, atol=1e-9)
