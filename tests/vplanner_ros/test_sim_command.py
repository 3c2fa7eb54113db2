"""What the simulated robot was told last, and how its time waits for whoever tells it. No ROS."""

from __future__ import annotations

import threading
import time

import pytest

from vplanner_ros import sim_command
from vplanner_ros.sim_command import Command


def waiting(command: Command, since_s: float) -> threading.Thread:
    thread = threading.Thread(target=command.await_since, args=(since_s,), daemon=True)
    thread.start()
    return thread


def test_without_anybody_who_commands_time_does_not_wait() -> None:
    waiting(Command(0.25), 100.0).join(timeout=30.0)
    command = Command(0.25)
    command.came(5.0)
    command.forget()  # a new scene
    thread = waiting(command, 100.0)
    thread.join(timeout=30.0)
    assert not thread.is_alive()


def test_time_waits_for_a_command_of_its_own_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim_command, "_LATE_S", 60.0)
    command = Command(0.25)
    command.came(1.0)
    thread = waiting(command, 1.5)
    command.came(1.4)
    thread.join(timeout=0.2)
    assert thread.is_alive()
    command.came(1.5)
    thread.join(timeout=30.0)
    assert not thread.is_alive()


def test_who_is_silent_for_long_is_not_waited_for_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim_command, "_LATE_S", 0.01)
    monkeypatch.setattr(sim_command, "_ABSENT_S", 0.05)
    command = Command(0.25)
    command.came(1.0)
    time.sleep(0.1)  # longer than it takes to be given up
    command.await_since(2.0)
    monkeypatch.setattr(sim_command, "_LATE_S", 60.0)
    thread = waiting(command, 3.0)
    thread.join(timeout=30.0)
    assert not thread.is_alive(), "whoever is there is waited for 60 s"
