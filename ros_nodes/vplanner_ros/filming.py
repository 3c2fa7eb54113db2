"""Films goals beside the recorder's bag, as `vplanner run` films episodes: camera beside imagination."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from vplanner.errors import StorageError
from vplanner.loop import Outcome
from vplanner.protocols import VideoModel
from vplanner.recorder import EpisodeFilm
from vplanner.safety import SafeChunk
from vplanner.types import Observation, Plan, SubGoal, Verdict


class Filming:
    """A `Listener` that hands on to the film of the present goal, and films no more where it cannot be written."""

    def __init__(
        self, views: Sequence[str], dt_s: float, video_model: VideoModel, complain: Callable[[str], None]
    ) -> None:
        """No film yet; `complain` is told when one cannot be written, which is no reason for the robot to stop."""
        self._views, self._dt_s, self._video_model = tuple(views), dt_s, video_model
        self._complain = complain
        self._film: EpisodeFilm | None = None
        self.folder: Path | None = None
        """Where films go: the bag that is being recorded, where there is one."""

    def begin(self, instruction: str) -> Path | None:
        """Begin a film of its own name in `folder`, where that is on this machine; returns its path."""
        if self.folder is None or not self.folder.is_dir():
            return None
        names = (f"episode{'' if number == 1 else f'-{number}'}.mp4" for number in range(1, 10_000))
        path = next(path for name in names if not (path := self.folder / name).exists())
        self._guarded(lambda: self._open(path, instruction))
        return path if self._film is not None else None

    def end(self, outcome: Outcome) -> None:
        """Show how it ended and close the film."""
        film = self._film
        if film is not None:
            self._guarded(lambda: film.show_ending(outcome))
        if self._film is not None:
            self._guarded(self._film.close)
        self._film = None

    def on_sub_goals(self, observation: Observation, sub_goals: Sequence[SubGoal]) -> None:
        """Show the scene as it was found."""
        self._tell(lambda film: film.on_sub_goals(observation, sub_goals))

    def on_look(self, step: int, observation: Observation, sub_goal: SubGoal, verdict: Verdict) -> None:
        """Take over where the objects are and how far the sub-goal is."""
        self._tell(lambda film: film.on_look(step, observation, sub_goal, verdict))

    def on_plan(self, step: int, observation: Observation, sub_goal: SubGoal, plan: Plan, safe: SafeChunk) -> None:
        """Take over what is imagined."""
        self._tell(lambda film: film.on_plan(step, observation, sub_goal, plan, safe))

    def on_step(self, step: int, observation: Observation) -> None:
        """Show the step."""
        self._tell(lambda film: film.on_step(step, observation))

    def _open(self, path: Path, instruction: str) -> None:
        self._film = EpisodeFilm(path, instruction, self._views, self._dt_s, self._video_model)

    def _tell(self, tell: Callable[[EpisodeFilm], None]) -> None:
        film = self._film
        if film is not None:
            self._guarded(lambda: tell(film))

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except StorageError as error:
            film, self._film = self._film, None
            if film is not None:
                with suppress(StorageError):  # what was told first is the reason
                    film.close()
            self._complain(f"{error}; this goal is not filmed")
