"""Films of goals: where they go, and that the robot goes on where none can be written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vplanner.errors import StorageError
from vplanner.loop import Ending, Outcome
from vplanner.types import CameraFrame, CameraModel, Observation, RobotState
from vplanner_ros.filming import Filming

VIEWS = ("front", "side")
ENDED = Outcome(Ending.SUCCESS, "done", 1, 1, 0.5)


def filming(complaints: list[str]) -> Filming:
    no_networks: Any = None  # they are asked for imagined frames only
    return Filming(VIEWS, 0.2, no_networks, complaints.append)


def seen() -> Observation:
    camera = CameraModel(np.eye(3, dtype=np.float32), np.eye(4, dtype=np.float32))
    picture = np.full((64, 64, 3), 120, np.uint8)
    robot = RobotState(
        np.zeros(7, np.float32), np.zeros(3, np.float32), np.array([1, 0, 0, 0], np.float32), gripper_opening=1.0
    )
    return Observation(0.0, tuple(CameraFrame(view, picture, camera) for view in VIEWS), robot)


def test_goals_of_one_recording_get_films_of_their_own(tmp_path: Path) -> None:
    complaints: list[str] = []
    films = filming(complaints)
    films.folder = tmp_path
    paths = []
    for _ in range(2):
        paths.append(films.begin("press the button"))
        films.on_sub_goals(seen(), [])
        films.on_step(1, seen())
        films.end(ENDED)
    assert paths == [tmp_path / "episode.mp4", tmp_path / "episode-2.mp4"]
    assert all(path is not None and path.stat().st_size > 1000 for path in paths)
    assert not complaints


def test_nothing_is_filmed_without_a_recording_on_this_machine(tmp_path: Path) -> None:
    films = filming([])
    assert films.begin("press the button") is None
    films.folder = tmp_path / "of another machine"
    assert films.begin("press the button") is None
    films.on_step(1, seen())
    films.end(ENDED)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told_once_and_ends_the_film_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    complaints: list[str] = []
    films = filming(complaints)
    films.folder = tmp_path
    films.begin("press the button")

    def full(*_: object) -> None:
        raise StorageError("episode.mp4: cannot be written (No space left on device)")

    monkeypatch.setattr("vplanner.imaging.Mp4Writer.add", full)
    assert films._film is not None
    file = films._film._writer._file
    films.on_sub_goals(seen(), [])
    assert file.closed
    films.on_step(1, seen())
    films.end(ENDED)
    assert complaints == ["episode.mp4: cannot be written (No space left on device); this goal is not filmed"]
