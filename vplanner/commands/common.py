"""What several subcommands share."""

from __future__ import annotations

import os
from pathlib import Path

TEST_SEED = 200_000


def quiet_threads() -> None:
    """Keep numpy and OpenCV in this process and its children on one thread that sleeps while it waits."""
    for name, value in (
        ("OMP_NUM_THREADS", "1"),
        ("OPENBLAS_NUM_THREADS", "1"),
        ("OMP_WAIT_POLICY", "PASSIVE"),
        ("LP_NUM_THREADS", "0"),
    ):
        os.environ.setdefault(name, value)


def check_writable(path: Path | None) -> None:
    """Fail before long work rather than after it. Raises `InputError` when `path` is a folder."""
    from vplanner.errors import InputError

    if path is not None and path.is_dir():
        raise InputError(f"{path}: is a folder; give the name of a file")
