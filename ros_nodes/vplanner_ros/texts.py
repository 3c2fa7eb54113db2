"""Sub-goals, requests, replies and status as versioned JSON in `std_msgs/String`, for want of compiled interfaces."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Annotated, Literal, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vplanner.errors import InputError
from vplanner.run_folder import describe_sub_goal
from vplanner.types import GroundedObject, GroundedPoint, Skill, SubGoal

VERSION: Literal[1] = 1
T = TypeVar("T", bound="_Text")
Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Text(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Thing(_Text):
    label: str
    points: dict[str, tuple[Finite, Finite]]
    position: tuple[Finite, Finite, Finite]
    confidence: Finite

    def grounded(self) -> GroundedObject:
        points = tuple(GroundedPoint(camera, u, v) for camera, (u, v) in self.points.items())
        return GroundedObject(self.label, points, np.array(self.position, dtype=np.float32), self.confidence)


class _SubGoal(_Text):
    skill: Skill
    text: str
    source: _Thing
    target: _Thing


class _SubGoals(_Text):
    version: Literal[1]
    sub_goals: list[_SubGoal]


class Request(_Text):
    """A question to the prompter: `plan` an `instruction`, or `track` the sub-goal of `handle`.

    Pictures are to be from `not_before_s` [s] or later; the reply repeats `id`.
    """

    version: Literal[1] = VERSION
    id: str
    kind: Literal["plan", "track"]
    not_before_s: Finite = 0.0
    instruction: str = ""
    handle: int = 0


class Reply(_Text):
    """The prompter's answer: sub-goals with their handles, or why it `refused`, or the `error` that kept it from it."""

    version: Literal[1] = VERSION
    id: str
    handles: list[int] = []
    sub_goals: list[_SubGoal] = []
    refused: str | None = None
    error: str | None = None

    def grounded(self) -> list[SubGoal]:
        """The sub-goals."""
        return [_grounded(sub_goal) for sub_goal in self.sub_goals]


AT_WORK = frozenset({"understanding", "running"})
"""States of a planner that carries out an instruction."""


@dataclass(frozen=True, slots=True)
class PlannerStatus:
    """What the planner does: `state` is idle, understanding, running, or how the last goal ended.

    `progress` in [0, 1] is the judge's, of the present sub-goal; `scores` are those of the chosen candidate.
    """

    state: str
    instruction: str = ""
    sub_goal: str = ""
    reached: int = 0
    planned: int = 0
    steps: int = 0
    replans: int = 0
    progress: float = 0.0
    scores: dict[str, float] = field(default_factory=dict)
    reason: str = ""


def status_text(status: PlannerStatus) -> str:
    """The status as JSON."""
    return json.dumps({"version": VERSION, **asdict(status)}, ensure_ascii=False)


def sub_goals_text(sub_goals: Sequence[SubGoal]) -> str:
    """Sub-goals as JSON."""
    content = {"version": VERSION, "sub_goals": [describe_sub_goal(sub_goal) for sub_goal in sub_goals]}
    return json.dumps(content, ensure_ascii=False)


def sub_goals_of(text: str) -> list[SubGoal]:
    """Sub-goals from JSON. Raises `InputError` when it holds none that can be read."""
    return [_grounded(sub_goal) for sub_goal in _read(_SubGoals, text, "sub_goals").sub_goals]


def reply_text(request: Request, handles: Sequence[int], sub_goals: Sequence[SubGoal]) -> str:
    """The reply to a request that could be fulfilled."""
    content = {"version": VERSION, "id": request.id, "handles": list(handles)}
    return json.dumps({**content, "sub_goals": [describe_sub_goal(s) for s in sub_goals]}, ensure_ascii=False)


def request_of(text: str) -> Request:
    """A request from JSON. Raises `InputError` when it cannot be read."""
    return _read(Request, text, "prompter/request")


def reply_of(text: str) -> Reply:
    """A reply from JSON. Raises `InputError` when it cannot be read."""
    return _read(Reply, text, "prompter/reply")


def _read(kind: type[T], text: str, topic: str) -> T:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the text"
        raise InputError(f"{topic}: {where}: {first['msg']}") from error


def _grounded(sub_goal: _SubGoal) -> SubGoal:
    return SubGoal(sub_goal.skill, sub_goal.text, sub_goal.source.grounded(), sub_goal.target.grounded())
