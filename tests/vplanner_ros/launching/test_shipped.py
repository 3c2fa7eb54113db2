"""The launch files that are shipped: the command line and parameters of every node, and files that nodes can read."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml

from vplanner_ros.launching.command import describe, find_launch_file
from vplanner_ros.launching.plan import ProcessPlan, processes
from vplanner_ros.launching.reading import read_plan
from vplanner_ros.launching.shown import declared_arguments

from .conftest import ENVIRONMENT

ROBOTS = ("sim", "panda_crisp", "ur5e_servo", "xarm_servo")


def plans(repository: Path, file: str, **arguments: str) -> dict[str, ProcessPlan]:
    steps = read_plan(repository / "launch" / file, arguments, ENVIRONMENT, Path("/params"))
    return {plan.name.rpartition("-")[0]: plan for plan in processes(steps)}


def ros_part(plan: ProcessPlan) -> list[str]:
    return list(plan.argv[plan.argv.index("--ros-args") :])


def inline(plan: ProcessPlan) -> dict[str, Any]:
    """Parameters from the launch file itself."""
    found: dict[str, Any] = {}
    for file in plan.files:
        for content in yaml.safe_load(file.text).values():
            found.update(content["ros__parameters"])
    return found


def test_simulation(repository: Path) -> None:
    nodes = plans(repository, "sim.launch.yaml", task="stack", seed="200003")
    config = repository / "ros_nodes" / "config" / "sim.yaml"
    assert list(nodes) == ["sim_node", "lifecycle_manager"]
    assert ros_part(nodes["sim_node"]) == [
        *("--ros-args", "-r", "__node:=sim_node", "--params-file", str(config)),
        *(f for i in range(1, 6) for f in ("--params-file", f"/params/launch_params_1_{i}.yaml")),
    ]
    scene = {"task": "stack", "seed": 200003, "instruction": "", "bundle": ""}
    assert inline(nodes["sim_node"]) == {**scene, "real_time_factor": 1.0}
    assert nodes["sim_node"].environment["MUJOCO_GL"] == "egl"
    assert nodes["sim_node"].on_exit_shutdown
    assert inline(nodes["lifecycle_manager"]) == {"node_names": ["sim_node"]}


def test_plan_and_execute_in_simulation(repository: Path) -> None:
    nodes = plans(repository, "plan_and_execute.launch.yaml", instruction="put it: there, $5", headless="false")
    assert list(nodes) == [
        *("sim_node", "prompter_node", "planner_node", "executor_node", "recorder_node"),
        *("lifecycle_manager", "instruct_node"),
    ]
    scene = {"task": "", "seed": -1, "instruction": "put it: there, $5", "bundle": ""}
    assert inline(nodes["sim_node"]) == {**scene, "real_time_factor": 1.0}
    assert inline(nodes["instruct_node"]) == {"instruction": "put it: there, $5"}
    assert nodes["instruct_node"].on_exit_shutdown
    assert nodes["sim_node"].environment["MUJOCO_GL"] == "glfw"
    assert inline(nodes["lifecycle_manager"]) == {
        "node_names": ["sim_node", "prompter_node", "executor_node", "planner_node"]
    }
    assert not [word for word in nodes["executor_node"].argv if word.startswith("executor_node/")]
    assert inline(nodes["prompter_node"])["prompter"] == "embedded"


def test_without_an_instruction_nothing_is_told(repository: Path) -> None:
    assert "instruct_node" not in plans(repository, "plan_and_execute.launch.yaml")


@pytest.mark.parametrize(
    ("robot", "remaps"),
    [
        ("panda_crisp", ["executor_node/pose_target_cmds:=target_pose"]),
        ("ur5e_servo", ["executor_node/delta_twist_cmds:=/servo_node/delta_twist_cmds"]),
        ("xarm_servo", ["executor_node/delta_twist_cmds:=/servo_node/delta_twist_cmds"]),
    ],
)
def test_real_robots_get_commands_only_when_told_to_execute(repository: Path, robot: str, remaps: list[str]) -> None:
    def mapped(execute: str) -> list[str]:
        nodes = plans(repository, "plan_and_execute.launch.yaml", robot=robot, execute=execute)
        assert "sim_node" not in nodes
        assert str(repository / "ros_nodes" / "config" / f"{robot}.yaml") in nodes["executor_node"].argv
        executor, recorder = (
            [word for word in nodes[name].argv if ":=" in word and not word.startswith("__")]
            for name in ("executor_node", "recorder_node")
        )
        assert recorder == executor  # or the commands would be in no bag
        return executor

    assert mapped("true") == remaps
    shadow = mapped("false")
    assert len(shadow) == 3
    assert all(word.partition(":=")[2].startswith("shadow/") for word in shadow)


@pytest.mark.parametrize("execute", ["true", "false"])
@pytest.mark.parametrize("robot", ROBOTS)
def test_only_the_executor_may_end_everything_on_a_robot(repository: Path, robot: str, execute: str) -> None:
    nodes = plans(repository, "plan_and_execute.launch.yaml", robot=robot, execute=execute, record="true")
    assert nodes["executor_node"].on_exit_shutdown and not nodes["executor_node"].respawn
    assert nodes["planner_node"].respawn and not nodes["planner_node"].on_exit_shutdown
    assert inline(nodes["recorder_node"]) == {"folder": "runs", "autostart": True}


def test_all_arguments_are_described(repository: Path) -> None:
    for file in sorted((repository / "launch").glob("*.launch.yaml")):
        arguments = declared_arguments(file, ENVIRONMENT)
        assert arguments
        text = describe(arguments)
        for argument in arguments:
            assert argument.description and argument.name in text


def test_own_files_are_found_by_name(repository: Path) -> None:
    found = find_launch_file("sim.launch.yaml")
    assert found.read_text() == (repository / "launch" / "sim.launch.yaml").read_text()


def declared_parameters(repository: Path) -> dict[str, set[str]]:
    """Parameters of every node, read from the sources, so that no ROS is needed."""
    folder = repository / "ros_nodes" / "vplanner_ros"
    classes: dict[str, tuple[list[str], set[str]]] = {}
    for file in folder.glob("*.py"):
        for item in ast.walk(ast.parse(file.read_text())):
            if isinstance(item, ast.ClassDef) and item.name.endswith("Parameters"):
                names = {_ros_name(field) for field in item.body if isinstance(field, ast.AnnAssign)}
                classes[item.name] = ([base.id for base in item.bases if isinstance(base, ast.Name)], names)

    def collect(name: str) -> set[str]:
        bases, names = classes[name]
        return names.union(*(collect(base) for base in bases if base in classes))

    nodes = {"lifecycle_manager": "ManagerParameters"}
    nodes |= {f"{name}_node": f"{name.title()}Parameters" for name in ("sim", "prompter", "planner", "executor")}
    nodes |= {f"{name}_node": f"{name.title()}Parameters" for name in ("recorder", "instruct")}
    return {node: collect(name) | {"use_sim_time"} for node, name in nodes.items()}


def _ros_name(field: ast.AnnAssign) -> str:
    """The last string of the call is its `name` where it looks like one."""
    assert isinstance(field.target, ast.Name)
    call = field.value
    if isinstance(call, ast.Call):
        texts = [keyword.value for keyword in call.keywords if keyword.arg == "name"] or list(call.args[-1:])
        for text in texts:
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and _is_dotted(text.value):
                return text.value
    return field.target.id


def _is_dotted(text: str) -> bool:
    return "." in text and all(part.isidentifier() for part in text.split("."))


@pytest.mark.parametrize("robot", ROBOTS)
def test_configurations_set_only_parameters_that_there_are(repository: Path, robot: str) -> None:
    known = declared_parameters(repository)
    text = (repository / "ros_nodes" / "config" / f"{robot}.yaml").read_text()
    events = list(yaml.parse(text))
    assert not any(isinstance(event, yaml.AliasEvent) for event in events)  # rcl reads no aliases
    for key, content in yaml.safe_load(text).items():
        node = key.removeprefix("/**/")
        unknown = set(content["ros__parameters"]) - known[node]
        assert not unknown, (key, unknown)
        for name, value in content["ros__parameters"].items():
            kinds = {type(item) for item in value} if isinstance(value, list) else {type(value)}
            assert len(kinds) == 1, (key, name)


@pytest.mark.parametrize("robot", ROBOTS)
def test_launch_files_set_only_parameters_that_there_are(repository: Path, robot: str) -> None:
    known = declared_parameters(repository)
    nodes = plans(repository, "plan_and_execute.launch.yaml", robot=robot, record="true", instruction="a")
    for name, plan in nodes.items():
        assert set(inline(plan)) <= known[name], name


def test_robots_that_were_not_tried_say_so(repository: Path) -> None:
    for robot in itertools.filterfalse(lambda name: name == "sim", ROBOTS):
        assert "NOT TRIED ON HARDWARE" in (repository / "ros_nodes" / "config" / f"{robot}.yaml").read_text()


@pytest.mark.parametrize("robot", ROBOTS)
def test_only_in_simulation_a_hand_is_roused_unless_asked_for(repository: Path, robot: str) -> None:
    content = yaml.safe_load((repository / "ros_nodes" / "config" / f"{robot}.yaml").read_text())
    assert content["/**/planner_node"]["ros__parameters"].get("rousings") == (None if robot == "sim" else 0)


def test_files_for_real_ros_are_python(repository: Path) -> None:
    for file in (repository / "launch").glob("*.launch.py"):
        tree = ast.parse(file.read_text())
        names = [item.name for item in tree.body if isinstance(item, ast.FunctionDef)]
        assert "generate_launch_description" in names
