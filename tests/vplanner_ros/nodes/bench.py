"""Runs nodes in a context of their own, here or in processes, and waits with deadlines for what they do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, MutableMapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

DEADLINE_S = float(os.environ.get("VPLANNER_TEST_DEADLINE_S", "300"))  # of wall clock, on machines that may be busy
# Nobody is left behind when the tests are killed: who stays would answer those of the next run.
_END_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()
_ROS_SETTINGS = ("FASTDDS_", "FASTRTPS_", "RMW_", "ROS_")


def isolate(environment: MutableMapping[str, str]) -> None:
    """Forget every setting of ROS and keep messages on this machine."""
    for name in [name for name in environment if name.startswith(_ROS_SETTINGS)]:
        del environment[name]
    environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"


class Bench:
    """A context, an executor and the nodes of a test."""

    def __init__(self, domain: int) -> None:
        import rclpy
        from rclpy.executors import SingleThreadedExecutor

        self.domain = domain
        self.context = rclpy.Context()
        self.context.init(domain_id=domain)
        self._executor = SingleThreadedExecutor(context=self.context)
        self._nodes: list[Any] = []
        self._processes: list[subprocess.Popen[str]] = []
        self.probe = self.add(rclpy.create_node("probe", context=self.context))
        self._heard: dict[str, list[Any]] = {}

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        for node in reversed(self._nodes):
            self.remove(node)
        self._executor.shutdown()
        self.context.shutdown()

    def add(self, node: Any) -> Any:
        """Run a node."""
        self._nodes.append(node)
        self._executor.add_node(node)
        return node

    def start(self, kind: Any, remap: dict[str, str] | None = None, **parameters: Any) -> Any:
        """Make a node of ours with these parameters and run it."""
        from rclpy.parameter import Parameter

        overrides = [Parameter(name, value=value) for name, value in parameters.items()]
        rules = [word for old, new in (remap or {}).items() for word in ("-r", f"{old}:={new}")]
        arguments = ["--ros-args", *rules] if rules else None
        return self.add(kind(context=self.context, parameter_overrides=overrides, cli_args=arguments))

    def spawn(self, module: str, *arguments: str, cwd: Path | None = None, **parameters: Any) -> subprocess.Popen[str]:
        """Run a module of nodes in a process of its own."""
        words = [word for name, value in parameters.items() for word in ("-p", f"{name}:={_yaml(value)}")]
        ros = ["--ros-args", *words] if words else []
        process = subprocess.Popen(
            [*_END_WITH_PARENT, sys.executable, "-m", module, *arguments, *ros],
            env={**os.environ, "ROS_DOMAIN_ID": str(self.domain)},
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._processes.append(process)
        return process

    def remove(self, node: Any) -> None:
        """Close a node and run it no more."""
        if node not in self._nodes:
            return
        self._nodes.remove(node)
        self._executor.remove_node(node)
        if hasattr(node, "close"):
            node.close()
        node.destroy_node()

    def until(self, condition: Callable[[], Any], what: str = "", deadline_s: float = DEADLINE_S) -> Any:
        """Run the nodes until `condition` gives something true, and return that."""
        end = time.monotonic() + deadline_s
        while time.monotonic() < end:
            found = condition()
            if found:
                return found
            self._executor.spin_once(timeout_sec=0.05)
        raise AssertionError(f"not within {deadline_s:g} s: {what or condition}")

    def run_for(self, seconds: float) -> None:
        """Run the nodes for a while, to see that something does not happen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._executor.spin_once(timeout_sec=0.05)

    def hear(self, kind: Any, topic: str, profile: Any) -> list[Any]:
        """Subscribe; returns the list to which messages are added."""
        if topic not in self._heard:
            heard = self._heard[topic] = []
            self.probe.create_subscription(kind, topic, heard.append, profile)
        return self._heard[topic]

    def talk(self, kind: Any, topic: str, profile: Any) -> Any:
        """A publisher that has found whoever listens."""
        publisher = self.probe.create_publisher(kind, topic, profile)
        self.until(lambda: publisher.get_subscription_count() > 0, f"somebody listens on {topic}")
        return publisher

    def call(self, kind: Any, service: str, request: Any, deadline_s: float = DEADLINE_S) -> Any:
        """Call a service."""
        client = self.probe.create_client(kind, service)
        self.until(client.service_is_ready, f"service {service}", deadline_s)
        future = client.call_async(request)
        self.until(future.done, f"an answer on {service}", deadline_s)
        self.probe.destroy_client(client)
        return future.result()


def told(heard: Sequence[Any]) -> dict[str, Any]:
    """The last JSON that was heard."""
    return json.loads(heard[-1].data) if heard else {}


def _yaml(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_yaml(part) for part in value) + "]"
    return json.dumps(value)
