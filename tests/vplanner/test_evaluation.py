from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from vplanner import evaluation, roofline
from vplanner.bundle import load_bundle
from vplanner.critic import ScoreWeights
from vplanner.errors import BundleError, InputError, SafetyError, StorageError
from vplanner.eval_table import COLUMNS, append_row, read_rows, write_rows
from vplanner.evaluation import Job, Method, Row, Setup, code_commit, mark, run_job
from vplanner.scenes import Scene, Wanted
from vplanner.sim_robot import Referee

JOB = Job(Method.PLANNER, "pick_place", 200_000)
ROW = Row(
    "reach", "planner", 200_000, "reach, the 方块", True, False, 7, 4, 1.25, 3.5, "out of time", "abc123def456", 1, 1
)


@dataclass
class OneScene:
    """Builds scenes of an arm without a simulator."""

    arm: Any
    referee: Referee = field(default_factory=Referee)

    def build(self, task: str, seed: int) -> Scene:
        wanted = (Wanted("pick_place", "red cube", "white bowl"),)
        return Scene(task, seed, 6, "put the cube in the bowl", wanted, robot=self.arm, referee=self.referee)


@pytest.fixture
def setup(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch, arm: Any, prompter: Any) -> Setup:
    scene = OneScene(arm)
    monkeypatch.setattr(evaluation, "_builder", lambda: scene)
    monkeypatch.setattr(evaluation, "_prompter", lambda _: prompter)
    return Setup(bundle_folder, samples=2, execute_steps=2, plan_seed=0, threads=1, setup="here")


def test_an_episode_gives_a_row(setup: Setup) -> None:
    row = run_job(JOB, setup)
    assert (row.steps, row.replans, row.success, row.declared, row.setup) == (6, 3, False, False, "here")
    assert row.reason.startswith("out of time after 6 steps")
    assert row.command_error_mm < 1e-3, "the perfect arm goes where it is told"


def test_an_interrupted_episode_gives_no_row(setup: Setup, arm: Any) -> None:
    arm.interrupt_after = 3
    with pytest.raises(KeyboardInterrupt):
        run_job(JOB, setup)
    assert arm.stopped


def failing(error: Exception) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


def test_an_episode_that_breaks_off_gives_no_row(setup: Setup, arm: Any) -> None:
    arm.execute = failing(BundleError("critic: input 'now' has another shape"))
    with pytest.raises(BundleError, match="critic: input 'now' has another shape"):
        run_job(JOB, setup)
    assert arm.stopped


def test_an_unsafe_command_is_a_failure_of_the_planner(setup: Setup, arm: Any) -> None:
    arm.execute = failing(SafetyError("command is not finite"))
    row = run_job(JOB, setup)
    assert (row.success, row.reason) == (False, "SafetyError: command is not finite")


def test_what_decides_how_episodes_go_marks_their_rows(
    setup: Setup, sure_bundle_folder: Path, bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = load_bundle(bundle_folder)
    marks = {mark(setup, bundle).setup, mark(setup, load_bundle(sure_bundle_folder)).setup}
    marks |= {mark(replace(setup, **{name: 3}), bundle).setup for name in ("samples", "execute_steps", "plan_seed")}
    assert len(marks) == 5
    for name, changed in (
        ("PlannerConfig", partial(evaluation.PlannerConfig, weights=ScoreWeights(agreement=0.31))),
        ("AgentConfig", partial(evaluation.AgentConfig, success_threshold=0.8)),
        ("LoopConfig", partial(evaluation.LoopConfig, stuck_replans=31)),
        ("_version", lambda: "0.0.0"),
        ("code_commit", lambda _: "0" * 40),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(evaluation, name, changed)
            marks.add(mark(setup, bundle).setup)
    assert len(marks) == 10
    assert mark(setup, bundle).setup in marks


def test_code_is_known_by_the_last_commit_that_changed_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("git") is None:
        pytest.skip("needs git")
    package = tmp_path / "package"
    package.mkdir()

    def commit(name: str) -> str:
        (tmp_path / name).write_text(name)
        who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        for words in (["add", name], [*who, "commit", "--quiet", "-m", name]):
            subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)
        done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    assert code_commit(package) == ""
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    assert code_commit(package) == ""
    first = commit("package/a.py")
    commit("README.md")
    assert code_commit(package) == first
    assert code_commit(package) != commit("package/b.py") != first
    monkeypatch.setenv("PATH", "")
    assert code_commit(package) == ""


def test_rows_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "eval.csv"
    assert read_rows(path) == []
    write_rows(path, [ROW])
    other = replace(ROW, seed=200_001, reason='says "no",\nthen stops')
    append_row(path, other)
    assert read_rows(path) == [ROW, other]
    write_rows(path, [other])
    assert read_rows(path) == [other]
    assert [file.name for file in path.parent.iterdir()] == ["eval.csv"]


def test_a_table_from_before_there_were_sub_goals_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "eval.csv"
    failed = replace(ROW, seed=200_001, success=False, reached=0)
    write_rows(path, [ROW, failed])
    lines = path.read_text().splitlines()
    path.write_text("".join(line.rsplit(",", 2)[0] + "\n" for line in lines))
    assert "reached" not in path.read_text()
    assert read_rows(path) == [ROW, failed]


@pytest.mark.parametrize("left", [1, 20, -2, -5])
def test_a_last_line_that_was_cut_short_is_left_out(tmp_path: Path, left: int) -> None:
    path = tmp_path / "eval.csv"
    write_rows(path, [ROW])
    before = path.read_bytes()
    append_row(path, ROW)
    line = path.read_bytes()[len(before) :]
    path.write_bytes(before + line[:left])
    assert read_rows(path) == [ROW]


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("method", "magic", "method is 'magic'; it must be one of planner, no_critic"),
        ("seed", "2e5", "seed is '2e5'; it must be a whole number"),
        ("seconds", "fast", "seconds is 'fast'; it must be a number"),
        ("success", "yes", "success is 'yes'; it must be True or False"),
        (None, "one more", f"has {len(COLUMNS) + 1} values; a row has {len(COLUMNS)}"),
    ],
)
def test_a_damaged_line_is_told_by_its_number(tmp_path: Path, column: str | None, value: str, message: str) -> None:
    path = tmp_path / "eval.csv"
    write_rows(path, [ROW, replace(ROW, reason="MARK"), ROW])
    lines = path.read_text().splitlines()
    values = lines[2].split(",")  # the comma in the instruction makes two of it
    if column is None:
        values.append(value)
    else:
        index = COLUMNS.index(column)
        values[index + (index > COLUMNS.index("instruction"))] = value
    lines[2] = ",".join(values)
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError) as caught:
        read_rows(path)
    assert str(caught.value).startswith(f"{path}:3: {message}")


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "\xff\xfe"])
def test_another_file_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "eval.csv"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError, match=r"eval\.csv: is (not an evaluation|no CSV).*; give another --csv"):
        read_rows(path)


def test_a_table_that_cannot_be_replaced_stays(tmp_path: Path) -> None:
    path = tmp_path / "eval.csv"
    write_rows(path, [ROW])
    (tmp_path / "eval.csv.part").mkdir()
    with pytest.raises(StorageError, match="cannot be written"):
        write_rows(path, [])
    assert read_rows(path) == [ROW]


def test_matrix_products_run_on_the_threads_that_were_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    def run(command: list[str], env: dict[str, str], **_: object) -> subprocess.CompletedProcess[str]:
        seen.update(env)
        return subprocess.CompletedProcess(command, 0, "12.5 8.0\n", "")

    monkeypatch.setattr(roofline.subprocess, "run", run)
    machine = roofline.measure_machine(3)
    assert machine == roofline.Machine(gflops=12.5, gb_per_s=8.0)
    assert machine.most_gflops(gflop=1.0, gbyte=1.0) == 8.0  # waits for memory
    assert machine.most_gflops(gflop=1.0, gbyte=0.1) == 12.5
    assert seen["OPENBLAS_NUM_THREADS"] == seen["OMP_NUM_THREADS"] == "3"
    assert "PATH" in seen
