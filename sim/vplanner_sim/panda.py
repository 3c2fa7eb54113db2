"""An arm with the kinematics and joint limits of Franka's Panda, built from capsules and boxes to draw fast."""

from __future__ import annotations

JOINTS = tuple(f"joint{i}" for i in range(1, 8))
FINGERS = ("finger_left", "finger_right")

_LINKS = (
    # position in the parent [m], quaternion wxyz, joint range [rad], mass [kg], visual capsules (from, to, radius) [m]
    ("0 0 0.333", "1 0 0 0", (-2.8973, 2.8973), 2.7, (("0 0 -0.19", "0 0 0", 0.06), ("0 -0.05 0", "0 0.05 0", 0.062))),
    ("0 0 0", "0.70710678 -0.70710678 0 0", (-1.7628, 1.7628), 2.7, (("0 -0.1 0", "0 -0.22 0", 0.058),)),
    ("0 -0.316 0", "0.70710678 0.70710678 0 0", (-2.8973, 2.8973), 2.4, (("0.06 0 0", "0.03 0 -0.06", 0.055),)),
    ("0.0825 0 0", "0.70710678 0.70710678 0 0", (-3.0718, -0.0698), 2.4, (("0 0 -0.05", "0 0 0.05", 0.056),)),
    ("-0.0825 0.384 0", "0.70710678 -0.70710678 0 0", (-2.8973, 2.8973), 2.6,
     (("0.05 0.03 -0.28", "0 0.05 -0.14", 0.045), ("0 0.05 -0.14", "0 0.02 -0.02", 0.042))),
    ("0 0 0", "0.70710678 0.70710678 0 0", (-0.0175, 3.7525), 1.5, (("0.03 0 0", "0.088 0 0", 0.045),)),
    ("0.088 0 0", "0.70710678 0.70710678 0 0", (-2.8973, 2.8973), 0.7, (("0 0 0.03", "0 0 0.09", 0.042),)),
)  # fmt: skip

_WHITE = "0.88 0.89 0.91 1"
_DARK = "0.25 0.26 0.29 1"
_STIFFNESS = (4500, 4500, 3500, 3500, 600, 600, 600)  # [N m/rad]
_DAMPING = (120, 120, 80, 80, 15, 15, 15)  # [N m s/rad]; more of it chatters between the torque limits
_TORQUE = (87, 87, 87, 87, 12, 12, 12)  # [N m]


def arm_xml(gripper: bool) -> str:
    """Nested bodies from the base to the TCP; `gripper` adds geoms and finger joints, else joints and frames only."""
    inner = _hand(gripper)
    for i in reversed(range(7)):
        pos, quat, (low, high), mass, capsules = _LINKS[i]
        colour = _DARK if i in (3, 5) else _WHITE
        geoms = "".join(
            f'<geom type="capsule" fromto="{a} {b}" size="{r}" rgba="{colour}" contype="0" conaffinity="0" mass="0"/>'
            for a, b, r in capsules
        )
        inner = (
            f'<body name="link{i + 1}" pos="{pos}" quat="{quat}" gravcomp="1">'
            f'<inertial pos="0 0 0" mass="{mass}" diaginertia="0.02 0.02 0.02"/>'
            f'<joint name="{JOINTS[i]}" axis="0 0 1" range="{low} {high}" armature="0.1" damping="1"/>'
            f"{geoms if gripper else ''}{inner}</body>"
        )
    base = (
        f'<geom type="cylinder" size="0.09 0.07" pos="0 0 0.07" rgba="{_WHITE}" contype="0" conaffinity="0"/>'
        if gripper
        else ""
    )
    return f'<body name="base">{base}{inner}</body>'


def _hand(gripper: bool) -> str:
    site = '<site name="tcp" pos="0 0 0.1034" size="0.001" rgba="0 0 0 0"/>'
    inertia = '<inertial pos="0 0 0.03" mass="0.7" diaginertia="0.001 0.0025 0.0017"/>'
    if not gripper:
        return f'<body name="hand" pos="0 0 0.107" quat="0.92387953 0 0 -0.38268343">{inertia}{site}</body>'
    hand = (
        f'<geom type="box" size="0.018 0.1 0.028" pos="0 0 0.03" rgba="{_WHITE}" class="hand" mass="0"/>'
        f'<geom type="box" size="0.0185 0.04 0.01" pos="0 0 0.052" rgba="{_DARK}" contype="0" conaffinity="0" '
        f'mass="0"/>'
    )
    fingers = "".join(
        f'<body name="{name}_body" pos="0 0 0.0584" gravcomp="1">'
        f'<inertial pos="0 0 0.03" mass="0.1" diaginertia="2e-5 2e-5 1e-5"/>'
        f'<joint name="{name}" type="slide" axis="0 {side} 0" range="0 0.04" armature="0.05" damping="6"/>'
        f'<geom name="{name}_pad" type="box" size="0.01 0.006 0.0275" pos="0 {side * 0.006:g} 0.0275" '
        f'rgba="0.16 0.17 0.2 1" class="hand" mass="0"/></body>'
        for name, side in zip(FINGERS, (1, -1), strict=True)
    )
    return (
        f'<body name="hand" pos="0 0 0.107" quat="0.92387953 0 0 -0.38268343" gravcomp="1">'
        f"{inertia}{hand}{fingers}{site}</body>"
    )


def actuator_xml() -> str:
    """Position servos: one per arm joint, in the arm's own stiffness, then one per finger."""
    arm = "".join(
        f'<position name="{j}" joint="{j}" kp="{kp}" kv="{kv}" forcerange="-{t} {t}"/>'
        for j, kp, kv, t in zip(JOINTS, _STIFFNESS, _DAMPING, _TORQUE, strict=True)
    )
    fingers = "".join(
        f'<position name="{f}" joint="{f}" kp="900" kv="40" forcerange="-20 20" ctrlrange="0 0.04"/>' for f in FINGERS
    )
    return arm + fingers
