"""What the server says: on connecting what it is, and to each request what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vplanner.pursuit import Ending
from vplanner.run_folder import describe_sub_goal
from vplanner.serving.session import MOVING, Answer
from vplanner.serving.wire import Message

if TYPE_CHECKING:
    from vplanner.bundle import Manifest
    from vplanner.serving.limits import ServeLimits
    from vplanner.serving.requests import RequestReader

ACTION = ("dx [m]", "dy [m]", "dz [m]", "rx [rad]", "ry [rad]", "rz [rad]", "gripper opening [0..1]")


def metadata(manifest: Manifest, reader: RequestReader, limits: ServeLimits, execute_steps: int) -> Message:
    """The first message to a client."""
    return {
        "server": "vplanner",
        "bundle": manifest.name,
        "keys": reader.keys,
        "cameras": list(manifest.views),
        "calibrated_cameras": [view for view in manifest.views if view in manifest.cameras],
        "least_image_size": manifest.image_size,
        "skills": list(manifest.skills),
        "action": list(ACTION),
        "action_horizon": manifest.horizon,
        "dt_s": manifest.dt_s,
        "execute_steps": execute_steps,
        "request_bytes": limits.request_bytes,
        "deadline_s": limits.deadline_s,
    }


def reply(answer: Answer, planning_s: float, total_s: float, last_total_s: float | None) -> Message:
    """The reply to one request; no array but `actions` is in it, because clients slice arrays along their steps.

    Args:
        answer: What to do.
        planning_s: Time of judging and planning.
        total_s: Time since the request was whole.
        last_total_s: The same of this client's request before, with sending its reply.
    """
    timing = {"infer_ms": 1000.0 * planning_s, "total_ms": 1000.0 * total_s}
    if last_total_s is not None:
        timing["prev_total_ms"] = 1000.0 * last_total_s
    stages = {f"{stage.name}_ms": stage.ms for stage in answer.stages}
    return {
        "actions": answer.chunk.steps,
        "dt_s": answer.chunk.dt_s,
        "execute_steps": answer.execute_steps,
        "done": answer.status != MOVING,
        "success": answer.status == Ending.SUCCESS,
        "status": answer.status,
        "reason": answer.reason,
        "progress": answer.progress,
        "sub_goal": describe_sub_goal(answer.sub_goal),
        "reached": answer.reached,
        "planned": answer.planned,
        "safety_changes": list(answer.changes),
        "server_timing": timing,
        "policy_timing": {"infer_ms": 1000.0 * planning_s, **stages},
    }
