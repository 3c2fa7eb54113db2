"""A prompter, and a judge, from any vision-language model: asked for JSON, checked, asked once more, then given up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from vplanner.errors import PrompterError, PromptRefusedError, UnusableReplyError
from vplanner.observation import check_observation, frame_of
from vplanner.prompting.chat import Budget, ChatModel, Message, Schema
from vplanner.prompting.embedded import EmbeddedPrompter
from vplanner.prompting.grounding import ground_plan
from vplanner.prompting.questions import ask_again, ask_plan, ask_verdict
from vplanner.prompting.replies import PlanReply, VerdictReply, plain, plan_schema, read_reply
from vplanner.protocols import Clock
from vplanner.types import CameraFrame, Observation, SubGoal, Verdict

_LEAST_SIZE = 64
_LONGEST_INSTRUCTION = 1000

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class VlmLimits:
    """What one question may cost, and how long a plan may be."""

    most_calls: int = 8
    most_seconds: float = 180.0
    most_sub_goals: int = 6


class VlmPrompter:
    """Asks a vision-language model for the plan; between plans the embedded prompter follows the points."""

    def __init__(
        self,
        chat: ChatModel,
        embedded: EmbeddedPrompter,
        views: Sequence[str],
        limits: VlmLimits,
        fall_back: Callable[[str], None] | None,
        clock: Clock = time.monotonic,
    ) -> None:
        """Ask `chat`.

        Args:
            chat: The model.
            embedded: Knows the bundle's skills, follows points, and plans when the model fails.
            views: Cameras whose pictures the model gets; every sub-goal has a point in each.
            limits: Bounds of each question.
            fall_back: Is told why, whenever the embedded prompter plans instead; without it, failures are raised.
            clock: Measures the time that a question takes.
        """
        self._chat = chat
        self._embedded = embedded
        self._views = tuple(views)
        self._limits = limits
        self._fall_back = fall_back
        self._clock = clock

    def plan(self, observation: Observation, instruction: str) -> list[SubGoal]:
        """Sub-goals in order, each with source and target in all views.

        Raises:
            PromptRefusedError: The instruction is empty or too long, or the model refuses it.
            UnusableReplyError: Its reply, and that to one more request, cannot be carried out.
            PrompterError: There is no reply.
            ObservationError: The observation is malformed.
        """
        if not 0 < len(instruction.strip()) <= _LONGEST_INSTRUCTION:
            raise PromptRefusedError(
                f"the instruction has {len(instruction.strip())} characters; give 1 to {_LONGEST_INSTRUCTION}"
            )
        frames = self._frames(observation)
        vocabulary = self._embedded.vocabulary

        def read(text: str) -> list[SubGoal]:
            reply = read_reply(PlanReply, text)
            if reply.refusal is not None:
                raise PromptRefusedError(plain(reply.refusal) or "the model gives no reason")
            return ground_plan(reply, frames, vocabulary, self._limits.most_sub_goals)

        try:
            schema = plan_schema(vocabulary.skills, self._views)
            return self._ask(ask_plan(frames, vocabulary, instruction), schema, read)
        except (PrompterError, UnusableReplyError) as error:
            if self._fall_back is None:
                raise
            self._fall_back(str(error))
        return self._embedded.plan(observation, instruction)

    def track(self, observation: Observation, sub_goal: SubGoal) -> SubGoal:
        """The sub-goal with its points where the things are seen now; the model is not asked.

        Things without a name that the embedded prompter knows stay where they are, or go where the hand takes them.
        """
        return self._embedded.track_foreign(observation, sub_goal)

    def judge(self, observation: Observation, sub_goal: SubGoal) -> Verdict:
        """The model's verdict; a reply that cannot be used counts as "not reached".

        Raises:
            PrompterError: There is no reply.
            ObservationError: The observation is malformed.
        """
        frames = self._frames(observation)
        schema: Schema = VerdictReply.model_json_schema()
        try:
            reply = self._ask(ask_verdict(frames, sub_goal), schema, lambda text: read_reply(VerdictReply, text))
        except PromptRefusedError as error:
            return Verdict(False, 0.0, f"no verdict: {error}")
        return Verdict(reply.success, reply.progress, reply.reason)

    def _frames(self, observation: Observation) -> list[CameraFrame]:
        check_observation(observation, self._views, _LEAST_SIZE)
        return [frame_of(observation, view) for view in self._views]

    def _ask(self, messages: list[Message], schema: Schema, read: Callable[[str], _Answer]) -> _Answer:
        """What `read` makes of the reply, or of the reply to one more request that says what is wrong."""
        budget = Budget(self._limits.most_calls, self._limits.most_seconds, self._clock)
        reply = self._chat.ask(messages, schema, budget)
        try:
            return read(reply)
        except UnusableReplyError as error:
            problem = str(error)
        try:
            return read(self._chat.ask(ask_again(messages, reply, problem), schema, budget))
        except UnusableReplyError as error:
            raise UnusableReplyError(
                f"the model's reply cannot be used, after one request to mend it: {error}"
            ) from error
