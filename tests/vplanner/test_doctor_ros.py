"""The doctor's view of ROS: every environment that is known to go wrong is told from one that works, with a remedy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from vplanner.commands.doctor_ros import RosFacts, look_at_ros, ros_checks
from vplanner.ros_environment import GUARD, installed_middleware


@pytest.fixture
def healthy(tmp_path: Path) -> RosFacts:
    """Wheels in a Python environment of their own, everything as it should be."""
    profile = tmp_path / "profile.xml"
    profile.write_text("<dds/>")
    prefix = tmp_path / "venv"
    environment = {
        GUARD: "1",
        "LD_LIBRARY_PATH": f"{prefix / 'lib'}:/else",
        "FASTDDS_DEFAULT_PROFILES_FILE": str(profile),
        "ROS_DOMAIN_ID": "232",
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "RMW_IMPLEMENTATION": "rmw_fastrtps_cpp",
    }
    return RosFacts(environment, prefix, True, "", True, ("rmw_fastrtps_cpp",), profile, False)


def failed(facts: RosFacts) -> dict[str, str]:
    return {check.name: check.hint for check in ros_checks(facts) if not check.ok}


def changed(facts: RosFacts, **environment: str) -> RosFacts:
    return replace(facts, environment={**facts.environment, **environment})


def test_a_healthy_environment_has_nothing_to_mend(healthy: RosFacts) -> None:
    assert failed(healthy) == {}
    assert all(check.optional and check.hint for check in ros_checks(healthy))


def test_a_sourced_installation_is_healthy_too(healthy: RosFacts) -> None:
    environment = {"ROS_DISTRO": "jazzy", "AMENT_PREFIX_PATH": "/opt/ros/jazzy"}
    facts = replace(healthy, wheels=False, launch=True, environment=environment)
    assert set(failed(facts)) == {"ros profile"}


def test_without_rclpy_there_is_one_check_which_names_the_extra(healthy: RosFacts) -> None:
    (check,) = ros_checks(replace(healthy, found=False))
    assert not check.ok and check.optional and "vplanner[ros]" in check.hint


@pytest.mark.parametrize(
    ("variable", "value", "check", "remedy"),
    [
        ("RMW_IMPLEMENTATION", "rmw_cyclonedds_cpp", "ros middleware", "unset it (there is rmw_fastrtps_cpp)"),
        ("ROS_DOMAIN_ID", "233", "ros domain", "give 0 to 232"),
        ("ROS_DOMAIN_ID", "-1", "ros domain", "give 0 to 232"),
        ("ROS_DOMAIN_ID", "one", "ros domain", "give 0 to 232"),
        ("ROS_AUTOMATIC_DISCOVERY_RANGE", "off", "ros discovery", "use LOCALHOST"),
        ("ROS_AUTOMATIC_DISCOVERY_RANGE", "HOME", "ros discovery", "SUBNET, LOCALHOST"),
        ("FASTRTPS_DEFAULT_PROFILES_FILE", "/no/such.xml", "ros profile", "does not exist"),
        ("FASTDDS_DEFAULT_PROFILES_FILE", "", "ros profile", "export FASTDDS_DEFAULT_PROFILES_FILE="),
        ("ROS_DISTRO", "jazzy", "one ros", "use a shell without it"),
        ("LD_LIBRARY_PATH", "/other/venv/lib", "one ros", f"unset {GUARD}"),
    ],
)
def test_each_bad_variable_fails_its_own_check(
    healthy: RosFacts, variable: str, value: str, check: str, remedy: str
) -> None:
    found = failed(changed(healthy, **{variable: value}))
    assert set(found) == {check}
    assert remedy in found[check]


def test_wheels_beside_another_prefix_with_ros(healthy: RosFacts, tmp_path: Path) -> None:
    library = tmp_path / "ros" / "lib" / "librcl.so"
    library.parent.mkdir(parents=True)
    library.write_text("")
    found = failed(changed(healthy, AMENT_PREFIX_PATH=f"{healthy.prefix}:{tmp_path / 'ros'}"))
    assert set(found) == {"one ros"} and str(tmp_path / "ros") in found["one ros"]


def test_the_reason_of_a_failed_import(healthy: RosFacts) -> None:
    broken = replace(healthy, failure="ImportError: librcl.so: cannot open shared object file")
    assert "librcl.so" in failed(broken)["rclpy"]
    assert GUARD in failed(changed(broken, LD_LIBRARY_PATH=""))["rclpy"]
    without = failed(replace(broken, middleware=()))
    assert "fastrtps" in without["rclpy"] and "fastrtps" in without["ros middleware"]


def test_middleware_is_found_below_all_prefixes(tmp_path: Path) -> None:
    for name in (
        "a/lib/librmw_fastrtps_cpp.so",
        "b/lib/librmw_cyclonedds_cpp.so",
        "b/lib/librmw_fastrtps_shared_cpp.so",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    found = installed_middleware({"AMENT_PREFIX_PATH": str(tmp_path / "b")}, tmp_path / "a")
    assert found == ("rmw_cyclonedds_cpp", "rmw_fastrtps_cpp")


def test_this_machine_can_be_looked_at() -> None:
    assert ros_checks(look_at_ros())
