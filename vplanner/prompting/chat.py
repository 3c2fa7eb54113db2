"""What every vision-language model is asked through: messages with pictures, a schema, and a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import JsonValue

from vplanner.errors import PrompterError
from vplanner.protocols import Clock
from vplanner.types import Image

LONGEST_REPLY = 32_768
"""Longer replies [characters] are not read."""
REPLY_TOKENS = 2048
"""The model is told to stop after so many tokens."""

Schema = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation; `images` come before the text."""

    role: Literal["system", "user", "assistant"]
    text: str
    images: tuple[Image, ...] = ()


class Budget:
    """How many calls and how much time are left for one question."""

    def __init__(self, calls: int, seconds: float, clock: Clock) -> None:
        """Start now, by `clock`."""
        self._calls = self._calls_left = calls
        self._seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    @property
    def seconds_left(self) -> float:
        """Time left [s]; negative when it is over."""
        return self._end - self._clock()

    def take(self, before: str = "") -> float:
        """Count one call and give the time left for it [s].

        Args:
            before: What went wrong until now, for the error message.

        Raises:
            PrompterError: Calls or time are used up.
        """
        left = self.seconds_left
        if self._calls_left <= 0 or left <= 0.0:
            used = f"{self._calls} calls" if self._calls_left <= 0 else f"{self._seconds:g} s"
            reason = f"; the last one: {before}" if before else ""
            raise PrompterError(
                f"no usable answer within the budget of {used} (--prompter-calls, --prompter-seconds){reason}"
            )
        self._calls_left -= 1
        return left


class ChatModel(Protocol):
    """A vision-language model."""

    def ask(self, messages: Sequence[Message], schema: Schema, budget: Budget) -> str:
        """The text of its reply, which may or may not keep to the JSON `schema`.

        Raises:
            PrompterError: There is no reply, or the budget is used up.
            PromptRefusedError: The model, or who runs it, refuses to answer.
        """
        ...
