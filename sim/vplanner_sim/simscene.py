"""The scene of one episode: reads and changes the MuJoCo model and data by name."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from vplanner_sim.props import HIDDEN
from vplanner_sim.robots import RobotDescription
from vplanner_sim.rotations import exp_so3, to_quat_wxyz

Array = NDArray[np.float64]

COLOURS: dict[str, tuple[float, float, float]] = {
    "red": (0.85, 0.12, 0.1),
    "green": (0.13, 0.62, 0.2),
    "blue": (0.12, 0.25, 0.85),
    "yellow": (0.95, 0.82, 0.1),
    "orange": (0.97, 0.48, 0.08),
    "purple": (0.5, 0.16, 0.65),
}
FIXTURE_COLOURS: dict[str, tuple[float, float, float]] = {"white": (0.93, 0.93, 0.92), "grey": (0.45, 0.46, 0.48)}
_TOUCHING = int(mujoco.mjtIntegrator.mjINT_IMPLICIT)
_FREE = int(mujoco.mjtIntegrator.mjINT_IMPLICITFAST)
_SLEEP = int(mujoco.mjtEnableBit.mjENBL_SLEEP)
_VARIED = (
    "geom_rgba", "geom_size", "geom_rbound", "geom_aabb", "bvh_aabb", "geom_matid", "body_mass", "body_inertia",
    "body_pos", "body_quat", "body_gravcomp", "cam_pos", "cam_quat", "light_dir", "light_diffuse",
)  # fmt: skip


class SimScene:
    """Names instead of indices, and a way back to the untouched model before every episode."""

    def __init__(self, model: mujoco.MjModel, robot: RobotDescription) -> None:
        self.model = model
        self.data = mujoco.MjData(model)
        self.robot = robot
        self._pristine = {name: getattr(model, name).copy() for name in _VARIED}
        self._headlight = (model.vis.headlight.ambient.copy(), model.vis.headlight.diffuse.copy())
        self._site = model.site(robot.tcp_site).id
        self._arm = np.array([model.joint(j).qposadr[0] for j in robot.joint_names])
        self._fingers = np.array([model.joint(j).qposadr[0] for j in robot.finger_names])

    def restore(self) -> None:
        """Undo every variation and put the physics in its initial state, with every body awake."""
        self.model.opt.enableflags &= ~_SLEEP
        for name, values in self._pristine.items():
            getattr(self.model, name)[:] = values
        self.model.vis.headlight.ambient[:], self.model.vis.headlight.diffuse[:] = self._headlight
        mujoco.mj_resetData(self.model, self.data)

    def allow_sleep(self) -> None:
        """From now on bodies at rest cost nothing until something touches them.

        A sleeping body ignores changes of its pose from outside, so this belongs after the scene is arranged.
        """
        self.model.opt.enableflags |= _SLEEP

    def advance(self, count: int) -> None:
        """Physics of so many time steps.

        Where nothing touches anything, Coriolis forces may be explicit, at half the cost; what fingers hold would
        shoot away.
        """
        model, data = self.model, self.data
        for _ in range(count):
            model.opt.integrator = _FREE if data.ncon == 0 else _TOUCHING
            mujoco.mj_step(model, data)

    @property
    def joints(self) -> Array:
        """Arm joint angles (7,) [rad]."""
        return self.data.qpos[self._arm].copy()

    @property
    def tcp_position(self) -> Array:
        """TCP in the base frame (3,) [m]."""
        return self.data.site_xpos[self._site].copy()

    @property
    def tcp_rotation(self) -> Array:
        """TCP orientation (3, 3) in the base frame."""
        return self.data.site_xmat[self._site].reshape(3, 3).copy()

    @property
    def gripper_opening(self) -> float:
        """Measured opening in [0, 1]."""
        closed, opened = self.robot.finger_range
        return float(np.clip((self.data.qpos[self._fingers].mean() - closed) / (opened - closed), 0.0, 1.0))

    def set_arm(self, joints: Array, opening: float) -> None:
        """Put arm and fingers at a pose, at rest."""
        self.data.qpos[self._arm] = joints
        closed, opened = self.robot.finger_range
        self.data.qpos[self._fingers] = closed + opening * (opened - closed)

    def position(self, body: str) -> Array:
        """Origin of a body in the base frame (3,) [m]."""
        return self.data.body(body).xpos.copy()

    def rotation(self, body: str) -> Array:
        """Orientation (3, 3) of a body in the base frame."""
        return self.data.body(body).xmat.reshape(3, 3).copy()

    def site(self, name: str) -> Array:
        """Position of a site in the base frame (3,) [m]."""
        return self.data.site(name).xpos.copy()

    def joint(self, name: str) -> float:
        """Value of a hinge or slide joint ([rad] or [m])."""
        return float(self.data.joint(name).qpos[0])

    def set_joint(self, name: str, value: float) -> None:
        """Set a hinge or slide joint ([rad] or [m])."""
        self.data.joint(name).qpos[0] = value

    def place_free(self, body: str, position: Array, rotation: Array | None = None) -> None:
        """Put a free body at a pose; it takes part in the physics from now on."""
        joint = self.data.joint(f"{body}_free")
        joint.qpos[:3] = position
        joint.qpos[3:] = to_quat_wxyz(np.eye(3) if rotation is None else rotation)
        self.model.body_gravcomp[self.model.body(body).id] = 0.0

    def hide_free(self, body: str, slot: int) -> None:
        """Take a free body out of sight, afloat and at rest."""
        joint = self.data.joint(f"{body}_free")
        joint.qpos[:3] = (HIDDEN[0], 0.3 * slot, HIDDEN[2])
        self.model.body_gravcomp[self.model.body(body).id] = 1.0

    def place_fixed(self, body: str, position: Array, yaw_rad: float = 0.0) -> None:
        """Move a body that is fixed to the world."""
        self.model.body(body).pos[:] = position
        self.model.body(body).quat[:] = to_quat_wxyz(exp_so3(np.array([0, 0, yaw_rad])))

    def paint(self, prefix: str, colour: str, rng: np.random.Generator) -> None:
        """Give every geom whose name starts with `prefix` a shade of a named colour."""
        base = np.array({**COLOURS, **FIXTURE_COLOURS}[colour])
        shade = np.clip(base * rng.uniform(0.88, 1.1) + rng.uniform(-0.03, 0.03, 3), 0, 1)
        for g in range(self.model.ngeom):
            if self.model.geom(g).name.startswith(prefix):
                self.model.geom_rgba[g, :3] = shade

    def resize_cube(self, name: str, half: float) -> None:
        """Change a cube's half edge [m], with its mass and inertia."""
        geom, body = self.model.geom(name).id, self.model.body(name).id
        ratio = half / self.model.geom_size[geom, 0]
        self.model.geom_size[geom] = half
        self.model.geom_rbound[geom] *= ratio
        self.model.geom_aabb[geom, 3:] *= ratio
        self.model.bvh_aabb[self.model.body_bvhadr[body], 3:] *= ratio  # the body has this geom only
        self.model.body_mass[body] *= ratio**3
        self.model.body_inertia[body] *= ratio**5

    def geoms_of(self, body: str) -> NDArray[np.bool_]:
        """Which geoms (G,) belong to a body or to what hangs on it."""
        model = self.model
        inside = np.zeros(model.nbody, bool)
        inside[model.body(body).id] = True
        for child in range(model.body(body).id + 1, model.nbody):  # parents come before their children
            inside[child] |= inside[model.body_parentid[child]]
        return inside[model.geom_bodyid]

    def half(self, name: str) -> float:
        """Half edge or radius [m] of the geom called `name`."""
        return float(self.model.geom(name).size[0])
