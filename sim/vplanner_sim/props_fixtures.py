"""MJCF of things with a joint that stand fast on the table: a cabinet with a drawer, and a lever."""

from __future__ import annotations

import numpy as np

from vplanner_sim.props import HIDDEN

DRAWER_RANGE_M = 0.12
HANDLE_OUT_M = 0.036  # from the drawer's front face to the middle of the handle
HANDLE_HALF_M = 0.007
CABINET_DEPTH_M = 0.15
TRAY_MIDDLE_M = 0.054  # from the front face to the middle of what an open drawer shows
LEVER_GRIP_M = 0.085  # from the pivot to the middle of the grip
LEVER_HALF_M = 0.007
LEVER_RANGE_RAD = 1.5


def cabinet(hollow: bool = False) -> str:
    """A cabinet whose `drawer` comes out along -x by the joint `drawer_slide` [m].

    The origin of `cabinet` lies on the table under the middle of the closed drawer's front face; the site
    `drawer_grip` is where the handle is grasped. A `hollow` drawer can be filled, and looks the same but for that: its
    tray is a body `drawer_tray` with floor and sides, and the site `drawer_inside` lies on the table under the middle
    of what the open drawer shows.
    """
    depth, out = CABINET_DEPTH_M, HANDLE_OUT_M
    walls = (
        ("left", depth / 2, 0.004, 0.0325, depth / 2, 0.079, 0.0325),
        ("right", depth / 2, 0.004, 0.0325, depth / 2, -0.079, 0.0325),
        ("top", depth / 2, 0.083, 0.003, depth / 2, 0.0, 0.065),
        ("back", 0.003, 0.083, 0.0325, depth, 0.0, 0.0325),
    )
    tray = (("tray", 0.062, 0.068, 0.016, 0.07, 0.0, 0.022),) if not hollow else ()
    drawer = (
        *tray,
        ("front", 0.004, 0.073, 0.027, 0.004, 0.0, 0.033),
        ("stem", out / 2, 0.005, 0.006, -out / 2, 0.0, 0.045),
        ("bar", HANDLE_HALF_M, HANDLE_HALF_M, 0.027, -out, 0.0, 0.049),
    )
    return (
        f'<body name="cabinet" pos="{HIDDEN[0]} 1 0">{"".join(_box(f"cabinet_{n}", *v) for n, *v in walls)}'
        f'<body name="drawer"><joint name="drawer_slide" type="slide" axis="-1 0 0" range="0 {DRAWER_RANGE_M}" '
        f'limited="true" frictionloss="1.5" damping="6" armature="0.1"/>'
        f"{''.join(_box(f'drawer_{n}', *v) for n, *v in drawer)}"
        f'<site name="drawer_grip" pos="{-out} 0 0.047" size="0.001" rgba="0 0 0 0"/>{_hollow() if hollow else ""}'
        f"</body></body>"
    )


def _hollow() -> str:
    """The tray with the outside of the solid one and a floor, 3 mm of half thickness everywhere."""
    parts = (
        ("floor", 0.062, 0.068, 0.003, 0.07, 0.0, 0.009),
        ("left", 0.062, 0.003, 0.016, 0.07, 0.065, 0.022),
        ("right", 0.062, 0.003, 0.016, 0.07, -0.065, 0.022),
        ("back", 0.003, 0.062, 0.016, 0.129, 0.0, 0.022),
    )
    return (
        f'<body name="drawer_tray">{"".join(_box(f"drawer_tray_{n}", *v) for n, *v in parts)}'
        f'<site name="drawer_inside" pos="{TRAY_MIDDLE_M} 0 0" size="0.001" rgba="0 0 0 0"/></body>'
    )


def lever() -> str:
    """A lever on a stand that turns about the vertical by the joint `lever_hinge` [rad].

    The bar points along +x of `lever` at angle 0; a dark mark on the table shows where it points at its stop.
    Two crosspieces beside the grip leave the fingers room for about 25 degrees, so that the gripper must turn with
    the bar. Sites: `lever_grip`, and `lever_pivot` on top.
    """
    grip = LEVER_GRIP_M
    away = f"{0.08 * np.cos(LEVER_RANGE_RAD):.5f} {0.08 * np.sin(LEVER_RANGE_RAD):.5f} 0.0008"
    parts = (
        ("bar", 0.062, LEVER_HALF_M, 0.01, 0.056, 0.0, 0.0),
        ("inner", 0.004, 0.03, 0.01, grip - 0.0245, 0.0, 0.0),
        ("outer", 0.004, 0.03, 0.01, grip + 0.0245, 0.0, 0.0),
    )
    return (
        f'<body name="lever" pos="{HIDDEN[0]} 1 0"><body name="lever_stand">'
        f'<geom name="stand" class="prop" type="cylinder" size="0.03 0.0175" pos="0 0 0.0175" rgba="0.3 0.3 0.32 1"/>'
        f'<geom name="mark" class="look" type="box" size="0.055 0.009 0.0008" pos="{away}" '
        f'euler="0 0 {LEVER_RANGE_RAD}" rgba="0.08 0.08 0.09 1"/>'
        f'<site name="lever_pivot" pos="0 0 0.062" size="0.001" rgba="0 0 0 0"/></body>'
        f'<body name="lever_arm" pos="0 0 0.048"><joint name="lever_hinge" axis="0 0 1" range="0 {LEVER_RANGE_RAD}" '
        f'limited="true" frictionloss="0.08" damping="0.05" armature="0.002"/>'
        f"{''.join(_box(f'lever_{n}', *v) for n, *v in parts)}"
        f'<geom name="lever_hub" class="prop" type="cylinder" size="0.018 0.012" rgba="1 0 0 1"/>'
        f'<site name="lever_grip" pos="{grip} 0 0" size="0.001" rgba="0 0 0 0"/></body></body>'
    )


def _box(name: str, *numbers: float) -> str:
    """A box from its half sizes and then its position [m]."""
    sx, sy, sz, x, y, z = numbers
    return f'<geom name="{name}" class="prop" type="box" size="{sx} {sy} {sz}" pos="{x} {y} {z}" rgba="1 1 1 1"/>'
