"""Factors of variation: what differs from scene to scene besides where things are."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

from vplanner_sim.rotations import exp_so3, to_quat_wxyz
from vplanner_sim.scene import TABLE_TEXTURES
from vplanner_sim.simscene import SimScene


@dataclass(frozen=True, slots=True)
class Variation:
    """How much scenes vary.

    Attributes:
        clutter: At most this many things that the instruction is not about.
        lighting: Relative change of lamp and headlight.
        table_colour: Half width of the table's colour range around grey.
        textures: Share of scenes whose table has a pattern.
        camera_jitter_m: Standard deviation of each camera's position; the calibration given out stays nominal.
        camera_jitter_rad: Standard deviation of each camera's orientation.
        unseen: Draw table and light from ranges that training scenes never have.
    """

    clutter: int = 2
    lighting: float = 0.25
    table_colour: float = 0.22
    textures: float = 0.3
    camera_jitter_m: float = 0.0015
    camera_jitter_rad: float = 0.0015
    unseen: bool = False

    def apply(self, scene: SimScene, rng: np.random.Generator) -> None:
        """Change table, light and cameras of `scene` for a new episode."""
        model = scene.model
        table = model.geom("table").id
        level = rng.uniform(0.5, 0.85) if not self.unseen else rng.choice([rng.uniform(0.2, 0.35), 0.95])
        tint = rng.uniform(-1, 1, 3) * self.table_colour * (2.0 if self.unseen else 0.5)
        model.geom_rgba[table, :3] = np.clip(level + tint, 0.1, 1.0)
        if rng.random() < self.textures:
            name = TABLE_TEXTURES[int(rng.integers(len(TABLE_TEXTURES)))]
            model.geom_matid[table] = model.material(name).id
            model.geom_rgba[table, :3] = np.clip(model.geom_rgba[table, :3] + 0.25, 0, 1)
        self._light(model, rng)
        for camera in range(model.ncam):
            model.cam_pos[camera] += rng.normal(0, self.camera_jitter_m, 3)
            matrix = np.empty(9)
            mujoco.mju_quat2Mat(matrix, model.cam_quat[camera])
            turned = matrix.reshape(3, 3) @ exp_so3(rng.normal(0, self.camera_jitter_rad, 3))
            model.cam_quat[camera] = to_quat_wxyz(turned)

    def _light(self, model: mujoco.MjModel, rng: np.random.Generator) -> None:
        spread = self.lighting * (1.8 if self.unseen else 1.0)
        model.light_dir[0] = np.array([*rng.uniform(-0.6, 0.6, 2), -1.0])
        model.light_diffuse[0] *= 1 + rng.uniform(-spread, spread, 3) * np.array([1, 0.3, 0.3]).mean()
        model.light_diffuse[0] *= 1 + rng.uniform(-spread, spread)
        model.vis.headlight.ambient[:] *= 1 + rng.uniform(-spread, spread)
        model.vis.headlight.diffuse[:] *= 1 + rng.uniform(-spread, spread)
