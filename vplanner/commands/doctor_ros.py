"""The part of `vplanner doctor` for ROS 2: each way in which an environment is known to go wrong, and what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from vplanner.commands.check import Check
from vplanner.ros_environment import GUARD, PROFILE_VARIABLES, installed_middleware

_RANGES = ("SUBNET", "LOCALHOST", "OFF", "SYSTEM_DEFAULT")
_LARGEST_DOMAIN = 232  # the ports of a larger one are beyond 65535
_PROBE_S = 120.0
_INSTALL = "pip install 'vplanner[ros]', or source a ROS 2 installation; only needed for ROS nodes and real robots"


@dataclass(frozen=True, slots=True)
class RosFacts:
    """What an environment looks like.

    Attributes:
        environment: Its variables.
        prefix: Folder of the Python environment.
        found: Whether rclpy is there.
        failure: What importing it says in a fresh process; empty when that works.
        wheels: Whether ROS comes from wheels, rather than from an installation.
        middleware: Names of the implementations that are installed, such as rmw_fastrtps_cpp.
        profile: The Fast DDS profile that vplanner ships; None when its ROS package is not installed.
        launch: Whether ROS 2's own launch can be imported.
    """

    environment: Mapping[str, str]
    prefix: Path
    found: bool
    failure: str
    wheels: bool
    middleware: tuple[str, ...]
    profile: Path | None
    launch: bool


def look_at_ros() -> RosFacts:
    """The facts of this process's environment; importing rclpy is tried in a process of its own."""
    found = find_spec("rclpy") is not None
    package = find_spec("vplanner_ros")
    folder = None if package is None or package.origin is None else Path(package.origin).parent
    return RosFacts(
        environment=dict(os.environ),
        prefix=Path(sys.prefix),
        found=found,
        failure=_import_failure() if found else "",
        wheels=_is_installed("ros-wheels-bootstrapper") or _is_installed("ros-rclpy"),
        middleware=installed_middleware(os.environ, Path(sys.prefix)),
        profile=None if folder is None else folder / "launching" / "fastdds_shared_memory.xml",
        launch=find_spec("launch_ros") is not None,
    )


def ros_checks(facts: RosFacts) -> list[Check]:
    """All of them are optional; without rclpy there is only one."""
    if not facts.found:
        return [Check("rclpy", False, _INSTALL, optional=True)]
    return [
        _rclpy(facts),
        _middleware(facts),
        _one_ros(facts),
        _domain(facts.environment.get("ROS_DOMAIN_ID", "")),
        _discovery(facts.environment.get("ROS_AUTOMATIC_DISCOVERY_RANGE", "")),
        _profile(facts),
        _result("ros launch", "", "ROS 2's own" if facts.launch else "vplanner's runner for YAML files"),
    ]


def _result(name: str, problem: str, fine: str) -> Check:
    return Check(name, not problem, problem or fine, optional=True)


def _rclpy(facts: RosFacts) -> Check:
    if not facts.failure:
        return _result("rclpy", "", "can be imported, " + ("from wheels" if facts.wheels else "from an installation"))
    if _foreign_guard(facts):
        return _result("rclpy", _FOREIGN_GUARD, "")
    if not facts.middleware:
        return _result("rclpy", f"cannot be imported without a middleware: {_RMW}", "")
    return _result("rclpy", f"cannot be imported: {facts.failure}; {_INSTALL}", "")


_RMW = "pip install 'ros-rclpy[fastrtps]' (part of 'vplanner[ros]')"
_FOREIGN_GUARD = (
    f"{GUARD} is inherited from another Python environment, whose libraries would be loaded; "
    f"unset {GUARD} LD_LIBRARY_PATH, or start from a fresh shell"
)


def _middleware(facts: RosFacts) -> Check:
    wanted = facts.environment.get("RMW_IMPLEMENTATION", "")
    if not facts.middleware:
        return _result("ros middleware", f"none is installed; {_RMW}", "")
    listed = ", ".join(facts.middleware)
    if wanted and wanted not in facts.middleware:
        problem = f"RMW_IMPLEMENTATION={wanted} is not installed and would end every node; unset it (there is {listed})"
        return _result("ros middleware", problem, "")
    return _result("ros middleware", "", listed)


def _one_ros(facts: RosFacts) -> Check:
    """Whether there is one ROS only, seen by the right Python."""
    environment, problem = facts.environment, ""
    sourced = environment.get("ROS_DISTRO", "")
    others = [item for item in environment.get("AMENT_PREFIX_PATH", "").split(os.pathsep) if item]
    foreign = [item for item in others if (Path(item) / "lib" / "librcl.so").exists() and Path(item) != facts.prefix]
    if facts.wheels and (sourced or foreign):
        where = foreign[0] if foreign else f"ROS {sourced}"
        problem = (
            f"{where} is sourced while ROS wheels are installed, and libraries of both mix; use a shell without it"
        )
    elif _foreign_guard(facts):
        problem = _FOREIGN_GUARD
    return _result("one ros", problem, "wheels" if facts.wheels else f"ROS {sourced or 'installation'}")


def _foreign_guard(facts: RosFacts) -> bool:
    """Whether the wheels believe that the libraries' path is set, and it is not."""
    folders = facts.environment.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    return facts.wheels and bool(facts.environment.get(GUARD)) and str(facts.prefix / "lib") not in folders


def _domain(text: str) -> Check:
    problem = ""
    if text and not (text.isascii() and text.isdigit() and int(text) <= _LARGEST_DOMAIN):
        problem = f"ROS_DOMAIN_ID={text} cannot be used; give 0 to {_LARGEST_DOMAIN} (0 to 101 is safe everywhere)"
    return _result("ros domain", problem, text or "0, the default")


def _discovery(text: str) -> Check:
    problem = ""
    if text.upper() == "OFF":
        problem = "ROS_AUTOMATIC_DISCOVERY_RANGE=OFF: nodes do not find each other even on one machine; use LOCALHOST"
    elif text and text.upper() not in _RANGES:
        problem = f"ROS_AUTOMATIC_DISCOVERY_RANGE={text} is unknown; give one of {', '.join(_RANGES)}"
    return _result("ros discovery", problem, text or "SUBNET, the default")


def _profile(facts: RosFacts) -> Check:
    """Without the profile, best-effort camera images are mostly lost."""
    named = [name for name in PROFILE_VARIABLES if facts.environment.get(name)]
    for name in named:
        if not Path(facts.environment[name]).is_file():
            problem = f"{name}={facts.environment[name]} does not exist, and Fast DDS would go on without it; unset it"
            return _result("ros profile", problem, "")
    if named:
        return _result("ros profile", "", facts.environment[named[0]])
    if facts.profile is None or not facts.profile.is_file():
        return _result(
            "ros profile", "vplanner's Fast DDS profile is missing; pip install --force-reinstall vplanner", ""
        )
    problem = f"not set: camera images may be lost. vplanner launch sets it; else export {PROFILE_VARIABLES[0]}="
    return _result("ros profile", f"{problem}{facts.profile}", "")


def _is_installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _import_failure() -> str:
    """The last line of what a fresh Python says to `import rclpy`; empty when it is content."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", "import rclpy"], capture_output=True, text=True, timeout=_PROBE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = done.stderr.strip().splitlines()
    return "" if done.returncode == 0 else (lines[-1] if lines else f"exit status {done.returncode}")
