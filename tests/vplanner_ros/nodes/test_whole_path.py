"""Instruction in, button pressed: every node together, in one process and in processes of their own."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("rclpy", reason="pip install 'vplanner[ros,dev-ros]'")
pytest.importorskip("mujoco")

from rosbags.rosbag2 import Reader
from std_msgs.msg import Bool, String

from vplanner_ros import qos

from .bench import Bench, told
from .plant import ENDINGS

pytestmark = pytest.mark.ros

NODES = ("sim_node", "prompter_node", "executor_node", "planner_node")


class Outside:
    """What a user sees of the whole."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._status = bench.hear(String, "planner_node/status", qos.LATCHED)
        self._executor = bench.hear(String, "executor_node/status", qos.LATCHED)
        self._succeeded = bench.hear(Bool, "sim_node/succeeded", qos.LATCHED)
        self._said = bench.hear(String, "sim_node/instruction", qos.LATCHED)

    def press(self) -> None:
        """Give the scene's own instruction and see it done."""
        bench = self.bench
        bench.until(lambda: told(self._status).get("state") == "idle" and self._said, "all nodes are up")
        bench.until(lambda: told(self._executor).get("name") in ("WAITING", "NO_WARNING"), "the executor is ready")
        instruct = bench.talk(String, "instruction", qos.EVENT)
        instruct.publish(String(data=self._said[-1].data))
        bench.until(lambda: told(self._status)["state"] in ENDINGS, "the goal ends")
        assert told(self._status)["state"] == "success", told(self._status)
        assert self._succeeded[-1].data, "the simulator saw it done, too"


def test_in_one_process(bench: Bench) -> None:
    from vplanner_ros.executor_node import ExecutorNode
    from vplanner_ros.planner_node import PlannerNode
    from vplanner_ros.prompter_node import PrompterNode
    from vplanner_ros.sim_node import SimNode

    outside = Outside(bench)
    bench.start(SimNode, autostart=True, task="press_button", seed=200_000)
    bench.start(PrompterNode, autostart=True, use_sim_time=True, threads=1)
    bench.start(ExecutorNode, autostart=True, use_sim_time=True)
    bench.start(PlannerNode, autostart=True, use_sim_time=True, threads=1)
    outside.press()


def test_in_processes_of_their_own_brought_up_by_the_manager_and_recorded(bench: Bench, tmp_path: Path) -> None:
    outside = Outside(bench)
    processes = [bench.spawn("vplanner_ros.sim_node", task="press_button", seed=200_000)]
    for name in NODES[1:]:
        threads = {} if name == "executor_node" else {"threads": 1}
        processes.append(bench.spawn(f"vplanner_ros.{name}", use_sim_time=True, **threads))
    processes.append(bench.spawn("vplanner_ros.recorder_node", use_sim_time=True, folder=str(tmp_path)))
    names = [*NODES, "recorder_node"]
    processes.append(bench.spawn("vplanner_ros.lifecycle_manager", node_names=names, autostart=True, bond_timeout=20.0))
    outside.press()
    for process in processes:
        process.send_signal(signal.SIGINT)
    for process in processes:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output
        assert "Traceback" not in output
    (bag,) = (path.parent for path in tmp_path.glob("*/metadata.yaml"))
    with Reader(bag) as reader:
        count = {connection.topic: connection.msgcount for connection in reader.connections}
    for topic in ("/chunk", "/camera/front/color/image_raw", "/executor_node/pose_target_cmds", "/imagined/side"):
        assert count[topic] > 3, count


def ends(process: subprocess.Popen[str], within_s: float = 60.0) -> int:
    process.communicate(timeout=within_s)
    return process.returncode


def test_a_second_ctrl_c_ends_a_process_that_hangs(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "stuck.py").write_text(
        "import sys, time\n"
        "from vplanner_ros.running import run\n"
        "from vplanner_ros.recorder_node import RecorderNode\n"
        "class Stuck(RecorderNode):\n"
        "    def close(self):\n"
        "        print('closing', flush=True)\n"
        "        time.sleep(600)\n"
        "sys.exit(run([Stuck]))\n"
    )
    process = bench.spawn("stuck", cwd=tmp_path)
    bench.until(lambda: bench.probe.count_publishers("/diagnostics") > 0, "it runs")
    process.send_signal(signal.SIGINT)
    assert process.stdout is not None
    assert process.stdout.readline() == "closing\n"
    process.send_signal(signal.SIGINT)
    assert ends(process) == 130


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["-p", "tick_s:=1"], "parameter 'tick_s' must be of the type of 0.02"),
        (["-p", "tick_s:=0.005"], "parameter 'tick_s' is 0.005; it must be a multiple of 0.004"),
        (["-p", "camera_rate:=1000.0"], "parameter 'camera_rate' cannot be used"),
        (["--params-file", "/no/such/file.yaml"], "/no/such/file.yaml"),
    ],
)
def test_a_bad_start_is_one_line_and_code_2(bench: Bench, arguments: list[str], complaint: str) -> None:
    process = bench.spawn("vplanner_ros.sim_node", "--ros-args", *arguments)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 2, output
    assert complaint in output
    assert "Traceback" not in output


def test_an_unknown_node_is_told_with_those_there_are(bench: Bench) -> None:
    process = bench.spawn("vplanner_ros.compose", "juggler_node")
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "name nodes out of: sim_node, prompter_node, planner_node" in output
