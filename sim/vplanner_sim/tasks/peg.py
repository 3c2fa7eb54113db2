"""`insert_peg`: picks up a lying peg at one end, turns it upright and puts it into a socket."""

from __future__ import annotations

from itertools import product

import numpy as np

from vplanner_sim import props_vessels
from vplanner_sim.motion import CLOSED, OPEN, approach, holds, toward
from vplanner_sim.props_vessels import PEG_HALF, PEG_LENGTH, SOCKET_HEIGHT
from vplanner_sim.rotations import DOWN, exp_so3
from vplanner_sim.simscene import Array, SimScene
from vplanner_sim.tasks.base import BALL, CUBES, Task, closeness, free_spot
from vplanner_sim.tasks.gentle import gently
from vplanner_sim.truth import TruthObject

_PEG, _SOCKET = "peg", "socket"
_GRIP = PEG_LENGTH / 2 - 0.04  # from the peg's centre to where it is held [m]; leaves room to slip
_LYING: Array = exp_so3(np.array([-np.pi / 2, 0, 0]))  # the peg along y
_ACROSS: Array = exp_so3(np.array([0, 0, np.pi / 2])) @ DOWN  # fingers close along x
_HAND_ON_PEG: Array = _LYING.T @ _ACROSS
_SYMMETRIES: tuple[Array, ...] = tuple(
    exp_so3(np.array([flip * np.pi, 0, 0])) @ exp_so3(np.array([0, 0, turn * np.pi / 2]))
    for flip, turn in product(range(2), range(4))
)
_SLIP_M = 0.04  # the grip may be so far from where it began


def _yaw(angle_rad: float) -> Array:
    return exp_so3(np.array([0, 0, angle_rad]))


class InsertPeg(Task):
    """A lying peg upright into the hole."""

    name = "insert_peg"
    skill = "insert"

    def __init__(self) -> None:
        super().__init__()
        self._socket_yaw = 0.0

    def fixtures_xml(self) -> str:
        return props_vessels.peg(_PEG) + props_vessels.socket(_SOCKET)

    def randomise(self, scene: SimScene, rng: np.random.Generator, clutter: int) -> None:
        self.deal_colours(rng, _PEG, _SOCKET, *CUBES, BALL)
        if rng.random() < 0.4:
            self.colours[_SOCKET] = str(rng.choice(["white", "grey"]))
        hole = free_spot(rng, [], 0.0, (0.42, 0.58), (-0.14, 0.16))
        assert hole is not None  # nothing is taken yet
        peg = None
        while peg is None:
            peg = free_spot(rng, [hole], 0.15, (0.42, 0.6), (-0.15, 0.16))
        yaw = float(rng.uniform(-0.25, 0.25))
        self._socket_yaw = float(rng.uniform(-0.2, 0.2))
        scene.place_fixed(_SOCKET, np.array([*hole, 0.0]), self._socket_yaw)
        scene.place_free(_PEG, np.array([*peg, PEG_HALF + 0.0005]), _yaw(yaw) @ _LYING)
        scene.paint(_PEG, self.colours[_PEG], rng)
        scene.paint(f"{_SOCKET}_wall", self.colours[_SOCKET], rng)
        along = 0.05 * np.array([-np.sin(yaw), np.cos(yaw)])
        self.scatter(scene, rng, clutter, (), [hole, peg - along, peg + along], gap=0.1)

    def source(self, scene: SimScene) -> TruthObject:
        return TruthObject(_PEG, "peg", self.colours[_PEG], self._grip(scene, self._pose(scene)), _PEG)

    def target(self, scene: SimScene) -> TruthObject:
        return TruthObject(_SOCKET, "hole", self.colours[_SOCKET], self._hole(scene), _SOCKET)

    def _hole(self, scene: SimScene) -> Array:
        return scene.position(_SOCKET) + [0, 0, SOCKET_HEIGHT]

    def _pose(self, scene: SimScene) -> Array:
        """The peg's orientation up to its symmetries, as the one that suits the hand best; z toward the held end."""
        measured = scene.rotation(_PEG)
        near = float(np.linalg.norm(scene.tcp_position - scene.position(_PEG))) < _GRIP + 0.04
        hand = scene.tcp_rotation if near and scene.gripper_opening < 0.5 else _ACROSS
        poses = [p for p in (measured @ s for s in _SYMMETRIES) if p[2, 2] > -0.4]  # never by a much lower end
        return max(poses, key=lambda pose: float(np.trace((pose @ _HAND_ON_PEG).T @ hand)))

    def _grip(self, scene: SimScene, pose: Array) -> Array:
        return scene.position(_PEG) + _GRIP * pose[:, 2]

    def _tip(self, scene: SimScene) -> Array:
        """The middle of the end that is not held."""
        return scene.position(_PEG) - PEG_LENGTH / 2 * self._pose(scene)[:, 2]

    def _aside(self, scene: SimScene) -> float:
        return float(np.linalg.norm((self._tip(scene) - self._hole(scene))[:2]))

    def success(self, scene: SimScene) -> bool:
        upright = abs(float(scene.rotation(_PEG)[2, 2])) > np.cos(np.deg2rad(15))
        return upright and self._aside(scene) < 0.012 and self._tip(scene)[2] < SOCKET_HEIGHT - 0.02

    def progress(self, scene: SimScene) -> float:
        if self.success(scene):
            return 1.0
        pose = self._pose(scene)
        grip = self._grip(scene, pose)
        near = closeness(float(np.linalg.norm(scene.tcp_position - grip)), 0.3)
        if not holds(scene, grip, 2 * PEG_HALF, radius=_SLIP_M):
            return 0.3 * near
        way = closeness(float(np.linalg.norm(self._tip(scene) - self._hole(scene))), 0.35)
        return 0.3 * near + 0.1 + 0.15 * max(0.0, float(pose[2, 2])) + 0.4 * way

    def act(self, scene: SimScene) -> Array:
        pose, tcp = self._pose(scene), scene.tcp_position
        grip, tip, hole = self._grip(scene, pose), self._tip(scene), self._hole(scene)
        held = holds(scene, grip, 2 * PEG_HALF, radius=_SLIP_M)
        if self.success(scene) and (not held or tip[2] < 0.012):
            return toward(scene, tcp, OPEN, scene.tcp_rotation)
        if held:
            return self._insert(scene, pose, tip, hole)
        rotation = pose @ _HAND_ON_PEG
        if float(np.linalg.norm(tcp - grip)) < 0.009:
            return toward(scene, grip, CLOSED, rotation)
        return approach(scene, grip, OPEN, rotation, slack=0.01)

    def _insert(self, scene: SimScene, pose: Array, tip: Array, hole: Array) -> Array:
        upright = _yaw(self._socket_yaw)
        rotation = upright @ pose.T @ scene.tcp_rotation
        over = hole + [0, 0, PEG_LENGTH / 2 + _GRIP]  # of the grip, when the tip is level with the hole's top
        tcp, grip = scene.tcp_position, self._grip(scene, pose)
        aside = float(np.linalg.norm((hole - grip)[:2]))
        straight = float(pose[2, 2])
        if straight > np.cos(0.2) and self._aside(scene) < 0.011 and aside < 0.02:
            return gently(scene, over - [0, 0, 0.045] + tcp - grip, rotation)
        if straight > 0.96 and self._aside(scene) < 0.015 and tip[2] < SOCKET_HEIGHT - 0.006:
            return gently(scene, over - [0, 0, 0.045] + tcp - grip, rotation, speed=0.03)
        ready = over + [0, 0, 0.025] + tcp - grip
        if aside > 0.03 and tip[2] < SOCKET_HEIGHT + 0.01 and tcp[2] < ready[2] - 0.02:
            rise = np.array([tcp[0], tcp[1], ready[2]])
            return gently(scene, rise + 0.25 * np.append((ready - tcp)[:2], 0.0), rotation)
        return gently(scene, ready, rotation)
