"""What `vplanner doctor` finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at; `hint` says what was found, or how to get it. Optional parts do not fail the command."""

    name: str
    ok: bool
    hint: str
    optional: bool = False
