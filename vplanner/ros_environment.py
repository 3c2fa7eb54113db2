"""Names and places by which ROS 2 is set up from outside, for those that check them and those that set them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

PROFILE_VARIABLES = ("FASTDDS_DEFAULT_PROFILES_FILE", "FASTRTPS_DEFAULT_PROFILES_FILE")
"""The first is read by ROS 2 Kilted and newer, the second by Jazzy and older."""
GUARD = "_ROS_WHEELS_BOOTSTRAP_COMPLETE"
"""Set by the ROS wheels once LD_LIBRARY_PATH is right for one Python environment; inherited, it misleads another."""


def installed_middleware(environment: Mapping[str, str], prefix: Path) -> tuple[str, ...]:
    """Names such as rmw_fastrtps_cpp of what is below the prefix and those of AMENT_PREFIX_PATH."""
    prefixes = [prefix, *(Path(item) for item in environment.get("AMENT_PREFIX_PATH", "").split(os.pathsep) if item)]
    names = {file.stem.removeprefix("lib") for folder in prefixes for file in (folder / "lib").glob("librmw_*_cpp.so")}
    return tuple(sorted(name for name in names if "shared" not in name))
