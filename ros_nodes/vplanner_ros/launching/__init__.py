"""Runs launch files without ROS 2's launch, which pip cannot install: a subset of its YAML format (docs/launch.md)."""

from vplanner_ros.launching.command import LaunchRequest, run_launch

__all__ = ["LaunchRequest", "run_launch"]
