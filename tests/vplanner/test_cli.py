from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vplanner.bench_compare import compare_reports
from vplanner.cli import main
from vplanner.commands.doctor import all_checks
from vplanner.intervals import wilson95

pytest.importorskip("mujoco")


@pytest.fixture
def few_words(monkeypatch: pytest.MonkeyPatch, prompter: Any) -> None:
    """The tiny bundle has no prompter of its own."""
    # `evaluation` first: imported while `agent` is patched, it would keep what it found there for good.
    monkeypatch.setattr("vplanner.evaluation.open_prompter", lambda bundle, backend: prompter)
    monkeypatch.setattr("vplanner.agent.open_prompter", lambda bundle, backend: prompter)


def run_arguments(bundle: Path, out: Path, instruction: str = "put the cube in the bowl") -> list[str]:
    short = ["--max-steps", "4", "--samples", "2", "--threads", "1"]
    return ["run", instruction, "--bundle", str(bundle), "--out", str(out), "--json", str(out / "copy.json"), *short]


@pytest.mark.usefixtures("few_words")
def test_run_writes_what_it_promises(bundle_folder: Path, tmp_path: Path) -> None:
    scene = ["--task", "pick_place", "--seed", "200000"]
    assert main([*run_arguments(bundle_folder, tmp_path), *scene]) == 1
    result = json.loads((tmp_path / "result.json").read_text())
    assert result == json.loads((tmp_path / "copy.json").read_text())
    assert not result["success"] and result["reason"].startswith("out of time after 4 steps")
    assert (result["steps"], result["replans"], result["seed"]) == (4, 2, 200000)
    assert Path(result["video"]).stat().st_size > 1000
    assert Path(result["plan"]).is_file()
    assert (result["declared"], result["task_success"], result["bundle"]) == (False, False, "tiny-random")
    assert (result["planned"], result["reached"], result["task_reached"]) == (1, 0, 0)
    assert (tmp_path / "plans.jsonl").is_file()


@pytest.mark.usefixtures("few_words")
def test_run_refuses_nonsense_and_moves_nothing(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from vplanner_sim import TabletopEnv

    monkeypatch.setattr(TabletopEnv, "step", lambda *_: pytest.fail("the robot moved"))
    arguments = run_arguments(bundle_folder, tmp_path, "put the purple [/x] pyramid on the moon")
    assert main(arguments) == 1
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["reason"] == "refused: nothing in view fits 'put the purple [/x] pyramid on the moon'"
    assert (result["steps"], result["bundle"]) == (0, "tiny-random")
    assert "purple [/x] pyramid" in capsys.readouterr().out


@pytest.mark.usefixtures("few_words")
def test_run_names_no_file_that_it_did_not_write(bundle_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "[/x]"
    scene = ["--task", "pick_place", "--seed", "200000"]
    assert main([*run_arguments(bundle_folder, out, "put the cube on the shelf"), *scene]) == 1
    result = json.loads((out / "result.json").read_text())
    assert result["reason"].startswith("refused: 'shelf' at (2.50, 0.00, 0.50) m is out of reach")
    assert (result["video"], result["plan"], result["task_success"]) == (None, None, None)
    assert {path.name for path in out.iterdir()} == {"result.json", "copy.json", "plans.jsonl"}


@pytest.mark.usefixtures("few_words")
@pytest.mark.parametrize(
    ("seen", "bundle", "instruction", "expected", "reason"),
    [
        (True, "sure", "put the cube in the bowl", (True, True, True), "success probability 0.99"),
        (False, "sure", "put the cube in the bowl", (False, True, False), "declared, but the simulator did not see it"),
        (True, "unsure", "put the cube in the bowl", (False, False, True), "; the simulator saw it done, the planner"),
        (False, "sure", "put the cube on the hook", (True, True, None), "success probability 0.99"),
    ],
)
def test_run_succeeds_where_the_planner_says_so_and_the_simulator_does_not_disagree(
    bundle_folder: Path, sure_bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prompter: Any,
    seen: bool, bundle: str, instruction: str, expected: tuple[bool, bool, bool | None], reason: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("vplanner.sim_robot.Referee.success", property(lambda _: seen, lambda *_: None), raising=False)
    monkeypatch.setattr("vplanner.scenes.Scene.asks_for", lambda _, sub_goal: "bowl" in sub_goal.text)
    folder = sure_bundle_folder if bundle == "sure" else bundle_folder
    scene = ["--task", "pick_place", "--seed", "200000"]
    code = main([*run_arguments(folder, tmp_path, instruction), *scene])
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["success"], result["declared"], result["task_success"]) == expected
    assert reason in result["reason"]
    assert code == (0 if result["success"] else 1)


@pytest.mark.usefixtures("few_words")
def test_prompt_says_why_it_refuses_whatever_signs_the_words_hold(
    bundle_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["prompt", "to the [/x] moon", "--bundle", str(bundle_folder), "--json", str(tmp_path / "a.json")]
    assert main(arguments) == 1
    assert "refused: nothing in view fits 'to the [/x] moon'" in capsys.readouterr().out


@pytest.mark.usefixtures("few_words")
def test_prompt_draws_what_is_in_view_when_it_refuses(bundle_folder: Path, tmp_path: Path) -> None:
    picture = tmp_path / "view.png"
    scene = ["--task", "pick_place", "--seed", "200000", "--out", str(picture)]
    assert main(["prompt", "to the moon", "--bundle", str(bundle_folder), *scene]) == 1
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("few_words")
def test_run_finds_a_scene_that_fits_the_words(bundle_folder: Path, tmp_path: Path) -> None:
    assert main(run_arguments(bundle_folder, tmp_path)) == 1
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["task"], result["seed"], result["task_success"]) == ("pick_place", 200000, False)


@pytest.mark.usefixtures("few_words")
def test_an_interrupted_run_leaves_readable_files(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vplanner_sim import TabletopEnv

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(TabletopEnv, "step", interrupt)
    scene = ["--task", "pick_place", "--seed", "200000"]
    assert main([*run_arguments(bundle_folder, tmp_path), *scene]) == 1
    assert json.loads((tmp_path / "result.json").read_text())["reason"] == "interrupted"
    assert (tmp_path / "episode.mp4").stat().st_size > 1000


@pytest.mark.usefixtures("few_words")
def test_eval_writes_rows_and_rates_and_continues(
    bundle_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["eval", "--tasks", "reach", "--method", "random,no_replan,behaviour_cloning,expert", "--workers", "1"]
    files = ["--csv", str(tmp_path / "eval.csv"), "--json", str(tmp_path / "eval.json"), "--bundle", str(bundle_folder)]
    assert main([*arguments, *files, "--episodes", "1", "--samples", "2"]) == 0
    first = (tmp_path / "eval.csv").read_text()
    (tmp_path / "eval.csv").write_text(first + "reach,random,2000")  # the power went here
    assert main([*arguments, *files, "--episodes", "2", "--samples", "2"]) == 0
    rows = list(csv.DictReader((tmp_path / "eval.csv").open()))
    assert (tmp_path / "eval.csv").read_text().startswith(first)
    assert len(rows) == 8
    assert {row["seed"] for row in rows} == {"200000", "200001"}
    report = json.loads((tmp_path / "eval.json").read_text())
    assert report["mean"] == report["methods"]["random"]["mean"]
    assert report["tasks"]["reach"]["episodes"] == 2
    assert report["methods"]["expert"]["tasks"]["reach"]["success_rate"] == 1.0
    low, high = report["methods"]["expert"]["tasks"]["reach"]["interval95"]
    assert 0.3 < low < high == 1.0
    capsys.readouterr()
    assert main([*arguments, *files, "--episodes", "2", "--samples", "3"]) == 2
    assert "has rows of another bundle, version or other settings" in capsys.readouterr().err


def test_eval_tells_how_far_long_tasks_came(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--csv", str(tmp_path / "eval.csv"), "--json", str(tmp_path / "eval.json")]
    assert (
        main(["eval", "--tasks", "long,long", "--method", "expert", "--episodes", "1", "--workers", "1", *files]) == 0
    )
    tasks = json.loads((tmp_path / "eval.json").read_text())["tasks"]
    assert {name: len(task["sub_goals"]) for name, task in tasks.items()} == {
        "sort_by_colour": 2, "put_away": 3, "build_tower": 2,
    }  # fmt: skip
    assert all(share["rate"] == 1.0 for task in tasks.values() for share in task["sub_goals"])
    rows = list(csv.DictReader((tmp_path / "eval.csv").open()))
    assert sorted((row["planned"], row["reached"]) for row in rows) == [("2", "2"), ("2", "2"), ("3", "3")]
    assert "sub-goals reached, or more" in capsys.readouterr().out


@pytest.mark.usefixtures("few_words")
def test_an_interrupted_eval_stops_and_leaves_no_row(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prompter: Any
) -> None:
    episodes: list[int] = []

    def interrupt(*_: object) -> None:
        episodes.append(1)
        raise KeyboardInterrupt

    monkeypatch.setattr(type(prompter), "plan", interrupt)
    file = tmp_path / "eval.csv"
    arguments = ["eval", "--tasks", "reach", "--episodes", "3", "--workers", "1", "--csv", str(file)]
    assert main([*arguments, "--bundle", str(bundle_folder)]) == 1
    assert len(episodes) == 1
    assert len(file.read_text().splitlines()) == 1, "the names of the columns alone"


def test_bench_writes_the_promised_keys(
    bundle_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, sim = tmp_path / "plan.json", tmp_path / "sim.json"
    bundle = ["--bundle", str(bundle_folder), "--threads", "1"]
    assert main(["bench", "plan", "--repeats", "3", "--json", str(plan), *bundle]) == 0
    assert "matrix products in numpy with --threads 1: " in capsys.readouterr().out
    report = json.loads(plan.read_text())
    assert report["replan_ms"]["p50"] <= report["replan_ms"]["p95"] <= report["replan_ms"]["p99"]
    assert min(report[key] for key in ("machine_gflops", "machine_gb_per_s", "first_ms", "open_ms", "peak_mb")) > 0.0
    megabytes = (bundle_folder / "video_model.onnx").stat().st_size / 1e6
    assert report["stages"]["propose"]["mbyte"] == pytest.approx(2 * megabytes, abs=0.006)
    assert all(stage["roofline"] >= 0.0 for stage in report["stages"].values())
    assert set(report["stages"]) == {"encode", "propose", "extract", "rollout", "score"}
    assert report["stages"]["propose"]["gflop"] == pytest.approx(0.001 * (4 + 3))
    assert main(["bench", "sim", "--steps", "5", "--json", str(sim)]) == 0
    assert json.loads(sim.read_text())["pairs_per_core_second"] > 0.0


def test_bench_compares_two_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [tmp_path / "before.json", tmp_path / "after.json"]
    for path, ms in zip(paths, (48.0, 24.0), strict=True):
        stages = {"propose": {"p50_ms": ms / 2}, f"only_in_{path.stem}": {"p50_ms": 1.0}}
        path.write_text(json.dumps({"replan_ms": {"p50": ms, "p95": ms}, "stages": stages}))
    rows = {row.name: row for row in compare_reports(*paths)}
    assert rows["propose"].speedup == rows["replan p50"].speedup == 2.0
    assert rows["only_in_before"].after is rows["only_in_before"].speedup is None
    assert main(["bench", "plan", "--compare", *map(str, paths)]) == 0
    assert "2.00" in capsys.readouterr().out
    paths[1].write_text("[]")
    assert main(["bench", "plan", "--compare", *map(str, paths)]) == 2
    assert "after.json: is no report" in capsys.readouterr().err


def test_doctor_checks_everything(bundle_folder: Path, tmp_path: Path) -> None:
    code = main(["doctor", "--bundle", str(bundle_folder), "--json", str(tmp_path / "doctor.json")])
    checks = {check["name"]: check for check in json.loads((tmp_path / "doctor.json").read_text())["checks"]}
    assert code == 0, checks
    assert {"python", "onnxruntime", "h264", "mujoco", "rendering", "bundle", "disk", "torch"} <= set(checks)
    assert main(["doctor", "--bundle", str(tmp_path)]) == 1


def test_doctor_finds_a_bundle_of_another_version(broken_bundle: Path) -> None:
    manifest = json.loads((broken_bundle / "bundle.json").read_text())
    manifest["components"]["critic"]["inputs"][0]["name"] = "context"
    (broken_bundle / "bundle.json").write_text(json.dumps(manifest))
    (check,) = (check for check in all_checks(broken_bundle) if check.name == "bundle")
    assert not check.ok
    assert "critic takes context (5 axes) as input 1; " in check.hint


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "x", "--bundle", "/nowhere"], "/nowhere/bundle.json: no such file"),
        (["run", "x", "--samples", "0"], "--samples 0 is too small; it must be 1 or more"),
        (["run", "x", "--max-steps", "0"], "--max-steps 0 is too small; it must be 1 or more"),
        (["run", "x", "--max-steps", "-1"], "--max-steps -1"),
        (["run", "x", "--plan-seed", "-1"], "--plan-seed -1 is too small; it must be 0 or more"),
        (["run", "x", "--seed", "-1"], "--seed -1"),
        (["run", "x", "--threads", "0"], "--threads 0"),
        (["run", "x", "--execute-steps", "0"], "--execute-steps 0"),
        (["run", "x", "--execute-steps", "5", "--bundle", "TINY"], "the bundle plans 4 steps, so give 1 to 4"),
        (["eval", "--episodes", "0"], "--episodes 0"),
        (["eval", "--seed", "-1"], "--seed -1"),
        (["eval", "--samples", "0"], "--samples 0"),
        (["eval", "--plan-seed", "-1"], "--plan-seed -1"),
        (["eval", "--workers", "0"], "--workers 0"),
        (["eval", "--execute-steps", "5", "--bundle", "TINY"], "--execute-steps 5 is out of range; the bundle plans 4"),
        (["bench", "plan", "--samples", "0"], "--samples 0"),
        (["bench", "plan", "--repeats", "0"], "--repeats 0"),
        (["bench", "plan", "--threads", "0"], "--threads 0"),
        (["bench", "sim", "--steps", "0"], "--steps 0"),
        (["bench", "sim", "--rounds", "-2"], "--rounds -2"),
        (["bench", "sim", "--image-size", "0"], "--image-size 0"),
        (["prompt", "x", "--seed", "-1"], "--seed -1"),
        (["prompt", "x", "--threads", "0"], "--threads 0"),
        (["eval", "--tasks", "juggle"], "unknown task 'juggle'; the tasks are: reach"),
        (["eval", "--method", "magic"], "unknown method 'magic'; the methods are: planner"),
        (["eval", "--method", "expert", "--csv", "/"], "is a folder"),
        (["bench", "plan", "--bundle", "/nowhere"], "/nowhere/bundle.json"),
        (["bench", "sim", "--task", "juggle"], "unknown task 'juggle'"),
    ],
)
def test_bad_input_is_told_in_one_line(
    arguments: list[str], message: str, bundle_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(bundle_folder) if word == "TINY" else word for word in arguments]) == 2
    error = capsys.readouterr().err.strip()
    assert message in error
    assert error.startswith("vplanner: ") and "\n" not in error


WITHOUT_EGL = """
import ctypes, sys
load = ctypes.CDLL.__init__
def refuse(self, name, *rest, **more):
    if name and "EGL" in str(name):
        raise OSError(f"{name}: cannot open shared object file")
    load(self, name, *rest, **more)
ctypes.CDLL.__init__ = refuse
from vplanner.bench_compare import compare_reports
from vplanner.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_without_egl_the_package_to_install_is_named(tmp_path: Path) -> None:
    for arguments in (["bench", "sim"], ["doctor", "--json", str(tmp_path / "doctor.json")]):
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT_EGL, *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == (2 if arguments[0] == "bench" else 1), done.stderr
        if arguments[0] == "bench":
            assert "libegl1 libgl1-mesa-dri" in done.stderr
            assert len(done.stderr.strip().splitlines()) == 1
    checks = {check["name"]: check for check in json.loads((tmp_path / "doctor.json").read_text())["checks"]}
    assert not checks["rendering"]["ok"]
    assert "apt-get install libegl1 libgl1-mesa-dri" in checks["rendering"]["hint"]


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, 0.0713), (45, 0.7864, 0.9565), (50, 0.9287, 1.0)])
def test_wilson_intervals_are_those_of_the_textbook(count: int, low: float, high: float) -> None:
    assert wilson95(count, 50) == pytest.approx((low, high), abs=1e-4)
