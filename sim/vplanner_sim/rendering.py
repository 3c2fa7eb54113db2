"""Fast software rendering: no shadows, no multisampling, area averaging instead."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

import cv2
import mujoco
import numpy as np
from numpy.typing import NDArray

_GEOM = int(mujoco.mjtObj.mjOBJ_GEOM)  # compared as an enum, every pixel would cost a Python call
Owner = TypeVar("Owner")
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
        self._sheets: dict[tuple[int, int, int], _Sheet] = {}
        self._renderers: dict[tuple[int, int], mujoco.Renderer] = {}

    def rgb(
        self, data: mujoco.MjData, cameras: Sequence[str], height: int, width: int, supersample: int
    ) -> tuple[NDArray[np.uint8], ...]:
        """A picture uint8 (height, width, 3) from each camera, drawn `supersample` times larger and averaged."""
        if not cameras:
            return ()
        key = (height * supersample, width * supersample, len(cameras))
        if key not in self._sheets:
            self._sheets[key] = self._guarded(lambda: _Sheet(self._model, *key), key[0], key[1] * key[2])
        images = self._sheets[key].draw(data, cameras)
        if supersample == 1:
            return images
        small = (cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA) for image in images)
        return tuple(np.asarray(image, np.uint8) for image in small)

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
        return np.where(kinds == _GEOM, ids, -1).astype(np.int32)

    def close(self) -> None:
        """Free the OpenGL contexts."""
        for owner in (*self._renderers.values(), *self._sheets.values()):
            owner.close()
        self._renderers.clear()
        self._sheets.clear()

    def _renderer(self, height: int, width: int) -> mujoco.Renderer:
        key = (height, width)
        if key not in self._renderers:
            renderer = self._guarded(lambda: mujoco.Renderer(self._model, height, width), height, width)
            _plain(renderer.scene)
            self._renderers[key] = renderer
        return self._renderers[key]

    def _guarded(self, make: Callable[[], Owner], height: int, width: int) -> Owner:
        """What `make` makes, with an OpenGL context of this size. Raises `RenderError` when that fails."""
        # The whole buffer is cleared for every picture, so it is no larger than the picture.
        self._model.vis.global_.offwidth, self._model.vis.global_.offheight = width, height
        try:
            return make()
        except Exception as error:
            raise RenderError(
                f"no OpenGL context with MUJOCO_GL={os.environ.get('MUJOCO_GL')}: {error}; "
                "on Debian and Ubuntu: apt-get install libegl1 libgl1-mesa-dri"
            ) from error


class _Sheet:
    """Pictures of one instant side by side in one buffer, so that they are read back at once."""

    def __init__(self, model: mujoco.MjModel, height: int, width: int, count: int) -> None:
        self._open = False
        self._model = model
        self._gl = mujoco.GLContext(count * width, height)
        self._gl.make_current()
        self._context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100)
        self._open = True
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._scene = mujoco.MjvScene(model, maxgeom=model.ngeom + 10)
        _plain(self._scene)
        self._option, self._perturb = mujoco.MjvOption(), mujoco.MjvPerturb()
        self._rects = [mujoco.MjrRect(width * i, 0, width, height) for i in range(count)]
        self._whole = mujoco.MjrRect(0, 0, count * width, height)
        self._width = width
        self._cameras: dict[str, mujoco.MjvCamera] = {}
        self._pixels = np.empty((height, count * width, 3), np.uint8)

    def draw(self, data: mujoco.MjData, cameras: Sequence[str]) -> tuple[NDArray[np.uint8], ...]:
        """A picture uint8 (height, width, 3) from each camera; as many as there is room for."""
        model, scene = self._model, self._scene
        self._gl.make_current()
        for name, rect in zip(cameras, self._rects, strict=True):
            everything = mujoco.mjtCatBit.mjCAT_ALL.value
            camera = self._camera(name)
            mujoco.mjv_updateScene(model, data, self._option, self._perturb, camera, everything, scene)
            mujoco.mjr_render(rect, scene, self._context)
        mujoco.mjr_readPixels(self._pixels, None, self._whole, self._context)
        upright = self._pixels[::-1]  # OpenGL counts rows from below
        return tuple(upright[:, i * self._width : (i + 1) * self._width].copy() for i in range(len(self._rects)))

    def close(self) -> None:
        """Free the context; once is enough, twice does no harm."""
        if self._open:
            self._open = False
            self._gl.make_current()
            self._context.free()
            self._gl.free()

    def __del__(self) -> None:
        # Left to themselves its parts would be freed while another OpenGL context is current, and damage that one.
        # As the interpreter ends, OpenGL may have gone before, and so may any name of a module, such as `suppress`.
        try:  # noqa: SIM105
            self.close()
        except Exception:
            pass

    def _camera(self, name: str) -> mujoco.MjvCamera:
        if name not in self._cameras:
            camera = mujoco.MjvCamera()
            camera.type = mujoco.mjtCamera.mjCAMERA_FIXED
            camera.fixedcamid = self._model.camera(name).id
            self._cameras[name] = camera
        return self._cameras[name]


def _plain(scene: mujoco.MjvScene) -> None:
    for flag in _OFF:
        scene.flags[flag] = 0
