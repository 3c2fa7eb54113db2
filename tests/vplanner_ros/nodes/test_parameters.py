"""Dataclasses as parameters of a node."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="pip install 'vplanner[ros,dev-ros]'")

import rclpy
from rclpy.parameter import Parameter

from vplanner.errors import InputError
from vplanner_ros.lifecycle_manager import ManagerParameters
from vplanner_ros.parameters import current, declare, name_of, parameter
from vplanner_ros.planner_node import PlannerParameters
from vplanner_ros.prompter_node import PrompterParameters
from vplanner_ros.recorder_node import RecorderParameters
from vplanner_ros.sim_node import SimParameters

from .bench import Bench

pytestmark = pytest.mark.ros


@dataclass(frozen=True, slots=True)
class Example:
    speed: float = parameter(0.4, "Largest speed [m/s].", 0.0, 1.0, name="scale.linear")
    count: int = parameter(3, "How many.", 1, 5)
    mode: str = parameter("pose", "What is sent.", choices=("pose", "twist"))
    names: tuple[str, ...] = parameter((), "Names.")
    fast: bool = parameter(False, "Whether it hurries.", fixed=True)

    def __post_init__(self) -> None:
        if self.count == 5 and self.mode == "twist":
            raise ValueError("count 5 does not go with twist")


def make_node(bench: Bench, **values: Any) -> Any:
    overrides = [Parameter(name.replace("__", "."), value=value) for name, value in values.items()]
    return bench.add(rclpy.create_node("example", context=bench.context, parameter_overrides=overrides))


def test_defaults_and_overrides_reach_the_dataclass(bench: Bench) -> None:
    node = make_node(bench, scale__linear=0.25, names=["a", "b"])
    assert declare(node, Example) == Example(speed=0.25, names=("a", "b"))


def test_no_names_stay_no_names(bench: Bench) -> None:
    assert declare(make_node(bench), Example).names == ()


def test_changes_are_seen_and_checked(bench: Bench) -> None:
    node = make_node(bench)
    declare(node, Example)

    def attempt(name: str, value: Any) -> str:
        (result,) = node.set_parameters([Parameter(name, value=value)])
        return "" if result.successful else str(result.reason)

    assert attempt("scale.linear", 0.9) == ""
    assert current(node, Example).speed == 0.9
    assert attempt("scale.linear", 1.1) != ""
    assert attempt("count", 6) != ""
    assert "must be one of: pose, twist" in attempt("mode", "joint")
    assert "read-only" in attempt("fast", True)
    assert attempt("mode", "twist") == ""
    assert attempt("count", 5) == "count 5 does not go with twist"
    assert current(node, Example) == Example(speed=0.9, mode="twist")


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("scale__linear", 1, "must be of the type of 0.4"),
        ("scale__linear", 7.0, "cannot be used"),
        ("mode", "joint", "'mode' is 'joint'; it must be one of: pose, twist"),
    ],
)
def test_a_bad_start_is_told_in_one_line(bench: Bench, name: str, value: Any, complaint: str) -> None:
    node = make_node(bench, **{name: value})
    with pytest.raises(InputError, match=complaint) as caught:
        declare(node, Example)
    assert name.replace("__", ".") in str(caught.value)


@pytest.mark.parametrize(
    "cls", [ManagerParameters, PlannerParameters, PrompterParameters, RecorderParameters, SimParameters]
)
def test_every_parameter_of_every_node_is_described(bench: Bench, cls: Any) -> None:
    node = make_node(bench)
    values = declare(node, cls)
    for item in fields(cls):
        descriptor = node.describe_parameter(name_of(item))
        assert descriptor.description.endswith(".")
        if isinstance(getattr(values, item.name), (int, float)) and not isinstance(getattr(values, item.name), bool):
            assert descriptor.floating_point_range or descriptor.integer_range, f"{item.name} has no range"
