"""What a launch file means: settings, scopes, substitutions, command lines; and every mistake has file and line."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from vplanner.errors import InputError
from vplanner_ros.launching.packages import PackageIndex
from vplanner_ros.launching.plan import LogPlan, ShutdownPlan, TimerPlan
from vplanner_ros.launching.reading import read_plan
from vplanner_ros.launching.schema import ACTIONS, SUBSTITUTIONS
from vplanner_ros.launching.scope import Scope
from vplanner_ros.launching.templates import parse_template, split_command, write

from .conftest import ENVIRONMENT, Files


def said(files: Files, text: str, **arguments: str) -> list[str]:
    return [step.message for step in files.steps(text, **arguments) if isinstance(step, LogPlan)]


def scope(**variables: str) -> Scope:
    return Scope(Path("/where/it.launch.yaml"), PackageIndex(()), {"HOME": "/home/me"}, variables)


NODE = "{pkg: vplanner, exec: vplanner"  # the one executable that is sure to be there; nothing runs it here


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain $ text", "plain $ text"),
        ("$(var a)-$(var a)", "1-1"),
        ("$(var none fallback)", "fallback"),
        ("$(var none '')", ""),
        ("$(env HOME)/x", "/home/me/x"),
        ("$(env NONE 'two words')", "two words"),
        ("$(var $(var name))", "1"),
        ("$(dirname)/b", "/where/b"),
        ("$(filename)", "/where/it.launch.yaml"),
        (r"\$(var a)", "$(var a)"),
        ("$(equals 1.0 1.00)", "true"),
        ("$(equals True 1)", "true"),
        ("$(equals a A)", "false"),
        ("$(equals '' $(var empty))", "true"),
        ("$(not-equals sim real)", "true"),
        ("$(not $(equals a b))", "true"),
        ("$(and true 1)", "true"),
        ("$(or false $(not true))", "false"),
        ("$(equals 'put it' \"put it\")", "true"),
    ],
)
def test_substitutions(text: str, expected: str) -> None:
    assert scope(a="1", name="a", empty="").text(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("$(var missing)", "no variable 'missing'"),
        ("$(env MISSING)", "no environment variable 'MISSING'"),
        ("$(eval '1+1')", "unknown substitution `\\$\\(eval"),
        ("$(var)", "takes 1 to 2"),
        ("$(not a b)", "takes 1"),
        ("$(not maybe)", "'maybe' is not a truth value"),
        ("$(var a", "no `\\)` closes"),
        ("$(var 'a)", "quote is not closed"),
        ("$(var  a)", "an argument is empty"),
        ("$(find-pkg-share no_such_package)", "no package 'no_such_package'"),
    ],
)
def test_bad_substitutions_say_why(text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        scope(a="1").text(text)


@given(st.text(alphabet="abc $()'\"\\\n", max_size=12))
def test_escaping_every_character_gives_the_text_back(text: str) -> None:
    escaped = "".join("\\" + character for character in text)
    assert write(parse_template(escaped), lambda call: pytest.fail(call.name)) == text


@given(st.lists(st.text(max_size=8), max_size=5))
def test_what_is_substituted_stays_one_argument(values: list[str]) -> None:
    variables = {f"v{index}": value for index, value in enumerate(values)}
    template = parse_template(" ".join(f"$(var v{index})" for index in range(len(values))))
    assert split_command(template, scope(**variables).perform) == values


def test_words_split_and_join_with_substitutions() -> None:
    template = parse_template("--file=$(var a).txt 'two words' $(var b) -c")
    assert split_command(template, scope(a="x y", b="").perform) == ["--file=x y.txt", "two words", "", "-c"]


def test_arguments_defaults_and_choices(files: Files) -> None:
    text = """
launch:
  - arg: {name: robot, default: sim, choice: [{value: sim}, {value: real}]}
  - arg: {name: file, default: $(var robot).yaml}
  - arg: {name: needed, description: which one}
  - log: {message: $(var robot) $(var file) $(var needed)}
"""
    assert said(files, text, needed="x") == ["sim sim.yaml x"]
    assert said(files, text, needed="x", robot="real") == ["real real.yaml x"]
    with pytest.raises(InputError, match=r"test\.launch\.yaml:5: argument 'needed' has no default \(which one\)"):
        files.steps(text)
    with pytest.raises(InputError, match=r"robot:=other is not valid; choose real, sim"):
        files.steps(text, needed="x", robot="other")
    with pytest.raises(InputError, match=r"no argument 'robbot'; there are file, needed, robot"):
        files.steps(text, needed="x", robbot="sim")


def test_groups_keep_what_they_set_to_themselves_and_includes_do_not(files: Files) -> None:
    files.write("launch: [{let: {name: a, value: included}}, {log: {message: $(var a)}}]", "inner.launch.yaml")
    text = """
launch:
  - let: {name: a, value: outer}
  - group:
      - let: {name: a, value: inner}
      - log: {message: $(var a)}
  - group: {scoped: false, children: [{let: {name: b, value: kept}}]}
  - log: {message: $(var a) $(var b)}
  - group: [{include: {file: $(dirname)/inner.launch.yaml}}]
  - log: {message: $(var a)}
  - include: {file: $(dirname)/inner.launch.yaml, arg: [{name: c, value: given}]}
  - log: {message: $(var a) $(var c)}
"""
    assert said(files, text) == ["inner", "outer kept", "included", "outer", "included", "included given"]


@pytest.mark.parametrize(("value", "happens"), [("true", True), ("1", True), ("False", False), ("0", False)])
def test_conditions(files: Files, value: str, happens: bool) -> None:
    text = "launch: [{log: {message: a, if: $(var x)}}, {log: {message: b, unless: $(var x)}}]"
    assert said(files, text, x=value) == (["a"] if happens else ["b"])


def test_a_node_is_started_as_ros_starts_it(files: Files, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("/**: {ros__parameters: {a: $(var speed)}}")
    text = f"""
launch:
  - let: {{name: speed, value: "1.5"}}
  - set_env: {{name: A, value: outer}}
  - set_env: {{name: HOME, value: /other}}
  - unset_env: {{name: HOME}}
  - group:
      - push_ros_namespace: {{namespace: left}}
      - push_ros_namespace: {{namespace: arm}}
      - set_remap: {{from: a, to: b}}
      - set_parameter: {{name: use_sim_time, value: "true"}}
      - node:
          pkg: vplanner
          exec: vplanner
          name: planner
          namespace: inner
          args: run $(var speed)
          ros_args: --log-level debug
          remap: [{{from: chunk, to: /chunk}}]
          env: [{{name: A, value: inner}}]
          param:
            - {{from: $(dirname)/config.yaml}}
            - {{name: scale, param: [{{name: linear, value: $(var speed)}}, {{name: list, value: [1, 2]}}]}}
            - {{name: text, value: $(var speed), type: str}}
            - {{from: $(dirname)/config.yaml, allow_substs: true}}
  - node: {NODE}, namespace: /absolute}}
"""
    first, second = files.processes(text)
    assert first.argv[:2] == (sys.executable, "-c")
    assert first.argv[3:] == (
        *("run", "1.5", "--ros-args", "--log-level", "debug", "--ros-args"),
        *("-r", "__node:=planner", "-r", "__ns:=/left/arm/inner", "-p", "use_sim_time:=true"),
        *("--params-file", str(tmp_path / "config.yaml"), "--params-file", "/params/launch_params_1_1.yaml"),
        *("--params-file", "/params/launch_params_1_2.yaml", "--params-file", "/params/launch_params_1_3.yaml"),
        *("-r", "a:=b", "-r", "chunk:=/chunk"),
    )
    assert first.environment["A"] == "inner" and "HOME" not in first.environment
    contents = [yaml.safe_load(file.text) for file in first.files]
    name = "/left/arm/inner/planner"
    assert contents[0] == {name: {"ros__parameters": {"scale.linear": 1.5, "scale.list": [1, 2]}}}
    assert contents[1] == {name: {"ros__parameters": {"text": "1.5"}}}
    assert contents[2] == {"/**": {"ros__parameters": {"a": 1.5}}}
    assert second.argv[3:] == ("--ros-args", "-r", "__ns:=/absolute")
    assert second.environment["A"] == "outer"
    assert [first.name, second.name] == ["vplanner-1", "vplanner-2"]


def test_defaults_of_a_process_are_those_of_ros(files: Files) -> None:
    (plan,) = files.processes(f"launch: [{{node: {NODE}}}}}]")
    assert (plan.output, plan.respawn, plan.respawn_max_retries, plan.on_exit_shutdown) == ("log", False, -1, False)
    assert (plan.sigterm_timeout_s, plan.sigkill_timeout_s) == (5.0, 5.0)
    (plan,) = files.processes(f"launch: [{{node: {NODE}, sigkill_timeout: 2.5}}}}]", sigterm_timeout="1.5")
    assert (plan.sigterm_timeout_s, plan.sigkill_timeout_s) == (1.5, 2.5)


def test_timers_and_shutdown(files: Files) -> None:
    text = "launch: [{timer: {period: 1.5, children: [{shutdown: {reason: enough}}]}}, {log: {message: now}}]"
    assert files.steps(text) == (TimerPlan(1.5, (ShutdownPlan("enough"),)), LogPlan("now"))


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_unknown_keys_are_named_with_the_valid_ones_and_their_line(files: Files, action: str) -> None:
    keys = ACTIONS[action]
    lines = "\n".join(f"      {key}: x" for key in sorted(keys.required))
    text = f"launch:\n  - {action}:\n{lines}\n      colour: red\n"
    line = 3 + len(keys.required)
    with pytest.raises(InputError, match=re.escape(f":{line}: unknown key `colour` in `{action}`")) as caught:
        files.steps(text.replace("\n\n", "\n"))
    assert all(key in str(caught.value) for key in keys.all)


@pytest.mark.parametrize(
    ("body", "line", "reason"),
    [
        ("- lifecycle_node: {pkg: a}", 2, "unknown action `lifecycle_node`; there are arg"),
        ("- let: {name: a}", 2, "`let` has no `value`"),
        ("- let: {name: a, value: 5}", 2, "`value` must be a text, not 5: put it in quotes"),
        ("- log: {message: a, if: true}", 2, "`if` must be a text, not True"),
        ("- log: {message: a, if: maybe}", 2, "a condition became 'maybe'"),
        ("- log: {message: a, if: '1', unless: '1'}", 2, "cannot stand together"),
        ("- timer: {period: 2, children: []}", 2, r"write 2\.0"),
        ("- log: {message: a, message: b}", 2, "`message` stands here twice"),
        ("- log:\n      message: $(var nothing)", 3, "no variable 'nothing'"),
        (f"- node: {NODE}, on_exit: restart}}", 2, "it can only be shutdown"),
        (f"- node: {NODE}, output: loud}}", 2, "there are both, full, log, own_log, screen"),
        (f"- node: {NODE}, name: 1st}}", 2, "'1st' is no node name"),
        ("- node: {pkg: vplanner, exec: no_such_node}", 2, "no executable 'no_such_node'; it has .*vplanner"),
        ("- node: {pkg: no_such_package, exec: a}", 2, "no package 'no_such_package'"),
        (f"- node: {NODE}, remap: [{{from: a}}]}}", 2, "has no `to`"),
        (f"- node: {NODE}, remap: [{{from: a, to: b, via: c}}]}}", 2, "unknown key `via`"),
        (f"- node: {NODE}, param: [{{from: /no/such.yaml}}]}}", 2, "no file /no/such.yaml"),
        (f"- node: {NODE}, param: [{{name: a}}]}}", 2, "neither `value` nor a nested"),
        (f"- node: {NODE}, param: [{{name: a, value: [1, b]}}]}}", 2, "a list of one of those kinds"),
        (f"- node: {NODE}, param: [{{name: a, value: x, type: int}}]}}", 2, "`type` says int"),
        (f"- node: {NODE}, param: [{{name: a, value: x, type: double}}]}}", 2, "there are bool, float, int"),
        ("- include: {file: nowhere.launch.yaml}", 2, "nowhere.launch.yaml: cannot be read"),
        ("- include: {file: $(dirname)/test.launch.yaml}", 2, "include each other"),
        ("- executable: {cmd: 'a \"b'}", 2, "cannot be split into arguments"),
        ("- node: [a]", 2, "`node` needs keys"),
        ("- log: {message: [a", 2, "is not YAML"),
    ],
)
def test_mistakes_have_file_line_and_reason(files: Files, body: str, line: int, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        files.steps(f"launch:\n  {body}\n")
    assert f"{files.folder / 'test.launch.yaml'}" in str(caught.value)
    if "include each other" not in reason and "is not YAML" not in reason:
        assert f"test.launch.yaml:{line}: " in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a", "launch: 5", "nodes: []", "launch: []\nmore: 1"])
def test_what_is_no_launch_file(files: Files, text: str) -> None:
    with pytest.raises(InputError, match=r"test\.launch\.yaml:1: .*list of actions"):
        files.steps(text)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_plan(tmp_path / "no.launch.yaml", {}, ENVIRONMENT, tmp_path)


def test_the_documented_subset_is_the_one_that_is_read(repository: Path) -> None:
    text = (repository / "docs" / "launch.md").read_text()
    rows = dict(re.findall(r"^\| `([\w-]+)` \| ([^|]*) \|", text, re.MULTILINE))
    for name, keys in ACTIONS.items():
        assert set(re.findall(r"`([\w-]+)`", rows[name])) == keys.required | keys.optional, name
    documented = set(re.findall(r"`\$\(([\w-]+)", text))
    assert documented == set(SUBSTITUTIONS)


def test_ament_packages_are_found_below_the_prefixes(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = tmp_path / "prefix"
    program = prefix / "lib" / "some_pkg" / "some_node"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    marker = prefix / "share" / "ament_index" / "resource_index" / "packages" / "some_pkg"
    marker.parent.mkdir(parents=True)
    marker.write_text("")
    text = "launch: [{node: {pkg: some_pkg, exec: some_node, args: $(find-pkg-share some_pkg)/a}}]"
    environment = {**ENVIRONMENT, "AMENT_PREFIX_PATH": f"/nowhere:{prefix}"}
    (step,) = read_plan(files.write(text), {}, environment, tmp_path)
    assert getattr(step, "argv", None) == (str(program), str(prefix / "share" / "some_pkg" / "a"), "--ros-args")
