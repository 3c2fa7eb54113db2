"""Options of the commands, following of points that a VLM found, and replies that nobody would write."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplanner.bundle import Bundle
from vplanner.cli import main
from vplanner.errors import UnusableReplyError
from vplanner.prompting import EmbeddedPrompter
from vplanner.prompting.affordances import needs_target
from vplanner.prompting.replies import PlanReply, read_reply
from vplanner.types import Skill

SCENE = ["--task", "pick_place", "--seed", "100500"]
NOWHERE = ["--prompter", "openai", "--prompter-model", "m", "--prompter-url", "http://127.0.0.1:9/v1"]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def of(server: Any) -> list[str]:
    return ["--prompter", "openai", "--prompter-model", "m", "--prompter-url", server.url]


def test_prompt_writes_what_the_server_plans(bundle: Bundle, chat_server: Any, scene: Any, tmp_path: Path) -> None:
    chat_server.script({"content": scene.reply()})
    path = tmp_path / "a.json"
    assert main(["prompt", "tidy up", *SCENE, *of(chat_server), "--json", str(path)]) == 0
    (sub_goal,) = json.loads(path.read_text())["sub_goals"]
    assert sub_goal["skill"] == "pick_place" and set(sub_goal["source"]["points"]) == {"front", "side"}
    assert len(chat_server.requests) == 1


def test_prompt_says_what_the_server_refuses(
    bundle: Bundle, chat_server: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chat_server.script({"content": '{"refusal": "no [/x] moon", "sub_goals": []}'})
    assert main(["prompt", "to the moon", *SCENE, *of(chat_server)]) == 1
    assert "refused: no [/x] moon" in capsys.readouterr().out


def test_words_that_no_scene_is_found_for_need_a_named_one(
    bundle: Bundle, chat_server: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    chat_server.script({"content": "never asked"})
    assert main(["prompt", "tidy up", *of(chat_server)]) == 1
    assert "--task and --seed" in " ".join(capsys.readouterr().out.split())
    assert chat_server.requests == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["prompt", "x", *SCENE, *NOWHERE], "http://127.0.0.1:9/v1/chat/completions: cannot be reached ("),
        (["run", "x", *SCENE, *NOWHERE], "http://127.0.0.1:9/v1/chat/completions: cannot be reached ("),
        (
            ["eval", "--tasks", "reach", "--episodes", "1", "--workers", "1", *NOWHERE],
            "http://127.0.0.1:9/v1/chat/completions: cannot be reached (",
        ),
        (["prompt", "x", *SCENE, "--prompter", "openai"], "--prompter openai needs --prompter-model"),
        (
            ["prompt", "x", *SCENE, *NOWHERE[:4], "--prompter-url", "ftp://h"],
            "--prompter-url: 'ftp://h' cannot be used",
        ),
        (["prompt", "x", *SCENE, *NOWHERE, "--prompter-calls", "0"], "--prompter-calls 0 is too small"),
        (["run", "x", *SCENE, "--prompter-judge"], "--prompter-judge needs a VLM"),
    ],
)
def test_a_prompter_that_cannot_be_used_is_told_in_one_line(
    bundle: Bundle, arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    pytest.importorskip("mujoco")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VPLANNER_BUNDLE", str(bundle.folder))
    assert main(arguments) == 2
    error = capsys.readouterr().err.strip()
    assert message in error and error.startswith("vplanner: ") and "\n" not in error


def test_the_embedded_prompter_takes_over_when_the_server_is_away(
    bundle: Bundle, scene: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    words = [scene.instruction, *SCENE, *NOWHERE, "--prompter-fallback", "embedded", "--json", str(path)]
    assert main(["prompt", *words]) == 0
    assert json.loads(path.read_text())["sub_goals"][0]["skill"] == "pick_place"
    assert "the embedded prompter plans instead: http://127.0.0.1:9/v1" in capsys.readouterr().err


def test_known_names_are_followed_where_they_are_close_and_others_stay(prompter: EmbeddedPrompter, scene: Any) -> None:
    (true,) = prompter.plan(scene.observation, scene.instruction)
    aside = np.array([0.03, 0.0, 0.0], dtype=np.float32)
    near = replace(true.source, position=true.source.position + aside, confidence=0.5)
    strange = replace(near, label="shiny thing")
    far = replace(near, position=true.source.position + 5 * aside)
    followed = prompter.track_foreign(scene.observation, replace(true, source=near))
    np.testing.assert_allclose(followed.source.position, true.source.position, atol=1e-4)
    for thing in (strange, far):
        kept = prompter.track_foreign(scene.observation, replace(true, source=thing))
        np.testing.assert_array_equal(kept.source.position, thing.position)
        assert kept.source.points == thing.points
        np.testing.assert_allclose(kept.target.position, true.target.position, atol=1e-4)


def test_a_strange_thing_goes_where_the_hand_carries_it(prompter: EmbeddedPrompter, scene: Any) -> None:
    (true,) = prompter.plan(scene.observation, scene.instruction)
    thing = replace(true.source, label="shiny thing")
    robot = replace(scene.observation.robot, position=thing.position, gripper_opening=0.5)
    held = prompter.track_foreign(replace(scene.observation, robot=robot), replace(true, source=thing))
    way = np.array([0.0, 0.05, 0.1], dtype=np.float32)
    later = replace(scene.observation, robot=replace(robot, position=robot.position + way))
    carried = prompter.track_foreign(later, held)
    np.testing.assert_allclose(carried.source.position, thing.position + way, atol=1e-5)


def test_which_skills_need_a_target(prompter: EmbeddedPrompter) -> None:
    alone = {skill for skill in prompter.vocabulary.skills if not needs_target(prompter.vocabulary, skill)}
    assert alone == {Skill.REACH, Skill.PRESS, Skill.OPEN_DRAWER, Skill.CLOSE_DRAWER}


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("refusal sub_goals skill text source points u".split()), inner, max_size=4)
    ),
)


@given(st.text(max_size=200) | json_values.map(json.dumps) | st.text(alphabet='{}[]",:u1', max_size=60))
def test_whatever_is_replied_is_read_or_refused(text: str) -> None:
    try:
        reply = read_reply(PlanReply, text)
    except UnusableReplyError as error:
        assert str(error).isprintable() and len(str(error)) < 2000
    else:
        assert reply.refusal is None or isinstance(reply.refusal, str)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_reply_is_found_among_any_words_without_braces(before: str, after: str) -> None:
    reply = '{"refusal": "no", "sub_goals": []}'
    text = before.replace("{", "(") + reply + after.replace("{", "(")
    assert read_reply(PlanReply, text).refusal == "no"
