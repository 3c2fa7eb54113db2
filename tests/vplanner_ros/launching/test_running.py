"""Real processes under the runner: signals in their order, respawn, one end that ends all, exit status, output."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Files, Running

Launch = Callable[..., Running]

STUBBORN = """
import signal, sys, time
names = sys.argv[2].split()
def hear(number, frame):
    name = signal.Signals(number).name
    print("heard", name, flush=True)
    if name == names[-1]:
        raise SystemExit(0)
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, hear)
print("up", sys.argv[1], flush=True)
while True:
    time.sleep(0.05)
"""


@pytest.fixture
def stubborn(tmp_path: Path) -> str:
    """A command that prints the signals it hears and ends at the last of those named; `never` is none of them."""
    path = tmp_path / "stubborn.py"
    path.write_text(textwrap.dedent(STUBBORN))
    return f"{sys.executable} {path}"


def test_ctrl_c_reaches_every_process_once_and_all_end(launch: Launch, stubborn: str) -> None:
    running = launch(f"""
launch:
  - executable: {{cmd: "{stubborn} a SIGINT", name: a, output: screen}}
  - executable: {{cmd: "{stubborn} b SIGINT", name: b, output: screen}}
""")
    running.wait_for("up a", "up b")
    running.interrupt()
    assert running.finish() == 0
    assert running.text.count("heard SIGINT") == 2
    assert "[a-1] heard SIGINT" in running.text and "[b-2] heard SIGINT" in running.text
    assert "SIGTERM" not in running.text


def test_sigterm_and_sigkill_follow_when_a_process_does_not_end(launch: Launch, stubborn: str) -> None:
    running = launch(
        f"""
launch:
  - executable: {{cmd: "{stubborn} polite SIGTERM", name: polite, output: screen}}
  - executable: {{cmd: "{stubborn} rude never", name: rude, output: screen}}
""",
        "sigterm_timeout:=0.3",
        "sigkill_timeout:=0.3",
    )
    running.wait_for("up polite", "up rude")
    running.interrupt()
    assert running.finish() == 1  # one had to be killed
    for name in ("polite-1", "rude-2"):
        order = [running.position(f"[{name}] heard {signal}") for signal in ("SIGINT", "SIGTERM")]
        assert order == sorted(order)
    assert "[launch] polite-1 has ended (exit status 0)" in running.text
    assert running.position("rude-2 did not end within 0.3 s of SIGTERM; sending SIGKILL") < running.position(
        "rude-2 has died (exit status -9)"
    )


def test_more_interrupts_hurry(launch: Launch, stubborn: str) -> None:
    running = launch(
        f'launch: [{{executable: {{cmd: "{stubborn} rude never", name: rude, output: screen}}}}]',
        "sigterm_timeout:=1000",
    )
    running.wait_for("up rude")
    for heard in ("heard SIGINT", "heard SIGTERM"):
        running.interrupt()
        running.wait_for(heard)
    running.interrupt()
    assert running.finish() == 1
    assert "rude-1 has died (exit status -9)" in running.text


@pytest.mark.parametrize("status", [0, 3])
def test_the_end_of_one_with_on_exit_shutdown_ends_all(launch: Launch, stubborn: str, status: int) -> None:
    running = launch(f"""
launch:
  - executable: {{cmd: "{stubborn} a SIGINT", name: a, output: screen, respawn: true}}
  - timer:
      period: 0.5
      children: [{{executable: {{cmd: "sh -c 'exit {status}'", name: short, on_exit: shutdown}}}}]
  - timer: {{period: 1000.0, children: [{{log: {{message: much too late}}}}]}}
""")
    assert running.finish() == (1 if status else 0)
    assert running.position("shutting down: short-") < running.position("a-1 has ended")
    assert running.text.count("a-1 started") == 1
    assert "much too late" not in running.text


def test_respawn_ends_after_its_retries(launch: Launch, tmp_path: Path) -> None:
    counter = tmp_path / "count"
    running = launch(f"""
launch:
  - executable:
      cmd: sh -c 'echo x >> {counter}; exit 4'
      name: dying
      respawn: true
      respawn_delay: 0.01
      respawn_max_retries: 2
""")
    assert running.finish() == 1
    assert counter.read_text().count("x") == 3
    assert running.text.count("dying-1 has died (exit status 4)") == 3


def test_a_process_that_recovers_is_no_failure(launch: Launch, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    command = f"sh -c 'test -e {flag} && exit 0; touch {flag}; exit 1'"
    running = launch(f"""
launch:
  - executable: {{cmd: "{command}", name: second, respawn: true, respawn_max_retries: 1}}
""")
    assert running.finish() == 0
    assert running.text.count("second-1 started") == 2


def test_one_that_cannot_be_started_counts_as_ended(launch: Launch) -> None:
    running = launch("launch: [{executable: {cmd: /no/such/program, on_exit: shutdown}}]")
    assert running.finish() == 1
    assert "program-1 cannot be started" in running.text


def test_output_goes_where_it_should(launch: Launch, tmp_path: Path) -> None:
    both = "sh -c 'echo to-stdout; echo to-stderr >&2; printf unfinished'"
    running = launch(f"""
launch:
  - executable: {{cmd: "{both}", name: screened, output: screen}}
  - executable: {{cmd: "{both}", name: logged, output: log}}
  - executable: {{cmd: "{both}", name: own, output: own_log}}
""")
    assert running.finish() == 0
    for text in ("to-stdout", "to-stderr", "unfinished"):
        assert f"[screened-1] {text}" in running.text
    assert "[logged-2] to-stderr" in running.text and "[logged-2] to-stdout" not in running.text
    assert "[own-3]" not in running.text
    (folder,) = (tmp_path / "log").iterdir()
    assert "[logged-2] to-stdout" in (folder / "launch.log").read_text()
    assert "to-stderr" in (folder / "own-3-stderr.log").read_text()


def test_a_child_that_outlives_its_parent_holds_nothing_up(launch: Launch) -> None:
    running = launch("launch: [{executable: {cmd: sh -c 'sleep 300 & echo left $!', name: leaver, output: screen}}]")
    assert running.finish() == 0
    left = next(line for line in running.lines if "left" in line).split()[-1]
    os.kill(int(left), 9)


def test_processes_get_their_environment_and_folder(launch: Launch, tmp_path: Path) -> None:
    code = "import json, os; print(json.dumps([dict(os.environ), os.getcwd()]))"
    (tmp_path / "show.py").write_text(code)
    running = launch(f"""
launch:
  - set_env: {{name: MINE, value: one}}
  - executable: {{cmd: {sys.executable} show.py, cwd: {tmp_path}, output: screen, env: [{{name: MINE, value: two}}]}}
""")
    assert running.finish() == 0
    line = next(line for line in running.lines if '"MINE"' in line)
    environment, folder = json.loads(line.partition("] ")[2])
    assert environment["MINE"] == "two" and folder == str(tmp_path)
    assert Path(environment["FASTDDS_DEFAULT_PROFILES_FILE"]).is_file()


def test_a_mistake_in_the_last_line_starts_nothing(launch: Launch, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    running = launch(f"""
launch:
  - executable: {{cmd: touch {flag}}}
  - executable: {{cmd: touch {flag}, colour: red}}
""")
    assert running.finish() == 2
    assert "test.launch.yaml:4: unknown key `colour`" in running.text
    assert not flag.exists()


def test_parameter_files_are_there_when_the_node_starts_and_gone_after(
    launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = tmp_path / "prefix"
    program = prefix / "lib" / "some_pkg" / "some_node"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nshift 2\necho "file $1"\ncat "$1"\n')
    program.chmod(0o755)
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(prefix))
    running = launch("""
launch:
  - node: {pkg: some_pkg, exec: some_node, output: screen, param: [{name: speed, value: 0.5}]}
""")
    assert running.finish() == 0
    assert "speed: 0.5" in running.text
    shown = next(line for line in running.lines if "file /" in line).split()[-1]
    assert not Path(shown).exists()


def test_dry_run_starts_nothing(launch: Launch, files: Files, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    running = launch(f"launch: [{{executable: {{cmd: touch {flag}, env: [{{name: A, value: b c}}]}}}}]", "--dry-run")
    assert running.finish() == 0
    assert f"touch-1: touch {flag}" in running.text and "  A='b c'" in running.text
    assert not flag.exists()
