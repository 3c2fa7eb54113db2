from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from vplanner.agent import Agent
from vplanner.errors import StorageError
from vplanner.imaging import Mp4Writer, annotated, canvas, save_png
from vplanner.loop import ClosedLoop, Ending, LoopConfig, Outcome
from vplanner.recorder import EpisodeFilm, plan_sheet
from vplanner.run_folder import PlanLog, describe_sub_goal, write_json
from vplanner.types import Observation, SubGoal

AgentMaker = Callable[..., Agent]
VIEWS = ("front", "side")


def frames_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def record(folder: Path, agent: Agent, arm: Any, prompter: Any, max_steps: int) -> tuple[Outcome, EpisodeFilm]:
    log = PlanLog(folder / "plans.jsonl")
    film = EpisodeFilm(folder / "episode.mp4", "put the cube", VIEWS, 0.2, agent.networks.video_model)
    try:
        config = LoopConfig(execute_steps=2, max_steps=max_steps)
        parts = (arm, prompter, agent.judge, agent.planner, agent.safety, config)
        outcome = ClosedLoop(*parts, lambda: 0.0, (log, film)).run("put the cube in the bowl 把方块放进碗里")
        film.show_ending(outcome)
    finally:
        log.close()
        film.close()
    return outcome, film


def test_an_episode_is_filmed_and_every_candidate_written(
    tmp_path: Path, make_test_agent: AgentMaker, bundle_folder: Path, arm: Any, prompter: Any
) -> None:
    agent = make_test_agent(bundle_folder)
    _, film = record(tmp_path, agent, arm, prompter, max_steps=5)
    frames = frames_of(tmp_path / "episode.mp4")
    assert len(frames) == 1 + 5 + 8  # the start, each step, and the ending held
    assert np.abs(frames[1].astype(float) - frames[3]).mean() > 1.0
    lines = [json.loads(line) for line in (tmp_path / "plans.jsonl").read_text().splitlines()]
    plans = [line for line in lines if line["event"] == "plan"]
    assert [plan["step"] for plan in plans] == [0, 2, 4]
    for plan in plans:
        totals = [candidate["total"] for candidate in plan["candidates"]]
        assert totals[plan["chosen"]] == max(totals)
        assert np.shape(plan["candidates"][0]["steps"]) == (4, 7)
        assert set(plan["stages_ms"]) == {"encode", "propose", "extract", "rollout", "score"}
    assert film.sheet_source is not None and film.sub_goal is not None
    observation, plan, step = film.sheet_source
    sheet = plan_sheet(observation, plan, step, VIEWS, agent.networks.video_model)
    assert sheet.dtype == np.uint8 and sheet.std() > 10.0


def test_an_interrupted_film_is_readable(
    tmp_path: Path, make_test_agent: AgentMaker, bundle_folder: Path, arm: Any, prompter: Any
) -> None:
    arm.interrupt_after = 3
    outcome, _ = record(tmp_path, make_test_agent(bundle_folder), arm, prompter, max_steps=9)
    assert outcome.ending is Ending.INTERRUPTED
    assert len(frames_of(tmp_path / "episode.mp4")) == 1 + 3 + 8
    assert all(json.loads(line) for line in (tmp_path / "plans.jsonl").read_text().splitlines())


def test_a_film_that_was_never_closed_is_readable_up_to_its_last_fragment(tmp_path: Path) -> None:
    writer = Mp4Writer(tmp_path / "open.mp4", 64, 64, Fraction(5))
    for value in np.linspace(0, 255, 80).astype(np.uint8):
        writer.add(np.full((64, 64, 3), value, dtype=np.uint8))
    (tmp_path / "killed.mp4").write_bytes((tmp_path / "open.mp4").read_bytes())
    writer.close()
    assert len(frames_of(tmp_path / "open.mp4")) == 80
    assert 10 <= len(frames_of(tmp_path / "killed.mp4")) < 80


def test_a_film_without_pictures_leaves_no_file(tmp_path: Path) -> None:
    Mp4Writer(tmp_path / "empty.mp4", 64, 64, Fraction(5)).close()
    assert list(tmp_path.iterdir()) == []


FULL_DISK = Path("/dev/full")
needs_full_disk = pytest.mark.skipif(not FULL_DISK.exists(), reason="this system has no /dev/full")


@needs_full_disk
def test_a_full_disk_is_told_while_filming(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").symlink_to(FULL_DISK)
    noise = np.random.default_rng(0)
    with pytest.raises(StorageError, match=r"film\.mp4: video cannot be written"):  # noqa: SIM117 the writer may fail late
        with Mp4Writer(tmp_path / "film.mp4", 256, 256, Fraction(5)) as writer:
            for _ in range(40):
                writer.add(noise.integers(0, 256, (256, 256, 3), dtype=np.uint8))


@needs_full_disk
def test_a_full_disk_is_told_while_logging(tmp_path: Path, observation: Observation, sub_goal: SubGoal) -> None:
    (tmp_path / "plans.jsonl").symlink_to(FULL_DISK)
    log = PlanLog(tmp_path / "plans.jsonl")
    with pytest.raises(StorageError, match=r"plans\.jsonl: cannot be written \(No space left on device\)"):
        log.on_sub_goals(observation, [sub_goal])


@needs_full_disk
def test_a_full_disk_is_told_while_writing_json() -> None:
    with pytest.raises(StorageError, match="No space left on device"):
        write_json(FULL_DISK, {"success": True})


def test_folders_that_cannot_be_made_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for attempt in (
        lambda: write_json(tmp_path / "file" / "a.json", {}),
        lambda: save_png(canvas(8, 8), tmp_path / "file" / "a.png"),
        lambda: PlanLog(tmp_path / "file" / "a.jsonl"),
        lambda: Mp4Writer(tmp_path / "file" / "a.mp4", 64, 64, Fraction(5)),
    ):
        with pytest.raises(StorageError, match="file"):
            attempt()


def test_json_is_replaced_whole(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"text": "方块"})
    write_json(tmp_path / "a.json", {"text": "cube"})
    assert json.loads((tmp_path / "a.json").read_text()) == {"text": "cube"}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_points_are_drawn_where_they_are(tmp_path: Path, observation: Observation, sub_goal: SubGoal) -> None:
    dark = tuple(replace(frame, image=np.zeros_like(frame.image)) for frame in observation.frames)
    picture = annotated(dark, [sub_goal], size=200)
    rows, columns = np.nonzero(picture[:200, :200].max(axis=2) > 100)
    near = (np.abs(rows - 100) < 25) & (np.abs(columns - 100) < 25)
    assert near.sum() > 20
    save_png(picture, tmp_path / "points.png")
    assert (tmp_path / "points.png").read_bytes().startswith(b"\x89PNG")


def test_a_sub_goal_is_described_as_the_contract_says(sub_goal: SubGoal) -> None:
    described = describe_sub_goal(sub_goal)
    assert described["skill"] == "pick_place"
    assert described["source"] == {
        "label": "cube",
        "points": {"front": [0.5, 0.5], "side": [0.4, 0.6]},
        "boxes": {},
        "position": [0.5, 0.1, 0.02],
        "confidence": 0.9,
    }
