"""A robot is one small description: how to build it, and where its TCP, joints and gripper are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vplanner_sim import panda


@dataclass(frozen=True, slots=True)
class RobotDescription:
    """What the environment needs to know of an arm with a parallel gripper.

    Attributes:
        arm_xml: Gives the MJCF of the arm's body tree; with `gripper=False` the model is for kinematics only.
        actuator_xml: Gives the MJCF of the actuators, arm joints first, then fingers.
        joint_names: Arm joints from base to flange.
        finger_names: Finger joints.
        tcp_site: Site at the tool centre point: z out of the gripper, y the direction in which the fingers close.
        home: Joint angles [rad] from which inverse kinematics starts.
        velocity_limits: Joint speeds [rad/s].
        finger_travel_m: Way of one finger from closed to open [m].
    """

    name: str
    arm_xml: Callable[[bool], str]
    actuator_xml: Callable[[], str]
    joint_names: tuple[str, ...]
    finger_names: tuple[str, ...]
    tcp_site: str
    home: NDArray[np.float64]
    velocity_limits: NDArray[np.float64]
    finger_travel_m: float


PANDA = RobotDescription(
    name="panda",
    arm_xml=panda.arm_xml,
    actuator_xml=panda.actuator_xml,
    joint_names=panda.JOINTS,
    finger_names=panda.FINGERS,
    tcp_site="tcp",
    home=np.array([0.0, -0.3, 0.0, -2.2, 0.0, 1.9, np.pi / 4]),
    velocity_limits=np.array([2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61]),
    finger_travel_m=0.04,
)

ROBOTS: dict[str, RobotDescription] = {PANDA.name: PANDA}
