"""Instruction in, button pressed: every node together, in one process and in processes of their own."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

pytest.importorskip("rclpy", reason="pip install 'vplanner[ros,dev-ros]'")
pytest.importorskip("mujoco")

from geometry_msgs.msg import PoseArray, PoseStamped
from rosbags.rosbag2 import Reader
from sensor_msgs.msg import Image
from std_msgs.msg import Bool, String

from vplanner_ros import qos
from vplanner_ros.bag import TYPES

from .bench import Bench, told
from .plant import ENDINGS

pytestmark = pytest.mark.ros

PATIENCE_S = 900.0  # on a machine that is busy with other things
INSTRUCTION = "press the orange button"
TASK = "give the orange button a firm push"  # the words of the scene itself
SCENE = ("task:=press_button", "seed:=200000")
PATIENT = {"camera_timeout": 30.0, "state_timeout": 30.0, "max_age": 5.0}
NODES = ("sim_node", "prompter_node", "executor_node", "planner_node")


class Outside:
    """What a user sees of the whole."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._status = bench.hear(String, "planner_node/status", qos.LATCHED)
        self._executor = bench.hear(String, "executor_node/status", qos.LATCHED)
        self._succeeded = bench.hear(Bool, "sim_node/succeeded", qos.LATCHED)
        self._said = bench.hear(String, "sim_node/instruction", qos.LATCHED)

    @property
    def succeeded(self) -> bool:
        """Whether the simulator saw its own task done."""
        return bool(self._succeeded[-1].data)

    def instruct(self) -> dict[str, Any]:
        """Give the scene's own instruction; the planner's status at its end."""
        bench = self.bench
        bench.until(lambda: told(self._status).get("state") == "idle" and self._said, "all nodes are up")
        bench.until(lambda: told(self._executor).get("name") in ("WAITING", "NO_WARNING"), "the executor is ready")
        instruct = bench.talk(String, "instruction", qos.EVENT)
        instruct.publish(String(data=self._said[-1].data))
        bench.until(lambda: told(self._status)["state"] in ENDINGS, "the goal ends")
        return told(self._status)


def test_in_one_process(bench: Bench) -> None:
    from vplanner_ros.executor_node import ExecutorNode
    from vplanner_ros.planner_node import PlannerNode
    from vplanner_ros.prompter_node import PrompterNode
    from vplanner_ros.sim_node import SimNode

    outside = Outside(bench)
    bench.start(SimNode, autostart=True, task="press_button", seed=200_000, max_lead=0.1)
    bench.start(PrompterNode, autostart=True, use_sim_time=True, threads=1, **PATIENT)
    bench.start(ExecutorNode, autostart=True, use_sim_time=True)
    bench.start(PlannerNode, autostart=True, use_sim_time=True, threads=1, **PATIENT)
    ending = outside.instruct()
    assert ending["state"] == "success", ending
    bench.until(lambda: outside.succeeded, "the simulator saw it done, too")


@pytest.fixture(scope="module")
def launched(domain: int, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, Path]:
    """Exit status, output and folder of `vplanner launch` with an instruction; every node in a process of its own."""
    folder = tmp_path_factory.mktemp("runs")
    with Bench(domain) as bench:
        words = (f"instruction:={INSTRUCTION}", f"record_folder:={folder}", "real_time_factor:=0.5", *SCENE)
        process = bench.spawn("vplanner.cli", "launch", "plan_and_execute.launch.yaml", *words)
        try:
            output, _ = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:  # the launcher takes its nodes down
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=PATIENCE_S)
            pytest.fail(f"no end within {PATIENCE_S:g} s:\n{output}")
    return process.returncode, output, folder


@pytest.mark.slow
def test_a_launch_with_an_instruction_ends_well_and_tells_the_verdict(launched: tuple[int, str, Path]) -> None:
    status, output, _ = launched
    assert status == 0, output
    assert "Traceback" not in output and "has died" not in output, output
    assert "success: success probability" in output
    assert f"the simulator's task '{TASK}' is done" in output
    for name in (*NODES, "recorder_node", "lifecycle_manager", "instruct_node"):
        assert re.search(rf"{name}-\d has ended \(exit status 0\)", output), output


@pytest.mark.slow
def test_it_leaves_a_whole_bag_with_the_film_beside_it(launched: tuple[int, str, Path]) -> None:
    _, output, folder = launched
    (bag,) = folder.iterdir()
    with Reader(bag) as reader:
        count = {connection.topic: connection.msgcount for connection in reader.connections}
        steps = max(json.loads(message.data)["steps"] for message in texts(reader, "/planner_node/status"))
    for topic in ("/chunk", "/camera/front/color/image_raw", "/executor_node/pose_target_cmds", "/imagined/side"):
        assert count[topic] > 3, count
    with av.open(str(bag / "episode.mp4")) as film:
        pictures = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert steps > 4 and len(pictures) > steps, output
    last = pictures[steps]
    middle = last.shape[1] // 2
    for half in (last[80:300, 20 : middle - 20], last[80:300, middle + 20 : -20]):  # the camera and what was imagined
        assert half.std() > 10.0


def texts(reader: Reader, topic: str) -> Iterator[Any]:
    connections = [connection for connection in reader.connections if connection.topic == topic]
    for connection, _, data in reader.messages(connections=connections):
        yield TYPES.deserialize_cdr(data, connection.msgtype)


SHADOW = {
    "executor_node/pose_target_cmds": "shadow/pose_target_cmds",
    "gripper/command": "shadow/gripper_command",
}


@pytest.mark.slow
def test_in_shadow_mode_everything_is_shown_and_nothing_moves(bench: Bench) -> None:
    from vplanner_ros.executor_node import ExecutorNode
    from vplanner_ros.planner_node import PlannerNode
    from vplanner_ros.prompter_node import PrompterNode
    from vplanner_ros.sim_node import SimNode

    outside = Outside(bench)
    poses = bench.hear(PoseStamped, "current_pose", qos.STATE)
    commands = bench.hear(PoseStamped, "shadow/pose_target_cmds", qos.COMMAND)
    chunks = bench.hear(PoseArray, "chunk/poses", qos.STATE)
    imagined = bench.hear(Image, "imagined/front", qos.STATE)
    annotated = bench.hear(Image, "annotated/front", qos.LATCHED)
    bench.start(SimNode, autostart=True, task="press_button", seed=200_000)
    bench.start(PrompterNode, autostart=True, use_sim_time=True, threads=1, **PATIENT)
    bench.start(ExecutorNode, remap=SHADOW, autostart=True, use_sim_time=True)
    bench.start(PlannerNode, autostart=True, use_sim_time=True, threads=1, **PATIENT)
    ending = outside.instruct()
    assert ending["state"] != "success", ending
    assert not outside.succeeded
    assert chunks and imagined and annotated
    places = np.array([[p.pose.position.x, p.pose.position.y, p.pose.position.z] for p in poses])
    assert np.ptp(places, axis=0).max() < 0.005, "the arm stays where it is"
    wanted = np.array([[c.pose.position.x, c.pose.position.y, c.pose.position.z] for c in commands])
    assert np.ptp(wanted, axis=0).max() > 0.01, "and it is told where it would go"


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
