"""MJCF of the cup to pour from, and of the peg with its socket."""

from __future__ import annotations

from vplanner_sim.props import HIDDEN, ball, ring

CUP_HEIGHT = 0.06
CUP_FLOOR = 0.032  # so high that cameras see what lies in the cup [m]
CUP_RADIUS = 0.0225  # of the inside [m]
CUP_WALL = 0.004  # half thickness [m]
PEG_LENGTH = 0.13
PEG_HALF = 0.011  # of the square section [m]
SOCKET_HEIGHT = 0.04
HOLE_HALF = 0.018
_LEAD_IN_M = 0.013
_SMOOTH = 'priority="2" friction="0.2 0.005 0.0001"'
_GRIPPY = 'priority="1" friction="1.6 0.05 0.001" solref="0.008 1" solimp="0.95 0.98 0.001"'


def cup(name: str) -> str:
    """An upright cup with a heavy foot that moves freely; the body's origin is at the centre of its foot.

    Fingers touch an unseen solid core and no wall, for they would push through thin walls. Only what does not touch
    the core, as a `drop`, can lie inside.
    """
    walls = ring(name, CUP_RADIUS, CUP_HEIGHT, CUP_WALL, 8).replace("<geom", '<geom contype="1" conaffinity="2"')
    half = CUP_RADIUS + 2 * CUP_WALL
    return (
        f'<body name="{name}" pos="{HIDDEN[0]} 0.6 {HIDDEN[2]}"><freejoint name="{name}_free"/>'
        f'<geom name="{name}_foot" class="prop" type="cylinder" size="{CUP_RADIUS + CUP_WALL} {CUP_FLOOR / 2}" '
        f'pos="0 0 {CUP_FLOOR / 2}" mass="0.09" rgba="1 1 1 1"/>'
        f'<geom name="{name}_core" class="prop" type="box" size="{half} {half} {CUP_HEIGHT / 2 - 0.001}" '
        f'pos="0 0 {CUP_HEIGHT / 2 + 0.001}" mass="0" contype="2" conaffinity="0" group="4" rgba="0 0 0 0" {_GRIPPY}/>'
        f"{walls}</body>"
    )


def drop(name: str, radius: float) -> str:
    """A ball that fits into the cup."""
    return ball(name, radius).replace("<geom", '<geom contype="1" conaffinity="1"')


def peg(name: str) -> str:
    """A square stick along the z axis of a body that moves freely; the origin is at its centre."""
    return (
        f'<body name="{name}" pos="{HIDDEN[0]} 0.6 {HIDDEN[2]}"><freejoint name="{name}_free"/>'
        f'<geom name="{name}" class="prop" type="box" size="{PEG_HALF} {PEG_HALF} {PEG_LENGTH / 2}" '
        f'rgba="1 1 1 1" {_GRIPPY}/></body>'
    )


def socket(name: str, half: float = 0.04) -> str:
    """A smooth block with a square hole down to the table, standing fast; the body's origin is on the table.

    The hole widens upward by 45 degrees, as sockets do that must be found without seeing every millimetre.
    """
    thick, height = (half - HOLE_HALF) / 2, (SOCKET_HEIGHT - _LEAD_IN_M) / 2
    off = HOLE_HALF + thick
    walls = ((off, 0, thick, half), (-off, 0, thick, half), (0, off, HOLE_HALF, thick), (0, -off, HOLE_HALF, thick))
    geoms = "".join(
        f'<geom name="{name}_wall{i}" class="prop" type="box" size="{a:.5f} {b:.5f} {height:.5f}" '
        f'pos="{x:.5f} {y:.5f} {height:.5f}" rgba="1 1 1 1" {_SMOOTH}/>'
        for i, (x, y, a, b) in enumerate(walls)
    ) + "".join(_slope(f"{name}_wall{4 + i}", *way) for i, way in enumerate(((1, 0), (-1, 0), (0, 1), (0, -1))))
    inside = (
        f'<geom name="{name}_dark" class="look" type="box" size="{HOLE_HALF} {HOLE_HALF} 0.001" pos="0 0 0.001" '
        f'rgba="0.06 0.06 0.07 1"/>'
    )
    return f'<body name="{name}" pos="{HIDDEN[0]} 1 0">{geoms}{inside}</body>'


def _slope(name: str, x: int, y: int) -> str:
    """One side of the socket's lead-in, rising toward the unit vector (x, y)."""
    thick, aslant = 0.002, 0.5**0.5
    out = HOLE_HALF + _LEAD_IN_M / 2 + thick * aslant
    up = SOCKET_HEIGHT - _LEAD_IN_M / 2 - thick * aslant
    return (
        f'<geom name="{name}" class="prop" type="box" pos="{out * x:.5f} {out * y:.5f} {up:.5f}" '
        f'size="{_LEAD_IN_M * aslant:.5f} {HOLE_HALF + _LEAD_IN_M:.5f} {thick}" '
        f'xyaxes="{x * aslant:.5f} {y * aslant:.5f} {aslant:.5f} {-y} {x} 0" rgba="1 1 1 1" {_SMOOTH}/>'
    )
