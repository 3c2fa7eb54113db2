"""Data that crosses the boundaries between prompter, video model, inverse dynamics, critic and robot.

Axes: `S` samples, `T` future steps, `V` camera views, `C` latent channels, `h w` latent cells, `H W` pixels.
Units are SI; poses are of the TCP in the robot's base frame; quaternions are `wxyz`; pixels are RGB.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Image = NDArray[np.uint8]


class Skill(StrEnum):
    """What a sub-goal asks for. The order is the order of the one-hot code in every bundle."""

    REACH = "reach"
    PUSH = "push"
    PICK_PLACE = "pick_place"
    STACK = "stack"
    PRESS = "press"
    OPEN_DRAWER = "open_drawer"
    CLOSE_DRAWER = "close_drawer"
    TURN_LEVER = "turn_lever"
    POUR = "pour"
    INSERT = "insert"


@dataclass(frozen=True, slots=True)
class CameraModel:
    """Pinhole camera in OpenCV's convention (x right, y down, z forward).

    `intrinsics` is K (3, 3) for an image of width 1 and height 1, so that it serves every resolution;
    `T_base_cam` (4, 4) maps camera coordinates [m] to the robot's base frame.
    """

    intrinsics: Float
    T_base_cam: Float


@dataclass(frozen=True, slots=True)
class CameraFrame:
    """One picture and the calibration of the camera that took it; `image` is uint8 (H, W, 3) RGB."""

    name: str
    image: Image
    camera: CameraModel


@dataclass(frozen=True, slots=True)
class RobotState:
    """Measured joint angles [rad], TCP pose in the base frame ([m], wxyz) and gripper opening in [0, 1]."""

    joint_positions: Float
    position: Float
    quat_wxyz: Float
    gripper_opening: float


@dataclass(frozen=True, slots=True)
class Observation:
    """What robot and cameras report at `time_s` [s]; no simulator state."""

    time_s: float
    frames: tuple[CameraFrame, ...]
    robot: RobotState


@dataclass(frozen=True, slots=True)
class GroundedPoint:
    """Where one camera sees an object: `u`, `v` in [0, 1] from the top left, and how sure it is of that."""

    camera: str
    u: float
    v: float
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class GroundedBox:
    """The box around what one camera sees of an object: sides in [0, 1] from the top left."""

    camera: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class GroundedObject:
    """An object named by the instruction and found in the images; `position` is triangulated, base frame [m].

    `boxes` are there where the prompter gives them, and only for where the object was really seen.
    """

    label: str
    points: tuple[GroundedPoint, ...]
    position: Float
    confidence: float
    boxes: tuple[GroundedBox, ...] = ()


@dataclass(frozen=True, slots=True)
class SubGoal:
    """One step of the instruction. Skills about a single object carry it as source and as target."""

    skill: Skill
    text: str
    source: GroundedObject
    target: GroundedObject


@dataclass(frozen=True, slots=True)
class VideoPlan:
    """An imagined future: `latents` (T, V, C, h, w), in the tokenizer's normalised space, `dt_s` apart [s]."""

    latents: Float
    dt_s: float


@dataclass(frozen=True, slots=True)
class ActionChunk:
    """T SE(3) steps (T, 7): translation [m], rotation vector [rad], both in the base frame, gripper opening [0, 1]."""

    steps: Float
    dt_s: float


@dataclass(frozen=True, slots=True)
class Score:
    """How the critic rates one candidate: each term, and the total that ranks it (higher is better).

    `agreement` of imagination and rollout is 0 when perfect and negative otherwise; `progress` and `success` are
    predicted for the horizon, in [0, 1]; `limits` is 0 where they are kept and negative where they are not.
    """

    agreement: float
    progress: float
    success: float
    limits: float
    total: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """An imagined video, the commands read out of it, what acting so would give, and its score."""

    video: VideoPlan
    chunk: ActionChunk
    rollout: VideoPlan
    score: Score


@dataclass(frozen=True, slots=True)
class StageTime:
    """Wall time of one stage of a replan [ms]."""

    name: str
    ms: float


@dataclass(frozen=True, slots=True)
class Plan:
    """All candidates of one replan and the index of the one to execute.

    `cut` says what was left out to meet a deadline, and is empty when nothing was.
    """

    candidates: tuple[Candidate, ...]
    chosen: int
    stages: tuple[StageTime, ...]
    cut: str = ""

    @property
    def best(self) -> Candidate:
        """The candidate to execute."""
        return self.candidates[self.chosen]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sub-goal is reached, how far it is in [0, 1], and why."""

    success: bool
    progress: float
    reason: str
