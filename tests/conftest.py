"""What every test shares: quiet threads, off-screen rendering, reproducible properties."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Before numpy, torch or mujoco is imported: two test processes on two cores must not spin against each other.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MUJOCO_GL", "egl")

settings.register_profile("repository", deadline=None, max_examples=25, derandomize=True)
settings.load_profile("repository")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).resolve().parent.parent
