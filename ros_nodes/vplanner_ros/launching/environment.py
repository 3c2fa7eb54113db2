"""The environment of nodes: middleware, its profile, and the traces that the ROS wheels leave."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from vplanner.errors import InputError
from vplanner.ros_environment import GUARD, PROFILE_VARIABLES, installed_middleware

PROFILE = Path(__file__).with_name("fastdds_shared_memory.xml")


def launch_environment(environment: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The environment for all nodes, and what had to be changed in it, in words.

    Raises:
        InputError: A profile of Fast DDS is named that does not exist; Fast DDS itself would go on with its defaults.
    """
    changed = dict(environment)
    notes: list[str] = []
    changed.setdefault("AMENT_PREFIX_PATH", sys.prefix)
    changed.setdefault("PYTHONUNBUFFERED", "1")
    named = next((environment[name] for name in PROFILE_VARIABLES if environment.get(name)), None)
    for name in PROFILE_VARIABLES:
        if environment.get(name) and not Path(environment[name]).is_file():
            raise InputError(
                f"{name}={environment[name]}: there is no such file; unset it to use vplanner's own profile"
            )
        changed[name] = environment.get(name) or named or str(PROFILE)
    middleware = environment.get("RMW_IMPLEMENTATION")
    if middleware and middleware not in installed_middleware(changed, Path(sys.prefix)):
        del changed["RMW_IMPLEMENTATION"]
        notes.append(f"RMW_IMPLEMENTATION={middleware} is not installed here and would end every node; it is ignored")
    return changed, tuple(notes)


def child_environment(program: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for one program; another environment's Python must find its own libraries."""
    child = dict(environment)
    if not _is_other_python(program, child):
        return child
    child.pop(GUARD, None)
    libraries = [item for item in child.get("LD_LIBRARY_PATH", "").split(os.pathsep) if item and not _is_own(item)]
    child.pop("LD_LIBRARY_PATH", None)
    if libraries:
        child["LD_LIBRARY_PATH"] = os.pathsep.join(libraries)
    return child


def _is_other_python(program: str, environment: Mapping[str, str]) -> bool:
    """Whether `program` is Python, or a script for Python, from an environment other than this one."""
    found = shutil.which(program, path=environment.get("PATH"))
    if found is None:
        return False
    interpreter = _interpreter(Path(found), environment)
    if interpreter is None or "python" not in interpreter.name:
        return False
    return interpreter.absolute().parent.parent != Path(sys.prefix)


def _interpreter(program: Path, environment: Mapping[str, str]) -> Path | None:
    """What runs a program: the one in the first line of a script, or the program itself."""
    try:
        with program.open("rb") as file:
            first = file.readline(512)
    except OSError:
        return None
    if not first.startswith(b"#!"):
        return program
    words = os.fsdecode(first[2:]).split()
    if not words:
        return None
    if Path(words[0]).name == "env" and len(words) > 1:
        found = shutil.which(words[-1], path=environment.get("PATH"))
        return None if found is None else Path(found)
    return Path(words[0])


def _is_own(library_folder: str) -> bool:
    return Path(library_folder).is_relative_to(sys.prefix)
