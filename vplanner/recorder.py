"""Films an episode: what the cameras see on the left, what was imagined for the same instant on the right."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from vplanner.imaging import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    WHITE,
    Mp4Writer,
    canvas,
    frame_border,
    mark_points,
    resize,
    shorten,
    spoken,
    write_text,
)
from vplanner.loop import Outcome
from vplanner.observation import frame_of
from vplanner.protocols import VideoModel
from vplanner.safety import SafeChunk
from vplanner.types import Candidate, Image, Observation, Plan, SubGoal, Verdict

_TILE = 256  # edge of a picture in the film [pixel]
_THUMB = 112  # edge of a picture in the contact sheet [pixel]
_GAP = 8
_HEAD = 56
_STRIP = 26
_FOOT = 60
_HOLD_S = 1.6  # how long the last picture stays


class EpisodeFilm:
    """A loop `Listener` that writes the film, and keeps the replan that imagined most motion for `plan_sheet`."""

    def __init__(
        self, path: Path, instruction: str, views: Sequence[str], dt_s: float, video_model: VideoModel
    ) -> None:
        """Create the film; one picture per step of `dt_s` [s], so that it plays in real time."""
        self._instruction = instruction
        self._views = tuple(views)
        self._video_model = video_model
        self._fps = Fraction(1.0 / dt_s).limit_denominator(100)
        self._height = _HEAD + _FOOT + len(self._views) * (_TILE + _GAP)
        self._width = 2 * _TILE + 3 * _GAP
        self._writer = Mp4Writer(path, self._width, self._height + self._height % 2, self._fps)
        self._goals: tuple[SubGoal, ...] = ()
        self.sub_goals: tuple[SubGoal, ...] = ()  # as the instruction was understood
        self._verdict = Verdict(False, 0.0, "")
        self._imagined: Image | None = None  # (T, V, H, W, 3)
        self._planned_at = 0
        self._last: tuple[int, Observation] | None = None
        self._most_motion = -1.0
        self.sheet_source: tuple[Observation, Plan, int] | None = None

    def on_sub_goals(self, observation: Observation, sub_goals: Sequence[SubGoal]) -> None:
        """Show the scene as it was found."""
        self.sub_goals = tuple(sub_goals)
        self._goals = self.sub_goals[:1]
        self._show(0, observation)

    def on_look(self, step: int, observation: Observation, sub_goal: SubGoal, verdict: Verdict) -> None:
        """Take over where the objects are and how far the sub-goal is."""
        self._goals = (sub_goal,)
        self._verdict = verdict

    def on_plan(self, step: int, observation: Observation, sub_goal: SubGoal, plan: Plan, safe: SafeChunk) -> None:
        """Decode what the chosen candidate imagines."""
        latents = plan.best.video.latents
        self._planned_at = step
        self._imagined = self._video_model.decode(latents) if len(latents) else None
        motion = float(np.square(latents[-1] - latents[0]).mean()) if len(latents) else 0.0
        if motion > self._most_motion:
            self._most_motion = motion
            self.sheet_source = (observation, plan, step)

    def on_step(self, step: int, observation: Observation) -> None:
        """Show the step."""
        self._show(step, observation)

    def show_ending(self, outcome: Outcome) -> None:
        """Hold the last picture and say how it ended."""
        if self._last is not None:
            step, observation = self._last
            for _ in range(round(_HOLD_S * float(self._fps))):
                self._writer.add(self._compose(step, observation, outcome))

    def close(self) -> None:
        """Close the file. Raises `StorageError` when the last pictures cannot be written."""
        self._writer.close()

    @property
    def sub_goal(self) -> SubGoal | None:
        """The newest sub-goal; None when the instruction was refused."""
        return self._goals[0] if self._goals else None

    def _show(self, step: int, observation: Observation) -> None:
        self._last = (step, observation)
        self._writer.add(self._compose(step, observation, None))

    def _compose(self, step: int, observation: Observation, outcome: Outcome | None) -> Image:
        image = canvas(self._height + self._height % 2, self._width)
        right = 2 * _GAP + _TILE
        write_text(image, shorten(self._instruction, 17, self._width - 2 * _GAP), _GAP, 22, 17, WHITE)
        write_text(image, "seen", _GAP, 46, 14, GREY)
        write_text(image, "imagined", right, 46, 14, GREY)
        index = step - self._planned_at - 1
        for row, view in enumerate(self._views):
            top = _HEAD + row * (_TILE + _GAP)
            image[top : top + _TILE, _GAP : _GAP + _TILE] = mark_points(frame_of(observation, view), self._goals, _TILE)
            if self._imagined is not None and 0 <= index < len(self._imagined):
                image[top : top + _TILE, right : right + _TILE] = resize(self._imagined[index, row], _TILE)
            else:
                write_text(image, "no imagination yet", right + 60, top + _TILE // 2, 14, GREY)
            write_text(image, view, _GAP + 6, top + 18, 13, WHITE)
        self._foot(image, step, outcome)
        return image

    def _foot(self, image: Image, step: int, outcome: Outcome | None) -> None:
        top = self._height - _FOOT
        for goal in self._goals:
            third = self._width // 3
            for column, (text, colour) in enumerate(
                (
                    (f"+ {spoken(goal.source.label)}", BLUE),
                    (f"o {spoken(goal.target.label)}", ORANGE),
                    (spoken(goal.skill.value), WHITE),
                )
            ):
                write_text(image, shorten(text, 14, third - _GAP), _GAP + column * third, top + 20, 14, colour)
        write_text(image, f"step {step}", _GAP, top + 44, 14, GREY)
        if outcome is not None:
            write_text(image, outcome.reason, 80, top + 44, 14, GREEN if outcome.success else ORANGE)
            return
        length = round((self._width - 160 - _GAP) * float(np.clip(self._verdict.progress, 0.0, 1.0)))
        write_text(image, "progress", 80, top + 44, 14, GREY)
        image[top + 36 : top + 42, 152 : 152 + max(1, length)] = GREEN


def plan_sheet(observation: Observation, plan: Plan, step: int, views: Sequence[str], video_model: VideoModel) -> Image:
    """Contact sheet of one replan: what was seen, then each candidate's imagined frames, rollout and scores."""
    cell = _THUMB + _GAP
    candidates = [candidate for candidate in plan.candidates if len(candidate.video.latents)]
    length = max((len(candidate.video.latents) for candidate in candidates), default=0)
    label = 190
    first = _HEAD + len(views) * cell + _STRIP
    height = first + len(candidates) * (len(views) * cell + 2 * _GAP) + _GAP
    sheet = canvas(height, label + (length + 1) * cell + 3 * _GAP)
    write_text(sheet, f"one replan, after {step} steps: {len(candidates)} imagined futures", _GAP, 24, 18, WHITE)
    for line, text in enumerate(
        ("seen now", "agreement: imagined", "and 'if executed' alike", "progress, success: of", "the sub-goal, 0 to 1")
    ):
        write_text(sheet, text, _GAP, _HEAD + 20 + 20 * line, 15 if line == 0 else 13, GREY)
    for row, view in enumerate(views):
        top = _HEAD + row * cell
        sheet[top : top + _THUMB, label : label + _THUMB] = resize(frame_of(observation, view).image, _THUMB)
    for index in range(length):
        write_text(sheet, f"+{index + 1}", label + index * cell, first - _GAP, 13, GREY)
    write_text(sheet, "if executed", label + length * cell + 2 * _GAP, first - _GAP, 13, GREY)
    for index, candidate in enumerate(candidates):
        top = first + index * (len(views) * cell + 2 * _GAP)
        chosen = index == plan.chosen
        height = len(views) * cell + _GAP
        _candidate_row(sheet[top : top + height], candidate, index, chosen, label, video_model)
    return sheet


def _candidate_row(
    row: Image, candidate: Candidate, index: int, chosen: bool, label: int, video_model: VideoModel
) -> None:
    cell = _THUMB + _GAP
    colour = GREEN if chosen else GREY
    score = candidate.score
    lines = [
        f"candidate {index}" + ("  chosen" if chosen else ""),
        f"total {score.total:.3f}",
        f"agreement {score.agreement:.3f}",
        f"progress {score.progress:.3f}",
        f"success {score.success:.3f}",
        f"limits {score.limits:.3f}",
    ]
    for line, text in enumerate(lines):
        write_text(row, text, _GAP, 24 + 22 * line, 15, colour if line == 0 else WHITE)
    imagined = video_model.decode(candidate.video.latents)
    executed = video_model.decode(candidate.rollout.latents[-1:])
    for view in range(imagined.shape[1]):
        top = view * cell + _GAP // 2
        for step, frame in enumerate(imagined[:, view]):
            row[top : top + _THUMB, label + step * cell : label + step * cell + _THUMB] = resize(frame, _THUMB)
        left = label + len(imagined) * cell + 2 * _GAP
        row[top : top + _THUMB, left : left + _THUMB] = resize(executed[0, view], _THUMB)
    if chosen:
        frame_border(row, GREEN, 2)
