"""MJCF of the things on the table. Free bodies have the joint `<name>_free`; fixed ones move by their body pose."""

from __future__ import annotations

import math

HIDDEN = (3.0, 0.0, 0.5)


def cube(name: str, half: float = 0.02) -> str:
    """A cube that moves freely."""
    return (
        f'<body name="{name}" pos="{HIDDEN[0]} {HIDDEN[1]} {HIDDEN[2]}"><freejoint name="{name}_free"/>'
        f'<geom name="{name}" class="prop" type="box" size="{half} {half} {half}" rgba="1 0 0 1"/></body>'
    )


def ball(name: str, radius: float = 0.022) -> str:
    """A ball that moves freely and soon stops rolling."""
    return (
        f'<body name="{name}" pos="{HIDDEN[0]} {HIDDEN[1]} {HIDDEN[2]}"><freejoint name="{name}_free"/>'
        f'<geom name="{name}" class="prop" type="sphere" size="{radius}" rgba="1 0 0 1" condim="6" '
        f'friction="1 0.02 0.004"/></body>'
    )


def ring(prefix: str, radius: float, height: float, thickness: float, sides: int, cls: str = "prop") -> str:
    """Upright walls on a circle whose inner faces are `radius` from the axis, standing on z = 0."""
    half_width = (radius + 2 * thickness) * math.tan(math.pi / sides)
    return "".join(
        f'<geom name="{prefix}_wall{i}" class="{cls}" type="box" size="{thickness} {half_width:.5f} {height / 2}" '
        f'pos="{(radius + thickness) * math.cos(a):.5f} {(radius + thickness) * math.sin(a):.5f} {height / 2}" '
        f'euler="0 0 {a:.5f}" rgba="1 1 1 1"/>'
        for i, a in enumerate(2 * math.pi * k / sides for k in range(sides))
    )


def bowl(name: str, radius: float = 0.062, height: float = 0.04) -> str:
    """A shallow round bowl that stands fast; the body's origin is at the centre of its foot."""
    return (
        f'<body name="{name}" pos="{HIDDEN[0]} 1 0"><geom name="{name}_foot" class="prop" type="cylinder" '
        f'size="{radius + 0.004} 0.003" pos="0 0 0.003" rgba="1 1 1 1"/>{ring(name, radius, height, 0.004, 8)}</body>'
    )


def zone(name: str, radius: float = 0.055) -> str:
    """A coloured disc on the table, to look at only."""
    return (
        f'<body name="{name}" pos="{HIDDEN[0]} 1 0"><geom name="{name}" class="look" type="cylinder" '
        f'size="{radius} 0.0008" pos="0 0 0.0008" rgba="0 1 0 1"/></body>'
    )


def button(name: str) -> str:
    """A round button on a block; its slide joint `<name>_slide` springs back and is pressed at -0.012 m."""
    return (
        f'<body name="{name}" pos="{HIDDEN[0]} 1 0"><geom name="{name}_base" class="prop" type="box" '
        f'size="0.045 0.045 0.02" pos="0 0 0.02" rgba="0.3 0.3 0.32 1" contype="2" conaffinity="0"/>'
        f'<body name="{name}_cap" pos="0 0 0.04"><joint name="{name}_slide" type="slide" axis="0 0 1" '
        f'range="-0.016 0" limited="true" stiffness="60" springref="0.01" damping="2" armature="0.02"/>'
        f'<geom name="{name}_cap" class="prop" type="cylinder" size="0.026 0.012" pos="0 0 0.012" '
        f'rgba="1 0 0 1" contype="0" conaffinity="1"/></body></body>'  # the cap slides into the block
    )
