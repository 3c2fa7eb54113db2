"""The folder of one run: `episode.mp4`, `plan.png`, `result.json`, and every number of every candidate."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import numpy as np
from pydantic import JsonValue

from vplanner.errors import StorageError
from vplanner.safety import SafeChunk
from vplanner.types import Float, GroundedObject, Observation, Plan, SubGoal, Verdict


def write_json(path: Path, content: JsonValue) -> None:
    """Write JSON in one go. Raises `StorageError` when it cannot be written."""
    write_whole(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Write or replace a text file in one go, so that no reader, and no crash, meets half of it.

    Raises `StorageError` when it cannot be written; what was there then stays.
    """
    partial = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():  # a device or a pipe, such as /dev/stdout
            path.write_text(text, encoding="utf-8", newline="")
            return
        partial.write_text(text, encoding="utf-8", newline="")
        os.replace(partial, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise StorageError(f"{path}: cannot be written ({error.strerror})") from error


class PlanLog:
    """Writes `plans.jsonl`: one line for the sub-goals, for each look and for each replan; a loop `Listener`."""

    def __init__(self, path: Path) -> None:
        """Create the file. Raises `StorageError` when it cannot be written."""
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._stream: TextIO = path.open("w", encoding="utf-8")
        except OSError as error:
            raise StorageError(f"{path}: cannot be written ({error.strerror})") from error

    def close(self) -> None:
        """Close the file."""
        try:
            self._stream.close()
        except OSError as error:
            raise StorageError(f"{self._path}: cannot be written ({error.strerror})") from error

    def on_sub_goals(self, observation: Observation, sub_goals: Sequence[SubGoal]) -> None:
        """Write how the instruction was understood."""
        self._write({"event": "sub_goals", "sub_goals": [describe_sub_goal(goal) for goal in sub_goals]})

    def on_look(self, step: int, observation: Observation, sub_goal: SubGoal, verdict: Verdict) -> None:
        """Write where the objects were found and what was judged."""
        self._write(
            {
                "event": "look",
                "step": step,
                "skill": sub_goal.skill.value,
                "position": _numbers(observation.robot.position),
                "gripper_opening": round(observation.robot.gripper_opening, 4),
                "source": _numbers(sub_goal.source.position),
                "target": _numbers(sub_goal.target.position),
                "success": verdict.success,
                "progress": round(verdict.progress, 4),
                "reason": verdict.reason,
            }
        )

    def on_plan(self, step: int, observation: Observation, sub_goal: SubGoal, plan: Plan, safe: SafeChunk) -> None:
        """Write every candidate, its score, and what the safety filter left of the chosen one."""
        candidates: list[JsonValue] = [
            {
                "agreement": round(candidate.score.agreement, 5),
                "progress": round(candidate.score.progress, 5),
                "success": round(candidate.score.success, 5),
                "limits": round(candidate.score.limits, 5),
                "total": round(candidate.score.total, 5),
                "steps": _numbers(candidate.chunk.steps),
            }
            for candidate in plan.candidates
        ]
        self._write(
            {
                "event": "plan",
                "step": step,
                "chosen": plan.chosen,
                "cut": plan.cut,
                "candidates": candidates,
                "executed": _numbers(safe.chunk.steps),
                "changes": list(safe.changes),
                "stages_ms": {stage.name: round(stage.ms, 3) for stage in plan.stages},
            }
        )

    def on_step(self, step: int, observation: Observation) -> None:
        """Looks and plans say all."""

    def _write(self, line: JsonValue) -> None:
        try:
            self._stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._stream.flush()  # what happened is on disk when the next step fails
        except OSError as error:
            raise StorageError(f"{self._path}: cannot be written ({error.strerror})") from error


def describe_sub_goal(sub_goal: SubGoal) -> dict[str, JsonValue]:
    """A sub-goal as JSON: `{skill, text, source, target}`."""
    return {
        "skill": sub_goal.skill.value,
        "text": sub_goal.text,
        "source": describe_object(sub_goal.source),
        "target": describe_object(sub_goal.target),
    }


def describe_object(thing: GroundedObject) -> dict[str, JsonValue]:
    """A grounded object as JSON: `{label, points: {camera: [u, v]}, boxes: {camera: [u, v, u, v]}, ...}`."""
    boxes = {box.camera: [box.left, box.top, box.right, box.bottom] for box in thing.boxes}
    return {
        "label": thing.label,
        "points": {point.camera: [round(float(point.u), 5), round(float(point.v), 5)] for point in thing.points},
        "boxes": {camera: [round(float(side), 5) for side in sides] for camera, sides in boxes.items()},
        "position": _numbers(thing.position),
        "confidence": round(float(thing.confidence), 4),
    }


def _numbers(array: Float) -> JsonValue:
    numbers: JsonValue = np.round(np.asarray(array, dtype=np.float64), 5).tolist()
    return numbers
