"""Small pieces of scripted experts: each turns a wish into one SE(3) step within the limits."""

from __future__ import annotations

import numpy as np

from vplanner_sim.rotations import DOWN, log_so3
from vplanner_sim.simscene import Array, SimScene

MAX_TRANSLATION_M = 0.05
MAX_ROTATION_RAD = 0.35
OPEN, CLOSED = 1.0, 0.0


def clip_step(action: Array) -> Array:
    """The action with translation and rotation scaled into their limits and the opening into [0, 1]."""
    out = np.asarray(action, dtype=np.float64).copy()
    out[:3] *= min(1.0, MAX_TRANSLATION_M / max(float(np.linalg.norm(out[:3])), 1e-12))
    out[3:6] *= min(1.0, MAX_ROTATION_RAD / max(float(np.linalg.norm(out[3:6])), 1e-12))
    out[6] = np.clip(out[6], 0.0, 1.0)
    return out


def toward(
    scene: SimScene, position: Array, gripper: float, rotation: Array = DOWN, speed: float = MAX_TRANSLATION_M
) -> Array:
    """One step of at most `speed` [m] toward a TCP pose."""
    move = position - scene.tcp_position
    move *= min(1.0, speed / max(float(np.linalg.norm(move)), 1e-12))
    return clip_step(np.concatenate([move, log_so3(rotation @ scene.tcp_rotation.T), [gripper]]))


def approach(
    scene: SimScene, goal: Array, gripper: float, rotation: Array = DOWN, hover: float = 0.07, slack: float = 0.012
) -> Array:
    """Come down on `goal` [m] from above: sideways at hovering height, then straight down."""
    tcp = scene.tcp_position
    aside = float(np.linalg.norm((goal - tcp)[:2]))
    turned = float(np.linalg.norm(log_so3(rotation @ scene.tcp_rotation.T)))
    if aside < slack and turned < 0.2:
        return toward(scene, goal, gripper, rotation)
    if aside < 0.03:  # close enough that the last of the way may already lead down
        return toward(scene, goal + [0, 0, min(hover, max(tcp[2] - goal[2], 0.0))], gripper, rotation)
    height = max(goal[2] + hover, min(tcp[2], goal[2] + hover + 0.05))
    if tcp[2] < goal[2] + hover - 0.02 and aside > 0.03:
        lift = np.array([tcp[0], tcp[1], goal[2] + hover])
        return toward(scene, lift, gripper, rotation)
    return toward(scene, np.array([goal[0], goal[1], height]), gripper, rotation)


def holds(scene: SimScene, point: Array, width: float, radius: float = 0.02) -> bool:
    """Whether something about `width` [m] wide at `point` is between the closed fingers."""
    near = float(np.linalg.norm(point - scene.tcp_position)) < radius
    gap = scene.gripper_opening * 2 * scene.robot.finger_travel_m
    return near and gap < width + 0.008
