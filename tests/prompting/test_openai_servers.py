"""The `openai` prompter against servers that are simple, busy, broken, silent or strange, and as a judge."""

from __future__ import annotations

import json
import os
import socket
from typing import Any

import numpy as np
import pytest

from vplanner.errors import InputError, PrompterError, PromptRefusedError
from vplanner.prompting import EmbeddedPrompter, VlmLimits, VlmPrompter
from vplanner.prompting.http_json import LARGEST_BODY
from vplanner.prompting.openai import OpenAIChat

from .conftest import VIEWS, Make

KEY = "sk-very-secret"


@pytest.mark.parametrize(
    ("formats", "unknown", "asked"),
    [
        (["json_object"], 400, ["json_schema", "json_object"]),
        (["text"], 422, ["json_schema", "json_object", None]),
        (["json_object"], 500, ["json_schema", "json_schema", "json_object"]),
    ],
)
def test_servers_that_know_no_schema_are_asked_in_simpler_forms(
    make: Make, chat_server: Any, scene: Any, formats: list[str], unknown: int, asked: list[str | None]
) -> None:
    chat_server.script({"content": scene.reply()}, formats=formats, unknown=unknown)
    vlm = make()
    for _ in range(2):
        assert len(vlm.plan(scene.observation, scene.instruction)) == 1
    sent = [request["body"].get("response_format", {}).get("type") for request in chat_server.requests]
    assert sent == [*asked, asked[-1]], "the second plan begins with the form that worked"
    for request in chat_server.requests:
        if request["body"].get("response_format", {}).get("type") == "json_object":
            assert request["body"]["response_format"]["schema"]["required"] == ["refusal", "sub_goals"]


def test_settings_that_a_server_does_not_take_are_left_out(make: Make, chat_server: Any, scene: Any) -> None:
    chat_server.script(
        {"status": 400, "raw": "Unsupported parameter: 'max_tokens'"},
        {"status": 400, "raw": "Unsupported value: 'temperature'"},
        {"content": scene.reply()},
    )
    make().plan(scene.observation, scene.instruction)
    last = chat_server.requests[-1]["body"]
    assert not {"max_tokens", "temperature"} & set(last) and last["response_format"]["type"] == "json_schema"


def test_a_busy_server_is_asked_again_after_the_pause_that_it_wants(
    make: Make, chat_server: Any, scene: Any, pauses: list[float]
) -> None:
    busy = {"status": 429, "raw": "slow down"}
    chat_server.script({**busy, "headers": {"Retry-After": "7"}}, busy, {"hang_up": True}, {"content": scene.reply()})
    make().plan(scene.observation, scene.instruction)
    assert pauses == [7.0, 1.0, 2.0] and len(chat_server.requests) == 4


BROKEN: dict[str, tuple[dict[str, Any], str, int]] = {
    "always busy": ({"status": 429, "raw": "busy"}, r"HTTP 429 \(busy\) \(4 attempts\)", 4),
    "always failing": ({"status": 503, "raw": ""}, r"HTTP 503 \(no text\) \(4 attempts\)", 4),
    "failing in every form": ({"status": 500, "raw": "oops"}, r"HTTP 500 \(oops\)", 8),
    "hanging up": ({"hang_up": True}, "hung up", 4),
    "no chat server": ({"raw": "<html>It works!</html>"}, "no chat completion .*It works!", 1),
    "huge": ({"raw": "x" * 1000, "times": LARGEST_BODY // 1000 + 1}, "larger than 1000000 bytes", 1),
    "no key": ({"status": 401, "raw": "who?"}, "wants an API key: --prompter-key-variable", 1),
    "unknown model": ({"status": 404, "raw": "no such model"}, "no such model.*--prompter-model", 1),
    "moved": ({"status": 307, "raw": "", "headers": {"Location": "http://127.0.0.1:9/"}}, "it sends elsewhere", 1),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_server_is_one_clear_error(make: Make, chat_server: Any, scene: Any, case: str) -> None:
    step, message, calls = BROKEN[case]
    chat_server.script(step)
    with pytest.raises(PrompterError, match=message) as caught:
        make().plan(scene.observation, scene.instruction)
    assert str(caught.value).startswith(chat_server.url) or "budget" in str(caught.value)
    assert len(chat_server.requests) == calls


def test_a_silent_server_is_given_up(make: Make, chat_server: Any, scene: Any) -> None:
    chat_server.script({"sleep": 3.0, "content": "late"})
    with pytest.raises(PrompterError, match=r"budget of 2 calls .*no answer within 0\.5 s; is the model loaded"):
        make(timeout_s=0.5, most_calls=2).plan(scene.observation, scene.instruction)


def test_time_is_bounded_over_all_calls(chat_server: Any, prompter: EmbeddedPrompter, scene: Any) -> None:
    chat_server.script({"status": 429, "raw": "busy", "headers": {"Retry-After": "3600"}})
    now = [0.0]
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    chat = OpenAIChat(chat_server.url, "a-model", None, 20.0, sleep)
    vlm = VlmPrompter(chat, prompter, VIEWS, VlmLimits(most_seconds=5.0), None, clock=lambda: now[0])
    with pytest.raises(PrompterError, match=r"budget of 5 s .*HTTP 429"):
        vlm.plan(scene.observation, scene.instruction)
    assert pauses == [5.0] and len(chat_server.requests) == 1


def test_nobody_listening_names_the_address_and_what_to_check(make: Make, scene: Any) -> None:
    with socket.socket() as taken:  # bound, but not listening
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        with pytest.raises(PrompterError, match=f"^{url}/chat/completions: cannot be reached .*check --prompter-url"):
            make(url).plan(scene.observation, scene.instruction)


def test_the_key_is_sent_to_the_server_and_appears_nowhere_else(make: Make, chat_server: Any, scene: Any) -> None:
    chat_server.script({"status": 401, "raw": "bad key KEY"})
    vlm = make(key=KEY)
    with pytest.raises(PrompterError, match=r"bad key Bearer \*\*\*.*does not take the API key") as caught:
        vlm.plan(scene.observation, scene.instruction)
    assert chat_server.requests[0]["headers"]["Authorization"] == f"Bearer {KEY}"
    assert KEY not in json.dumps(chat_server.requests[0]["body"])
    assert KEY not in repr(caught.value) + repr(vlm) + repr(vlm._chat)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "127.0.0.1:8000", "http://", "http://a:b@host/v1", "http://h/?q"]
)
def test_addresses_that_are_none_are_refused_and_passwords_not_shown(url: str) -> None:
    with pytest.raises(InputError, match="--prompter-url") as caught:
        OpenAIChat(url, "m", None, 1.0)
    assert "a:b" not in str(caught.value)


def test_a_key_with_a_line_break_is_refused_and_not_shown() -> None:
    with pytest.raises(InputError, match="API key") as caught:
        OpenAIChat("http://host/v1", "m", KEY + "\n", 1.0)
    assert KEY not in str(caught.value)


def test_the_embedded_prompter_plans_instead_where_that_is_wanted(
    make: Make, chat_server: Any, scene: Any, prompter: EmbeddedPrompter
) -> None:
    chat_server.script({"content": "garbage"})
    told: list[str] = []
    (mine,) = make(fall_back=told.append).plan(scene.observation, scene.instruction)
    (theirs,) = prompter.plan(scene.observation, scene.instruction)
    np.testing.assert_array_equal(mine.source.position, theirs.source.position)
    assert len(told) == 1 and "no JSON object in 'garbage'" in told[0]


def test_the_judge_says_what_the_model_says_and_no_when_it_says_nothing(
    make: Make, chat_server: Any, scene: Any
) -> None:
    chat_server.script({"content": scene.reply()})
    vlm = make()
    (sub_goal,) = vlm.plan(scene.observation, scene.instruction)
    chat_server.script({"content": '{"success": true, "progress": 1, "reason": "it is in\\u001b the bowl"}'})
    verdict = vlm.judge(scene.observation, sub_goal)
    assert (verdict.success, verdict.progress, verdict.reason) == (True, 1.0, "it is in the bowl")
    for bad in ("yes", '{"success": "yes", "progress": 1, "reason": "x"}', '{"success": true, "progress": 2}'):
        chat_server.script({"content": bad})
        verdict = vlm.judge(scene.observation, sub_goal)
        assert not verdict.success and verdict.progress == 0.0 and verdict.reason.startswith("no verdict: ")
    chat_server.script({"status": 401, "raw": ""})
    with pytest.raises(PrompterError):
        vlm.judge(scene.observation, sub_goal)


def test_a_real_server_plans_or_says_why_not(prompter: EmbeddedPrompter, scene: Any) -> None:
    url = os.environ.get("VPLANNER_TEST_OPENAI_URL")
    if not url:
        pytest.skip("VPLANNER_TEST_OPENAI_URL names no server; VPLANNER_TEST_OPENAI_MODEL names its model")
    chat = OpenAIChat(url, os.environ.get("VPLANNER_TEST_OPENAI_MODEL", "default"), None, 300.0)
    try:
        sub_goals = VlmPrompter(chat, prompter, VIEWS, VlmLimits(most_seconds=900.0), None).plan(
            scene.observation, scene.instruction
        )
    except PromptRefusedError as error:
        pytest.xfail(f"the server answers, but the model does not plan: {error}")
    assert all(len(sub_goal.source.points) == 2 for sub_goal in sub_goals)
