"""Off-screen OpenGL without threads. MuJoCo reads this once, when it is first imported, so this module comes first."""

from __future__ import annotations

import os

os.environ.setdefault("MUJOCO_GL", "egl")
os.environ.setdefault("LP_NUM_THREADS", "0")  # worker threads of the software rasteriser only get in each other's way
