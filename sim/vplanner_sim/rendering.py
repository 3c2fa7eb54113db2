"""Fast software rendering: no shadows, no multisampling, area averaging instead."""

from __future__ import annotations

import os

import cv2
import mujoco
import numpy as np
from numpy.typing import NDArray

_OFF = (
    mujoco.mjtRndFlag.mjRND_SHADOW,
    mujoco.mjtRndFlag.mjRND_REFLECTION,
    mujoco.mjtRndFlag.mjRND_HAZE,
    mujoco.mjtRndFlag.mjRND_SKYBOX,
)


class RenderError(RuntimeError):
    """No OpenGL context could be made."""


class SceneRenderer:
    """Draws one model at any size; one OpenGL context per size, made when first asked for."""

    def __init__(self, model: mujoco.MjModel) -> None:
        self._model = model
        self._renderers: dict[tuple[int, int], mujoco.Renderer] = {}

    def rgb(self, data: mujoco.MjData, camera: str, height: int, width: int, supersample: int) -> NDArray[np.uint8]:
        """Picture uint8 (height, width, 3), drawn `supersample` times larger and averaged."""
        renderer = self._renderer(height * supersample, width * supersample)
        renderer.update_scene(data, camera)
        image = renderer.render()
        if supersample == 1:
            return image.copy()
        return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)

    def depth(self, data: mujoco.MjData, camera: str, height: int, width: int) -> NDArray[np.float32]:
        """Distance along the optical axis float32 (height, width) [m]."""
        renderer = self._renderer(height, width)
        renderer.enable_depth_rendering()
        try:
            renderer.update_scene(data, camera)
            return renderer.render().copy()
        finally:
            renderer.disable_depth_rendering()

    def geom_ids(self, data: mujoco.MjData, camera: str, height: int, width: int) -> NDArray[np.int32]:
        """Index of the geom drawn at each pixel int32 (height, width), -1 where there is none."""
        renderer = self._renderer(height, width)
        renderer.enable_segmentation_rendering()
        try:
            renderer.update_scene(data, camera)
            ids, kinds = np.moveaxis(renderer.render(), -1, 0)
        finally:
            renderer.disable_segmentation_rendering()
        return np.where(kinds == mujoco.mjtObj.mjOBJ_GEOM, ids, -1).astype(np.int32)

    def close(self) -> None:
        """Free the OpenGL contexts."""
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers.clear()

    def _renderer(self, height: int, width: int) -> mujoco.Renderer:
        key = (height, width)
        if key not in self._renderers:
            # The whole buffer is cleared for every picture, so it is no larger than the picture.
            self._model.vis.global_.offwidth, self._model.vis.global_.offheight = width, height
            try:
                renderer = mujoco.Renderer(self._model, height, width)
            except Exception as error:
                raise RenderError(
                    f"no OpenGL context with MUJOCO_GL={os.environ.get('MUJOCO_GL')}: {error}; "
                    "on Debian and Ubuntu: apt-get install libegl1 libgl1-mesa-dri"
                ) from error
            for flag in _OFF:
                renderer.scene.flags[flag] = 0
            self._renderers[key] = renderer
        return self._renderers[key]
