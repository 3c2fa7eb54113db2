"""Where packages and their executables are: pip's metadata first, then ament's index."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from vplanner.errors import InputError
from vplanner_ros.launching.document import listed

_SOURCE = Path(__file__).resolve().parents[2]  # ros_nodes/ of a checkout
_OWN = "vplanner"


@dataclass(frozen=True, slots=True)
class PackageIndex:
    """Packages under `prefixes`, as in AMENT_PREFIX_PATH, and those that pip installed beside this one."""

    prefixes: tuple[Path, ...]

    def share(self, package: str) -> Path:
        """The folder `share/<package>`.

        For this package in a checkout (an editable installation) it is `ros_nodes`, where `config` lies.

        Raises:
            InputError: No prefix has such a package.
        """
        marker = Path("share/ament_index/resource_index/packages") / package
        if package == _OWN and (_SOURCE.parent / "package.xml").is_file():
            return _SOURCE
        for prefix in self.prefixes:
            if (prefix / marker).is_file():
                return prefix / "share" / package
        raise InputError(f"there is no package '{package}' {self._where()}; source its workspace, or install it")

    def command(self, package: str, executable: str) -> tuple[str, ...]:
        """How to start an executable of a package.

        Raises:
            InputError: There is no such package, or it has no such executable; the message names those it has.
        """
        known: set[str] = set()
        try:
            scripts = metadata.distribution(package).entry_points.select(group="console_scripts")
        except metadata.PackageNotFoundError:
            scripts = metadata.EntryPoints()
        for script in scripts:
            known.add(script.name)
            if script.name == executable:
                return (sys.executable, "-c", _STARTER.format(module=script.module, attribute=script.attr))
        for prefix in self.prefixes:
            folder = prefix / "lib" / package
            if os.access(folder / executable, os.X_OK) and (folder / executable).is_file():
                return (str(folder / executable),)
            if folder.is_dir():
                known.update(file.name for file in folder.iterdir() if os.access(file, os.X_OK) and file.is_file())
        if not known:
            raise InputError(f"there is no package '{package}' with executables, neither from pip nor {self._where()}")
        raise InputError(f"package '{package}' has no executable '{executable}'; it has {listed(known)}")

    def _where(self) -> str:
        return f"under {os.pathsep.join(str(prefix) for prefix in self.prefixes)}"


_STARTER = "import sys; from {module} import {attribute}; sys.exit({attribute}())"


def find_packages(environment: Mapping[str, str]) -> PackageIndex:
    """The index that AMENT_PREFIX_PATH and this interpreter's prefix give."""
    named = [Path(item) for item in environment.get("AMENT_PREFIX_PATH", "").split(os.pathsep) if item]
    own = Path(sys.prefix)
    return PackageIndex(tuple(dict.fromkeys([*named, own])))
