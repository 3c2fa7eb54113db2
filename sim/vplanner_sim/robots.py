"""A robot is one small description: how to build it, and where its TCP, joints and gripper are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from vplanner_sim import menagerie, panda


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
        finger_range: Value of a finger joint when closed and when open ([m] or [rad]).
        attach: Adds an arm that is no text but a file to a scene, actuators included, under the names above and with a
            body `hand`; with `gripper=False` for kinematics only. Raises `menagerie.MenagerieError` without the file.
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
    finger_range: tuple[float, float]
    attach: Callable[[mujoco.MjSpec, bool], None] | None = None


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
    finger_range=(0.0, 0.04),
)


def _from_menagerie(
    name: str, arm: menagerie.MenagerieArm, home: list[float], velocity_limit: NDArray[np.float64],
    finger_travel_m: float, finger_range: tuple[float, float],
) -> RobotDescription:  # fmt: skip
    return RobotDescription(
        name=name,
        arm_xml=lambda gripper: "",
        actuator_xml=lambda: "",
        joint_names=arm.joint_names,
        finger_names=arm.finger_names,
        tcp_site="tcp",
        home=np.array(home),
        velocity_limits=velocity_limit,
        finger_travel_m=finger_travel_m,
        finger_range=finger_range,
        attach=arm.attach,
    )


ROBOTS: dict[str, RobotDescription] = {
    robot.name: robot
    for robot in (
        PANDA,
        _from_menagerie(
            "menagerie_panda", menagerie.PANDA, [0.0, -0.3, 0.0, -2.2, 0.0, 1.9, np.pi / 4],
            PANDA.velocity_limits, 0.04, (0.0, 0.04),
        ),
        _from_menagerie(
            "menagerie_ur5e", menagerie.UR5E, [2.87, -1.58, 1.77, -1.76, -1.57, -0.27], np.full(6, np.pi),
            0.0425, (0.8, 0.0),
        ),
        _from_menagerie(
            "menagerie_xarm7", menagerie.XARM7, [0.0, 0.12, 0.0, 1.02, 0.0, 0.9, np.pi], np.full(7, np.pi),
            0.0425, (0.85, 0.0),
        ),
    )
}  # fmt: skip
