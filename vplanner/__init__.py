"""One instruction becomes motion: imagine video, read SE(3) commands out of it, execute them, look again."""

from __future__ import annotations

from vplanner.errors import VPlannerError
from vplanner.loop import ClosedLoop, Ending, LoopConfig, Outcome
from vplanner.planner import ImaginePlanner, PlannerConfig
from vplanner.protocols import Critic, InverseDynamics, Judge, Planner, Prompter, Robot, VideoModel
from vplanner.safety import SafetyFilter, SafetyLimits
from vplanner.types import (
    ActionChunk,
    CameraFrame,
    CameraModel,
    GroundedObject,
    GroundedPoint,
    Observation,
    Plan,
    RobotState,
    Skill,
    SubGoal,
    Verdict,
    VideoPlan,
)

__all__ = [
    "ActionChunk",
    "CameraFrame",
    "CameraModel",
    "ClosedLoop",
    "Critic",
    "Ending",
    "GroundedObject",
    "GroundedPoint",
    "ImaginePlanner",
    "InverseDynamics",
    "Judge",
    "LoopConfig",
    "Observation",
    "Outcome",
    "Plan",
    "Planner",
    "PlannerConfig",
    "Prompter",
    "Robot",
    "RobotState",
    "SafetyFilter",
    "SafetyLimits",
    "Skill",
    "SubGoal",
    "VPlannerError",
    "Verdict",
    "VideoModel",
    "VideoPlan",
]
