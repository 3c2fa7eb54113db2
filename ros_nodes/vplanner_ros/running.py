"""Runs nodes in this process until Ctrl-C: the first one ends them in good order, the second one at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

from vplanner.errors import InputError, VPlannerError

_INTERRUPTED = 130
_BAD_INPUT = 2


def run(factories: Sequence[Callable[[], Any]], args: Sequence[str] | None = None) -> int:
    """Make the nodes, run them until SIGINT or SIGTERM, close them; returns the exit code of the process.

    rclpy's own signal handlers would invalidate the context before a node can send its last stop, so they are off.
    """
    _check_middleware()
    stop = threading.Event()
    _handle_signals(stop)
    nodes: list[Any] = []
    code = 0
    try:
        rclpy.init(args=None if args is None else list(args), signal_handler_options=SignalHandlerOptions.NO)
        executor = SingleThreadedExecutor()
        for make in factories:
            node = make()
            nodes.append(node)
            executor.add_node(node)
        with suppress(ExternalShutdownException):
            while not stop.is_set() and rclpy.ok():
                executor.spin_once(timeout_sec=0.1)
    except VPlannerError as error:
        print(f"vplanner: {error}", file=sys.stderr)
        code = _BAD_INPUT if isinstance(error, InputError) else 1
    except rclpy._rclpy_pybind11.RCLError as error:  # a parameter file that is missing or no YAML, a bad remapping
        print(f"vplanner: {str(error).splitlines()[0]}", file=sys.stderr)
        code = _BAD_INPUT
    finally:
        for node in reversed(nodes):
            _close(node)
        rclpy.try_shutdown()
    return code


def _close(node: Any) -> None:
    try:
        close = getattr(node, "close", None)
        if close is not None:
            close()
    except VPlannerError as error:
        print(f"vplanner: {node.get_name()}: {error}", file=sys.stderr)
    node.destroy_node()


def _handle_signals(stop: threading.Event) -> None:
    def handle(number: int, _: FrameType | None) -> None:
        if stop.is_set():
            os._exit(_INTERRUPTED)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)


def _check_middleware() -> None:
    """Without the wanted middleware, rcl would end the process without a word to Python."""
    wanted = os.environ.get("RMW_IMPLEMENTATION", "rmw_fastrtps_cpp")
    from importlib.metadata import PackageNotFoundError, version

    with suppress(PackageNotFoundError):
        version("ros-wheels-bootstrapper")
        if not wanted.startswith("rmw_fastrtps"):
            print(
                f"vplanner: RMW_IMPLEMENTATION is {wanted}; the ROS wheels carry rmw_fastrtps_cpp only", file=sys.stderr
            )
            raise SystemExit(_BAD_INPUT)
