"""ROS 2's own launch, where it is installed."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path


def has_real_launch() -> bool:
    """Whether ROS 2's launch can be used: a ROS installation is sourced, or its packages are installed."""
    return find_spec("launch_ros") is not None


def run_real(file: Path, arguments: Mapping[str, str]) -> int:
    """Run any launch file (YAML, XML, Python) with ROS 2's launch, in this process; its exit status."""
    launch = importlib.import_module("launch")
    actions = importlib.import_module("launch.actions")
    sources = importlib.import_module("launch.launch_description_sources")
    service = launch.LaunchService(argv=[f"{name}:={value}" for name, value in arguments.items()])
    included = actions.IncludeLaunchDescription(
        sources.AnyLaunchDescriptionSource(str(file)), launch_arguments=list(arguments.items())
    )
    service.include_launch_description(launch.LaunchDescription([included]))
    return int(service.run())
