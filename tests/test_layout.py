"""The promises about folders, imports and installation."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

PACKAGES = {
    "vplanner": "vplanner",
    "vplanner_models": "models/vplanner_models",
    "vplanner_ros": "ros_nodes/vplanner_ros",
    "vplanner_sim": "sim/vplanner_sim",
}

# What no module of the runtime may import when it is itself imported ...
HEAVY = ("torch", "diffusers", "safetensors", "onnx", "mujoco", "mink", "gymnasium", "rclpy", "transformers")
# ... and what those modules may that only read and write data sets.
DATA = ("pyarrow", "pandas")
# ... and what only the policy server may.
SERVE = ("msgpack", "websockets")

BLOCK = """
import importlib, pkgutil, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"{{name}} is blocked in this test", name=name)

sys.meta_path.insert(0, Blocker())
"""
IMPORT_ALL = """
import {package}
for module in pkgutil.walk_packages({package}.__path__, "{package}."):
    importlib.import_module(module.name)
"""


def run_python(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def import_all(package: str, blocked: tuple[str, ...]) -> None:
    run_python(BLOCK.format(blocked=blocked) + IMPORT_ALL.format(package=package))


def test_every_module_of_the_runtime_imports_without_networks_worlds_and_ros() -> None:
    import_all("vplanner", HEAVY)


def test_command_line_and_planner_import_without_any_extra() -> None:
    run_python(BLOCK.format(blocked=HEAVY + DATA + SERVE) + "import vplanner.cli, vplanner.agent, vplanner.loop")


def test_simulation_imports_without_networks_and_runtime() -> None:
    import_all("vplanner_sim", ("torch", "onnxruntime", "vplanner", "vplanner_models", "rclpy"))


def test_networks_import_without_simulator_and_runtime() -> None:
    import_all("vplanner_models", ("mujoco", "mink", "vplanner", "vplanner_sim", "rclpy"))


@pytest.mark.parametrize("package", PACKAGES)
def test_package_is_where_the_layout_says_and_is_typed(package: str, repository: Path) -> None:
    folder = repository / PACKAGES[package]
    assert (folder / "__init__.py").is_file()
    assert (folder / "py.typed").is_file()


def test_the_folder_of_launch_files_does_not_shadow_the_launch_package_of_ros(repository: Path) -> None:
    assert not (repository / "launch" / "__init__.py").exists()


def test_one_version_everywhere(repository: Path) -> None:
    version = tomllib.loads((repository / "pyproject.toml").read_text())["project"]["version"]
    package = ElementTree.parse(repository / "package.xml").getroot()
    assert package.findtext("version") == version
    assert f"## {version}" in (repository / "CHANGELOG.md").read_text()


def test_weights_in_git_stay_small(repository: Path) -> None:
    weights = [p for p in (repository / "models" / "bundles").rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in weights) <= 40e6


def test_skills_mean_the_same_in_runtime_networks_and_simulation() -> None:
    from vplanner.types import Skill
    from vplanner_models.config import SKILLS
    from vplanner_sim import TASKS

    assert [skill.value for skill in Skill] == list(SKILLS)
    assert {task.skill for task in TASKS.values()} == set(SKILLS)
