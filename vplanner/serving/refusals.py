"""Why a request gets an error instead of actions: one word for programs and metrics, one line for people."""

from __future__ import annotations

from vplanner.errors import (
    BundleError,
    InputError,
    ObservationError,
    PrompterError,
    PromptRefusedError,
    SafetyError,
    VPlannerError,
)


class RequestError(VPlannerError):
    """The message is not what the protocol asks for: no msgpack, wrong keys, types or sizes."""


class BusyError(VPlannerError):
    """As many requests wait as may; this one was not looked at."""


class DeadlineError(VPlannerError):
    """There was no answer in time."""


class ClosingError(VPlannerError):
    """The server shuts down before it came to this request."""


_KINDS: dict[type[VPlannerError], str] = {
    RequestError: "request",
    BusyError: "busy",
    DeadlineError: "deadline",
    ClosingError: "closing",
    ObservationError: "observation",
    PromptRefusedError: "refused",
    PrompterError: "prompter",
    SafetyError: "safety",
    BundleError: "bundle",
    InputError: "input",
}
INTERNAL = "internal"
KINDS = (*_KINDS.values(), INTERNAL)


def kind_of(error: BaseException) -> str:
    """The word for an error; `INTERNAL` for one that nobody raised on purpose."""
    return next((kind for cls, kind in _KINDS.items() if isinstance(error, cls)), INTERNAL)


def reply_text(error: BaseException) -> str:
    """What the client is told: `KIND: reason`. Of an error that nobody raised on purpose, nothing but that."""
    kind = kind_of(error)
    if kind == INTERNAL:
        return f"{INTERNAL}: the server failed on this request; its log says why, and the session begins anew"
    return f"{kind}: {error}"
