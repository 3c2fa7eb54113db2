"""What a vision-language model may reply, and how it is read out of text: nothing is taken that is not checked here."""

from __future__ import annotations

import json
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from vplanner.errors import UnusableReplyError
from vplanner.prompting.chat import LONGEST_REPLY, Schema
from vplanner.types import Skill

_LONGEST_WORDS = 200
_REPORTED = 3


def plain(text: str, most: int = _LONGEST_WORDS) -> str:
    """One line of at most `most` printable characters: what others wrote, fit for a terminal and for error messages."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return words if len(words) <= most else words[: most - 2] + ".."


def _named(text: str) -> str:
    words = plain(text)
    if not words:
        raise ValueError("must not be empty")
    return words


def _fraction(value: float) -> float:
    if not 0.0 <= value <= 1.0:  # false for NaN, too
        raise ValueError("must be from 0 to 1; points are fractions of the picture, not pixels")
    return value


# The limits are validators rather than part of the schema, because strict servers refuse schemas that state limits.
_Words = Annotated[str, AfterValidator(_named)]
_Fraction = Annotated[float, AfterValidator(_fraction)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Point(_Part):
    """Where one camera sees a thing."""

    camera: str
    u: Annotated[_Fraction, Field(description="0 at the left edge of the picture, 1 at the right edge")]
    v: Annotated[_Fraction, Field(description="0 at the upper edge of the picture, 1 at the lower edge")]


class Thing(_Part):
    """A thing in view, with one point for each camera."""

    label: _Words
    points: tuple[Point, ...]


class Step(_Part):
    """One sub-goal; no target means that it is about its source alone."""

    skill: Skill
    text: _Words
    source: Thing
    target: Thing | None


class PlanReply(_Part):
    """Sub-goals in order, or why there are none."""

    refusal: str | None
    sub_goals: tuple[Step, ...]


class VerdictReply(_Part):
    """Whether a sub-goal is reached, and how far it is."""

    success: bool
    progress: _Fraction
    reason: _Words


_Reply = TypeVar("_Reply", PlanReply, VerdictReply)


def plan_schema(skills: tuple[Skill, ...], cameras: tuple[str, ...]) -> Schema:
    """JSON schema of `PlanReply` in which nothing but these skills and cameras can be named."""
    schema: Schema = PlanReply.model_json_schema()
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    definitions["Skill"] = {"type": "string", "enum": [skill.value for skill in skills]}
    point = definitions["Point"]
    assert isinstance(point, dict) and isinstance(point["properties"], dict)
    point["properties"]["camera"] = {"type": "string", "enum": list(cameras)}
    return schema


def read_reply(kind: type[_Reply], text: str) -> _Reply:
    """The reply that `text` holds, alone or among other words.

    Raises:
        UnusableReplyError: There is none, or it is not what was asked for; the message says what is wrong with it.
    """
    if len(text) > LONGEST_REPLY:
        raise UnusableReplyError(f"the reply has {len(text)} characters; at most {LONGEST_REPLY} are read")
    try:
        return kind.model_validate_json(last_object(text))
    except ValidationError as error:
        found = error.errors(include_url=False)
        told = [f"{'.'.join(str(part) for part in e['loc']) or 'reply'}: {plain(e['msg'])}" for e in found[:_REPORTED]]
        more = f"; and {len(found) - _REPORTED} more" if len(found) > _REPORTED else ""
        raise UnusableReplyError("; ".join(told) + more) from error


def last_object(text: str) -> str:
    """The last whole JSON object in `text`: models that think aloud, or quote the question, do so before they answer.

    Raises `UnusableReplyError` when there is none, or one too deep to read.
    """
    decoder = json.JSONDecoder()
    found, start = "", text.find("{")
    while start >= 0:
        try:
            _, end = decoder.raw_decode(text, start)
        except RecursionError as error:
            raise UnusableReplyError("the reply is nested too deeply") from error
        except ValueError:
            end = start + 1
        else:
            found = text[start:end]
        start = text.find("{", end)
    if not found:
        raise UnusableReplyError(f"no JSON object in '{plain(text, 80)}'")
    return found
