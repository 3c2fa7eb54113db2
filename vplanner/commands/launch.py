"""`vplanner launch`: starts nodes from a launch file, with or without an installed ROS 2."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Annotated

import tyro

from vplanner.errors import MissingDependencyError


@dataclass(frozen=True, slots=True)
class Launch:
    """Start ROS 2 nodes from a launch file; without ROS 2's own launch, a subset of its YAML (docs/launch.md)."""

    file: tyro.conf.Positional[str]
    """A path, or the name of one of vplanner's own files, such as plan_and_execute.launch.yaml."""
    arguments: tyro.conf.Positional[tuple[Annotated[str, tyro.conf.arg(metavar="NAME:=VALUE")], ...]] = ()
    """Arguments of the file."""
    show_args: bool = False
    """Print the arguments that the file takes, and end."""
    dry_run: bool = False
    """Print the command line of every node, and how its environment differs from this one, and end."""

    def run(self) -> int:
        """Run until all nodes have ended; 1 when one of them died, else 0.

        Raises:
            InputError: For a file or an argument that cannot be used, with file and line.
            MissingDependencyError: Without the package of ROS nodes, or PyYAML.
            StorageError: When logs or parameter files cannot be written.
        """
        try:
            launching = import_module("vplanner_ros.launching")  # by name only: the runtime depends on no ROS package
        except ModuleNotFoundError as error:
            raise MissingDependencyError(
                f"launch files need '{error.name}', which is not installed; pip install 'vplanner[ros]'"
            ) from error
        request = launching.LaunchRequest(self.file, self.arguments, self.show_args, self.dry_run)
        return int(launching.run_launch(request))
