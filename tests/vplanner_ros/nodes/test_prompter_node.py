"""The prompter's node on its own: nobody who asks is left without an answer, whenever it is deactivated."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("rclpy", reason="pip install 'vplanner[ros,dev-ros]'")

from std_msgs.msg import String

from vplanner.types import Observation
from vplanner_ros import qos
from vplanner_ros.prompter_node import PrompterNode
from vplanner_ros.texts import Reply, Request, reply_of

from .bench import Bench

pytestmark = pytest.mark.ros


def request(name: str) -> String:
    content = {"id": name, "kind": "plan", "not_before_s": 0.0, "instruction": "press it", "handle": 0}
    return String(data=Request.model_validate(content).model_dump_json())


def test_deactivated_while_it_waits_for_pictures_it_answers_again_afterwards(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = bench.start(PrompterNode, autostart=True, threads=1, camera_timeout=60.0, state_timeout=60.0)
    bench.until(lambda: node.running, "it is active")
    observe = node._rig.senses.observe
    looks: list[float] = []

    def counted(not_before_s: float) -> Observation:
        looks.append(not_before_s)
        return observe(not_before_s)

    monkeypatch.setattr(node._rig.senses, "observe", counted)
    heard: list[Any] = bench.hear(String, "prompter/reply", qos.EVENT)
    ask = bench.talk(String, "prompter/request", qos.EVENT)
    bench.until(lambda: node._replies.get_subscription_count() > 0, "the probe hears answers")

    def replies() -> dict[str, Reply]:
        return {reply.id: reply for reply in (reply_of(message.data) for message in heard)}

    for turn in range(2):
        looks.clear()
        waiting, queued = f"waiting {turn}", f"queued {turn}"
        ask.publish(request(waiting))
        bench.until(lambda: looks, "there are no cameras, so it waits")
        ask.publish(request(queued))
        bench.until(lambda: not node._requests.empty(), "the next one waits for the first")
        assert node.trigger_deactivate().name == "SUCCESS"
        bench.until(lambda names={waiting, queued}: names <= set(replies()), "both hear of it")
        assert {replies()[name].error for name in (waiting, queued)} == {"the prompter was deactivated"}
        assert node.trigger_activate().name == "SUCCESS"
