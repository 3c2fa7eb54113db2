"""A domain of their own for tests with ROS, and a bench on which nodes run until something has happened."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .bench import Bench, isolate

isolate(os.environ)  # what a developer has set must not reach the tests


@pytest.fixture(scope="session")
def domain() -> Iterator[int]:
    """A ROS domain that no other test process on this machine uses."""
    coordinator = pytest.importorskip("domain_coordinator", reason="pip install 'vplanner[ros,dev-ros]'")
    with coordinator.domain_id() as domain:
        yield int(domain)


@pytest.fixture
def bench(domain: int) -> Iterator[Bench]:
    """Nodes of one test."""
    pytest.importorskip("rclpy", reason="pip install 'vplanner[ros,dev-ros]'")
    with Bench(domain) as bench:
        yield bench


@pytest.fixture(scope="module")
def shared_bench(domain: int) -> Iterator[Bench]:
    """Nodes that the tests of one file share."""
    pytest.importorskip("rclpy", reason="pip install 'vplanner[ros,dev-ros]'")
    with Bench(domain) as bench:
        yield bench
