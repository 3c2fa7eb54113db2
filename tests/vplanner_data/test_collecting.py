"""Recording and collecting with the real simulator, a few episodes at a time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("mujoco")

from vplanner.bundle import default_bundle_path
from vplanner.collecting import collect
from vplanner.commands.collect import Collect
from vplanner.data import load_arrays, schema
from vplanner.data.behaviours import Behaviour
from vplanner.data.jobs import Mix, Recipe, student_hash
from vplanner.data.recorder import SKILLS, record_episodes
from vplanner.data.schema import FileIndex
from vplanner.data.student import Student
from vplanner.errors import InputError, MissingDependencyError
from vplanner.prompting_data import roll_scene
from vplanner_sim import TabletopEnv


@pytest.fixture(scope="module")
def env() -> Iterator[TabletopEnv]:
    env = TabletopEnv("reach", image_size=16)
    yield env
    env.close()


@pytest.mark.parametrize("behaviour", list(Behaviour))
def test_same_seed_records_the_same_episode(behaviour: Behaviour) -> None:
    env = TabletopEnv("reach", image_size=64 if behaviour is Behaviour.HANDOVER else 16)
    student = Student(default_bundle_path()) if behaviour is Behaviour.HANDOVER else None
    first, second = (next(record_episodes(env, behaviour, 5, student)) for _ in range(2))
    env.close()
    assert first.instruction == second.instruction
    np.testing.assert_array_equal(first.state, second.state)
    np.testing.assert_array_equal(first.action, second.action)
    np.testing.assert_array_equal(first.images, second.images)


def test_expert_reaches_the_goal_and_holds(env: TabletopEnv) -> None:
    episode = next(record_episodes(env, Behaviour.EXPERT, 1))
    first = int(episode.success.argmax())
    assert episode.succeeded and 5 <= len(episode) - first <= 7
    assert episode.success[first:].all() and not episode.noisy.any()


@pytest.mark.parametrize("behaviour", [Behaviour.EXPERT, Behaviour.NOISY])
def test_noisy_marks_the_rows_that_differ_from_the_expert(env: TabletopEnv, behaviour: Behaviour) -> None:
    episode = next(record_episodes(env, behaviour, 3))
    differs = (episode.action != episode.expert_action).any(axis=1)
    np.testing.assert_array_equal(episode.noisy > 0, differs)
    assert not episode.action[-1].any()


def test_recorded_steps_replay_the_episode(env: TabletopEnv) -> None:
    episode = next(record_episodes(env, Behaviour.PLAY, 2))
    env.reset(seed=2)
    for row, action in enumerate(episode.action[:-1]):
        seen = env.step(action).observation
        np.testing.assert_allclose(seen.tcp_position, episode.state[row + 1, 7:10], atol=1e-6)


def test_a_long_task_gives_an_episode_for_each_sub_goal_that_follows_the_one_before() -> None:
    env = TabletopEnv("put_away", image_size=16)
    episodes = list(record_episodes(env, Behaviour.EXPERT, 3))
    env.close()
    assert [SKILLS[episode.skill].value for episode in episodes] == ["open_drawer", "pick_place", "close_drawer"]
    for episode in episodes:
        assert episode.succeeded and episode.success[0] == 0.0 and episode.progress[0] < 1.0
    for before, after in pairwise(episodes):
        np.testing.assert_array_equal(before.state[-1], after.state[0])


def test_collection_completes_continues_and_grows(tmp_path: Path) -> None:
    out = tmp_path / "set"

    def collect(tasks: str, episodes: int) -> int:
        return Collect(out=out, tasks=tasks, episodes=episodes, workers=1, mix="noisy=0.5,play=0.5").run()

    assert collect("reach", 2) == 0
    kept = (out / FileIndex.of(0).video("front")).stat().st_mtime_ns
    assert collect("reach,push_to_zone", 2) == 0
    assert (out / FileIndex.of(0).video("front")).stat().st_mtime_ns == kept
    arrays = load_arrays(out)
    assert len(set(arrays.seed.tolist())) == 4 and set(arrays.skill.tolist()) == {0, 1}
    recipe = out / schema.PARTS_FOLDER / "recipe.json"
    old = json.loads(recipe.read_text())
    del old["student"], old["mix"]["handover"]  # as before there was a student
    recipe.write_text(json.dumps(old))
    (out / FileIndex.of(1).part).unlink()
    assert collect("reach,push_to_zone", 2) == 0
    np.testing.assert_array_equal(load_arrays(out).action, arrays.action)
    with pytest.raises(InputError, match="mix"):
        Collect(out=out, tasks="reach", episodes=2, mix="play=1").run()


@pytest.mark.slow
def test_interrupt_removes_the_file_at_work_and_says_so(tmp_path: Path) -> None:
    out = tmp_path / "set"
    # A shell starts background commands deaf to Ctrl-C, and what they start inherits that.
    program = (
        "import signal, sys; from pathlib import Path; from vplanner.commands.collect import Collect\n"
        "if __name__ == '__main__':\n"
        "    signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"    sys.exit(Collect(out=Path({str(out)!r}), tasks='reach', episodes=50, workers=1).run())\n"
    )
    script = tmp_path / "collect.py"
    script.write_text(program)
    with subprocess.Popen([sys.executable, script], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}) as run:
        while run.poll() is None and not list(out.glob("videos/*/*")):
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        assert run.wait(60) == 1
    assert {path.name for path in out.rglob("*") if path.is_file()} == {"recipe.json", "cameras.json"}


def test_a_set_is_bound_to_its_student_wherever_that_lies(tmp_path: Path) -> None:
    for name, content in (("here", "{}"), ("there", "{}"), ("other", "{ }")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "bundle.json").write_text(content)
    out = tmp_path / "set"

    def begin(student: Path) -> None:
        recipe = Recipe(0, Mix(0.0, 0.0, 0.0, 1.0), ("reach",), student_hash(student))
        collect(out, recipe, (), 1, workers=1, on_progress=lambda _: None, student=student)

    begin(tmp_path / "here")
    begin(tmp_path / "there")
    recipe = out / schema.PARTS_FOLDER / "recipe.json"
    old = json.loads(recipe.read_text()) | {"student": str(tmp_path / "here")}  # as earlier versions wrote it
    recipe.write_text(json.dumps(old))
    begin(tmp_path / "there")
    with pytest.raises(InputError, match="was collected with student"):
        begin(tmp_path / "other")


def test_without_rendering_the_packages_to_install_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("no EGL device")

    world = TabletopEnv("reach", image_size=16)
    monkeypatch.setattr("vplanner_sim.rendering.mujoco.GLContext", refuse)
    with pytest.raises(MissingDependencyError, match=r"no EGL device.*apt-get install"):
        next(record_episodes(world, Behaviour.EXPERT, 0))
    with pytest.raises(MissingDependencyError, match="apt-get install"):
        next(roll_scene(world, 0))


def test_pictures_grow_by_what_is_missing(tmp_path: Path) -> None:
    out, report = tmp_path / "pictures", tmp_path / "report.json"

    def take(scenes: int) -> dict[str, object]:
        command = Collect(out, tasks="reach", episodes=scenes, workers=1, pictures=True, json_file=report)
        assert command.run() == 0
        return dict(json.loads(report.read_text()))

    first = take(1)
    assert (first["scenes"], first["files"], first["new_files"], first["complete"]) == (1, 1, 1, True)
    small = len(np.load(out / "reach-000000.npz")["images"])
    second = take(2)
    assert (second["scenes"], second["files"], second["new_files"]) == (2, 1, 1)
    with np.load(out / "reach-000000.npz") as block:
        assert len(block["images"]) > small
        old = {key: block[key] for key in block.files if key != "scenes"}
    assert take(2)["new_files"] == 0
    np.savez(out / "reach-000000.npz", **old)  # blocks of earlier versions do not say how many scenes they hold
    assert take(3)["new_files"] == 0


def test_pictures_show_only_steps_within_the_limits(env: TabletopEnv, monkeypatch: pytest.MonkeyPatch) -> None:
    advance = TabletopEnv.advance
    steps: list[np.ndarray] = []

    def note(world: TabletopEnv, action: np.ndarray) -> None:
        steps.append(action)
        advance(world, action)

    monkeypatch.setattr(TabletopEnv, "advance", note)
    for seed in range(4):
        list(roll_scene(env, seed))
    taken = np.stack(steps)
    assert np.linalg.norm(taken[:, :3], axis=1).max() <= 0.05 + 1e-6
    assert np.linalg.norm(taken[:, 3:6], axis=1).max() <= 0.35 + 1e-6


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pictures": True, "seed": 99_990, "episodes": 20}, "border at 100000"),
        ({"pictures": True, "student": Path("bundle")}, "--student"),
        ({"student": Path("bundle")}, "--student"),
        ({"mix": "handover=1"}, "--student"),
        ({"json_file": Path("/")}, "folder"),
        ({"tasks": "fly"}, "fly"),
        ({"episodes": 0}, "episodes"),
        ({"mix": "expert=2"}, "mix"),
        ({"seed": 99_999}, "seed"),
    ],
)
def test_bad_options_are_refused(tmp_path: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Collect(out=tmp_path / "set", **options).run()  # type: ignore[arg-type]
    assert not (tmp_path / "set" / schema.INFO_PATH).exists()


def test_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="something else"):
        Collect(out=tmp_path, tasks="reach", episodes=1).run()
