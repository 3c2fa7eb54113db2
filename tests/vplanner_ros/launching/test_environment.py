"""What nodes get from the environment of the launch, and what is kept from them."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from vplanner.errors import InputError
from vplanner.ros_environment import GUARD, PROFILE_VARIABLES
from vplanner_ros.launching.environment import PROFILE, child_environment, launch_environment

NEW, OLD = PROFILE_VARIABLES


def test_both_names_get_the_shipped_profile() -> None:
    environment, notes = launch_environment({})
    assert environment[NEW] == environment[OLD] == str(PROFILE)
    assert environment["AMENT_PREFIX_PATH"] == sys.prefix
    assert notes == ()
    sizes = [int(item.text or "0") for item in ElementTree.parse(PROFILE).iter() if item.tag.endswith("segment_size")]
    assert sizes == [32 * 2**20]


@pytest.mark.parametrize("name", PROFILE_VARIABLES)
def test_a_profile_of_the_users_own_is_kept_and_given_under_both_names(tmp_path: Path, name: str) -> None:
    own = tmp_path / "own.xml"
    own.write_text("<dds/>")
    environment, _ = launch_environment({name: str(own)})
    assert environment[NEW] == environment[OLD] == str(own)
    own.unlink()
    with pytest.raises(InputError, match=f"{name}={own}: there is no such file"):
        launch_environment({name: str(own)})


def test_middleware_that_is_not_installed_is_dropped_with_a_word(tmp_path: Path) -> None:
    environment, notes = launch_environment({"RMW_IMPLEMENTATION": "rmw_nobody_cpp"})
    assert "RMW_IMPLEMENTATION" not in environment
    assert "rmw_nobody_cpp is not installed" in notes[0]
    library = tmp_path / "lib" / "librmw_nobody_cpp.so"
    library.parent.mkdir()
    library.write_text("")
    environment, notes = launch_environment(
        {"RMW_IMPLEMENTATION": "rmw_nobody_cpp", "AMENT_PREFIX_PATH": str(tmp_path)}
    )
    assert environment["RMW_IMPLEMENTATION"] == "rmw_nobody_cpp" and notes == ()


@pytest.fixture
def inherited() -> dict[str, str]:
    """What the ROS wheels of this Python leave to children."""
    return {GUARD: "1", "LD_LIBRARY_PATH": f"{sys.prefix}/lib:/opt/else", "PATH": "/usr/bin:/bin"}


def other_python(folder: Path) -> Path:
    path = folder / "bin" / "python3"
    path.parent.mkdir()
    path.symlink_to(sys.executable)
    return path


def test_this_python_and_other_programs_keep_the_library_path(inherited: dict[str, str], tmp_path: Path) -> None:
    script = tmp_path / "own_node"
    script.write_text(f"#!{sys.executable}\n")
    script.chmod(0o755)
    for program in (sys.executable, "sh", "/no/such/program", str(script)):
        assert child_environment(program, inherited) == inherited


@pytest.mark.parametrize("kind", ["interpreter", "script", "env script"])
def test_another_python_finds_its_own_libraries(inherited: dict[str, str], tmp_path: Path, kind: str) -> None:
    python = other_python(tmp_path)
    program = python
    if kind != "interpreter":
        program = tmp_path / "node"
        program.write_text(f"#!{python}\n" if kind == "script" else "#!/usr/bin/env python3\n")
        program.chmod(0o755)
        inherited["PATH"] = f"{python.parent}:{inherited['PATH']}"
    child = child_environment(str(program), inherited)
    assert GUARD not in child
    assert child["LD_LIBRARY_PATH"] == "/opt/else"
    assert child["PATH"] == inherited["PATH"]
