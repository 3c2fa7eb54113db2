"""The prompter of another node: what is asked, and every way in which no answer comes. No ROS."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import numpy as np
import pytest

from vplanner.errors import CalledOffError, InputError, PrompterError, PromptRefusedError
from vplanner.types import GroundedObject, GroundedPoint, Observation, RobotState, Skill, SubGoal
from vplanner_ros import remote_prompter
from vplanner_ros.remote_prompter import RemotePrompter
from vplanner_ros.texts import Reply, Request, reply_of, reply_text, request_of, sub_goals_of, sub_goals_text

ROBOT = RobotState(np.zeros(7, np.float32), np.zeros(3, np.float32), np.array([1, 0, 0, 0], np.float32), 1.0)
SEEN = Observation(12.5, (), ROBOT)


def cube_at(u: float, label: str = "red cube") -> GroundedObject:
    points = (GroundedPoint("front", u, 0.25), GroundedPoint("side", 0.5, u))
    return GroundedObject(label, points, np.array([0.5, u, 0.02], np.float32), 0.75)


def goal_at(u: float) -> SubGoal:
    return SubGoal(Skill.PICK_PLACE, "put the red cube in the bowl", cube_at(u), cube_at(0.5, "white bowl"))


def answering(answer: Callable[[Request], str], listeners: int = 1, timeout_s: float = 30.0) -> RemotePrompter:
    """A prompter whose questions are answered by a thread, as the callback of a node would."""

    def ask(text: str) -> None:
        threading.Thread(target=lambda: prompter.take(answer(request_of(text))), daemon=True).start()

    prompter = RemotePrompter(ask, lambda: listeners, timeout_s)
    return prompter


def test_sub_goals_keep_their_meaning_as_text() -> None:
    (back,) = sub_goals_of(sub_goals_text([goal_at(0.25)]))
    assert (back.skill, back.text) == (Skill.PICK_PLACE, "put the red cube in the bowl")
    assert back.source.points == cube_at(0.25).points
    np.testing.assert_allclose(back.target.position, cube_at(0.5).position)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2, "sub_goals": []}', '{"version": 1}', "null"])
def test_texts_that_are_none_of_ours_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="sub_goals: "):
        sub_goals_of(text)
    for read in (request_of, reply_of):
        with pytest.raises(InputError):
            read(text)


def test_numbers_that_are_not_finite_are_refused() -> None:
    content = json.loads(sub_goals_text([goal_at(0.25)]))
    content["sub_goals"][0]["source"]["position"][1] = float("nan")
    with pytest.raises(InputError, match=r"source\.position"):
        sub_goals_of(json.dumps(content))


def test_plans_and_tracks_by_handle() -> None:
    requests: list[Request] = []

    def answer(request: Request) -> str:
        requests.append(request)
        return reply_text(request, [7], [goal_at(0.25 if request.kind == "plan" else 0.375)])

    prompter = answering(answer)
    (goal,) = prompter.plan(SEEN, "put the red cube in the bowl")
    tracked = prompter.track(SEEN, prompter.track(SEEN, goal))
    assert tracked.source.points[0].u == 0.375
    assert [(r.kind, r.handle, r.not_before_s) for r in requests] == [
        ("plan", 0, 12.5), ("track", 7, 12.5), ("track", 7, 12.5),
    ]  # fmt: skip
    assert requests[0].instruction == "put the red cube in the bowl"
    assert len({request.id for request in requests}) == 3


def test_what_was_planned_before_can_still_be_tracked() -> None:
    requests: list[Request] = []

    def answer(request: Request) -> str:
        requests.append(request)
        if request.kind == "track":
            return reply_text(request, [request.handle], [goal_at(0.375)])
        handles = [1, 2] if request.instruction == "both" else [10 + len(requests)]
        return reply_text(request, handles, [goal_at(0.25) for _ in handles])

    prompter = answering(answer)
    _, second = prompter.plan(SEEN, "both")
    (anew,) = prompter.plan(SEEN, "the first one again")
    prompter.track(SEEN, anew)
    second = prompter.track(SEEN, second)
    assert [request.handle for request in requests] == [0, 0, 12, 2]
    for _ in range(remote_prompter._KEPT + 1):
        prompter.plan(SEEN, "something else")
    with pytest.raises(InputError, match="it was not planned by this prompter"):
        prompter.track(SEEN, second)
    assert len(prompter._handles) == remote_prompter._KEPT + 1


def test_a_refusal_is_a_refusal_and_an_error_an_error() -> None:
    with pytest.raises(PromptRefusedError, match="I see no bowl"):
        answering(lambda r: Reply(id=r.id, refused="I see no bowl").model_dump_json()).plan(SEEN, "x")
    with pytest.raises(PrompterError, match="the server is away"):
        answering(lambda r: Reply(id=r.id, error="the server is away").model_dump_json()).plan(SEEN, "x")


def test_answers_to_other_questions_are_passed_over() -> None:
    def answer(request: Request) -> str:
        prompter.take(Reply(id="somebody else's", error="not for us").model_dump_json())
        return reply_text(request, [1], [goal_at(0.5)])

    prompter = answering(answer)
    assert len(prompter.plan(SEEN, "x")) == 1


@pytest.mark.parametrize("handles", [[], [1, 2]])
def test_answers_that_do_not_add_up_are_told(handles: list[int]) -> None:
    with pytest.raises(PrompterError, match="1 sub-goals with"):
        answering(lambda r: reply_text(r, handles, [goal_at(0.5)])).plan(SEEN, "x")


def test_silence_absence_and_departure_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_prompter, "_LOOK_S", 0.001)
    wall = iter(np.arange(0.0, 1e4, 1.0))
    with pytest.raises(PrompterError, match="no prompter: nobody listens"):
        RemotePrompter(lambda _: None, lambda: 0, 30.0, lambda: float(next(wall))).plan(SEEN, "x")
    with pytest.raises(PrompterError, match="no answer within 30 s"):
        RemotePrompter(lambda _: None, lambda: 1, 30.0, lambda: float(next(wall))).plan(SEEN, "x")
    present = iter([1, 1, 0])
    with pytest.raises(PrompterError, match="the prompter went away"):
        RemotePrompter(lambda _: None, lambda: next(present, 0), 30.0).plan(SEEN, "x")


def test_whoever_waits_can_be_called_off() -> None:
    prompter = RemotePrompter(lambda _: prompter.call_off("it was asked to stop"), lambda: 1, 30.0)
    with pytest.raises(CalledOffError, match="it was asked to stop"):
        prompter.plan(SEEN, "x")
    prompter.call_off(None)
    assert prompter._called_off is None


def test_sub_goals_of_others_cannot_be_tracked() -> None:
    with pytest.raises(InputError, match="it was not planned by this prompter"):
        answering(lambda r: "").track(SEEN, goal_at(0.5))
