"""What goes with the executor: the benchmark of its stream, and the adapter for grippers with an action."""

from __future__ import annotations

import importlib.util

import pytest

from .bench import Bench

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="pip install 'vplanner[ros,dev-ros]'")

from vplanner.cli import main  # noqa: E402
from vplanner_ros.gripper_adapter import GripperAdapter, next_goal  # noqa: E402


def test_the_benchmark_starts_an_executor_and_measures_it(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    file = tmp_path / "ros.json"
    assert main(["bench", "ros", "--chunks", "2", "--json", str(file)]) == 0
    report = json.loads(file.read_text())
    assert report["chunks"] == 2
    assert report["commands"] > 10
    for name in ("sent_ms", "received_ms", "latency_ms"):
        assert 0.0 < report[name]["p50"] <= report[name]["p99"] <= report[name]["most"]
    assert "from a chunk to the first command" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("opening", "last", "goal"),
    [
        (0.4, None, 0.4), (0.41, 0.4, None), (0.5, 0.4, 0.5), (1.0, 0.99, 1.0), (1.0, 1.0, None), (-3.0, 0.5, 0.0),
        (float("nan"), 0.5, None), (float("inf"), 0.5, None),
    ],
)  # fmt: skip
def test_a_gripper_gets_a_goal_only_when_the_opening_changes(
    opening: float, last: float | None, goal: float | None
) -> None:
    assert next_goal(opening, last, 0.02) == goal


@pytest.mark.skipif(importlib.util.find_spec("control_msgs") is not None, reason="control_msgs is installed")
def test_without_control_msgs_the_adapter_says_what_to_install(bench: Bench, capfd: pytest.CaptureFixture[str]) -> None:
    adapter = bench.start(GripperAdapter)
    adapter.trigger_configure()
    assert "control_msgs is not installed; apt install" in capfd.readouterr().err
