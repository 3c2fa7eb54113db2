"""Two reports of `vplanner bench plan` side by side."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from vplanner.errors import InputError


class _Times(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    p50: float
    p95: float


class _Stage(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    p50_ms: float


class _Report(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    replan_ms: _Times
    stages: dict[str, _Stage]


@dataclass(frozen=True, slots=True)
class Compared:
    """Milliseconds of one thing before and after; None where one report lacks it."""

    name: str
    before: float | None
    after: float | None

    @property
    def speedup(self) -> float | None:
        """How many times faster it is after."""
        return None if self.before is None or not self.after else self.before / self.after


def compare_reports(before: Path, after: Path) -> list[Compared]:
    """All stages, then the whole replan. Raises `InputError` when a file is no report."""
    first, second = _read(before), _read(after)
    names = list(dict.fromkeys((*first.stages, *second.stages)))
    rows = [Compared(name, _median(first, name), _median(second, name)) for name in names]
    rows.append(Compared("replan p50", first.replan_ms.p50, second.replan_ms.p50))
    rows.append(Compared("replan p95", first.replan_ms.p95, second.replan_ms.p95))
    return rows


def _median(report: _Report, stage: str) -> float | None:
    found = report.stages.get(stage)
    return None if found is None else found.p50_ms


def _read(path: Path) -> _Report:
    try:
        return _Report.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: is no report of `vplanner bench plan --json` ({reason})") from error
