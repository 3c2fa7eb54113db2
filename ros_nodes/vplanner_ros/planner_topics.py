"""What `planner_node` publishes and hears besides cameras and robot; a `Listener` of the closed loop."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from geometry_msgs.msg import PoseArray
from sensor_msgs.msg import Image
from std_msgs.msg import String
from trajectory_msgs.msg import MultiDOFJointTrajectory

from vplanner import types
from vplanner.errors import InputError, SafetyError
from vplanner.loop import Outcome
from vplanner.protocols import VideoModel
from vplanner.safety import SafeChunk
from vplanner.types import Observation, Plan, SubGoal, Verdict
from vplanner_ros import messages, qos
from vplanner_ros.messages import PoseChunk
from vplanner_ros.senses import Senses
from vplanner_ros.servo.status import SLOWED, Code
from vplanner_ros.texts import PlannerStatus, status_text

_HARMLESS = frozenset({*SLOWED, Code.WAITING, Code.STALE_COMMAND, Code.LATE_TICK})


class PlannerTopics:
    """Publishers and subscriptions of one planner."""

    def __init__(self, node: Any, views: Sequence[str], video_model: VideoModel, dt_s: float) -> None:
        """Make the publishers; imagined frames are `dt_s` [s] apart."""
        self._node = node
        self._views = tuple(views)
        self._video_model = video_model
        self._dt_s = dt_s
        publish = node.create_publisher
        self._chunk = publish(MultiDOFJointTrajectory, "chunk", qos.COMMAND)
        self._poses = publish(PoseArray, "chunk/poses", qos.STATE)
        self._status = publish(String, "~/status", qos.LATCHED)
        self._ask = publish(String, "prompter/request", qos.EVENT)
        self._imagined = {view: publish(Image, f"imagined/{view}", qos.STATE) for view in self._views}
        self._subscriptions: list[Any] = []
        self._frames: types.Image | None = None  # (T, V, H, W, 3)
        self._frames_at = 0
        self._imagine = True
        self.status = PlannerStatus("idle")
        self.on_status: Callable[[PlannerStatus], None] = lambda _: None
        self.replan_ms = 0.0

    def listen(self, take_reply: Callable[[str], None] | None, senses: Senses) -> None:
        """Hand on replies of the prompter, and tell `senses` when the executor cannot follow."""

        def take(message: String) -> None:
            try:
                if take_reply is not None:
                    take_reply(message.data)
            except InputError as error:
                self._node.get_logger().warning(str(error))

        subscribe = self._node.create_subscription
        if take_reply is not None:
            self._subscriptions.append(subscribe(String, "prompter/reply", take, qos.EVENT))
        heed = lambda message: senses.obstruct(obstacle_of(message.data))  # noqa: E731
        self._subscriptions.append(subscribe(String, "executor_node/status", heed, qos.LATCHED))

    def close(self) -> None:
        """Remove everything."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        publishers = (self._chunk, self._poses, self._status, self._ask, *self._imagined.values())
        for publisher in publishers:
            self._node.destroy_publisher(publisher)

    def ask(self, text: str) -> None:
        """Send a question to the prompter."""
        self._ask.publish(String(data=text))

    def prompters(self) -> int:
        """How many nodes hear the questions."""
        return int(self._ask.get_subscription_count())

    def send_chunk(self, chunk: PoseChunk) -> None:
        """Send targets to the executor. Raises `SafetyError` when there is none to take them."""
        if len(chunk.times_s) and self._chunk.get_subscription_count() == 0:
            raise SafetyError("nobody listens on 'chunk'; start executor_node")
        self._chunk.publish(messages.chunk_message(chunk))
        self._poses.publish(messages.pose_array(chunk))

    def say_idle(self) -> None:
        """Nothing is going on."""
        self._say(PlannerStatus("idle"))

    def begin(self, instruction: str, imagine: bool) -> None:
        """A goal begins; `imagine` tells whether imagined frames are published."""
        self._imagine, self._frames = imagine, None
        self._say(PlannerStatus("understanding", instruction))

    def end(self, outcome: Outcome) -> None:
        """The goal has ended."""
        self._say(
            replace(
                self.status,
                state=outcome.ending.value,
                reason=outcome.reason,
                steps=outcome.steps,
                replans=outcome.replans,
                reached=outcome.reached,
            )
        )

    def on_sub_goals(self, observation: Observation, sub_goals: Sequence[SubGoal]) -> None:
        """The instruction was understood."""
        self._say(replace(self.status, state="running", sub_goal=sub_goals[0].text, planned=len(sub_goals)))

    def on_look(self, step: int, observation: Observation, sub_goal: SubGoal, verdict: Verdict) -> None:
        """A verdict was given."""
        self._say(
            replace(
                self.status, sub_goal=sub_goal.text, steps=step, progress=float(verdict.progress), reason=verdict.reason
            )
        )

    def on_plan(self, step: int, observation: Observation, sub_goal: SubGoal, plan: Plan, safe: SafeChunk) -> None:
        """A plan was made."""
        score = plan.best.score
        scores = {name: round(float(getattr(score, name)), 4) for name in type(score).__slots__}
        self.replan_ms = sum(stage.ms for stage in plan.stages)
        self._say(replace(self.status, scores=scores, replans=self.status.replans + 1))
        self._frames, self._frames_at = None, step
        latents = plan.best.video.latents
        if self._imagine and len(latents) and any(p.get_subscription_count() for p in self._imagined.values()):
            self._frames = self._video_model.decode(latents)
            self._show(step + 1, observation.time_s + self._dt_s)

    def on_step(self, step: int, observation: Observation) -> None:
        """A step was done: what was imagined for the next one is due."""
        self._show(step + 1, observation.time_s + self._dt_s)

    def _show(self, step: int, stamp_s: float) -> None:
        """Publish the frames that were imagined for the end of a step."""
        index = step - self._frames_at - 1
        if self._frames is None or not 0 <= index < len(self._frames):
            return
        for view, image in zip(self._views, self._frames[index], strict=True):
            self._imagined[view].publish(messages.image_message(image, stamp_s, messages.optical_frame(view)))

    def _say(self, status: PlannerStatus) -> None:
        self.status = status
        self._status.publish(String(data=status_text(status)))
        self.on_status(status)


def obstacle_of(text: str) -> str | None:
    """Why the executor does not follow chunks, from its status as JSON; None when it does, or would."""
    try:
        content = json.loads(text)
        code, name, reason = int(content["code"]), str(content["name"]), str(content["reason"])
    except (ValueError, KeyError, TypeError):
        return "executor: its status cannot be read"
    return None if code in _HARMLESS else f"executor: {name}: {reason}"
