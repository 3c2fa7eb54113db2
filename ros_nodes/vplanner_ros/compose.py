"""Several nodes in one process: `python -m vplanner_ros.compose sim_node planner_node --ros-args --params-file F`.

One process needs less memory and start-up time; nodes in processes of their own get in each other's way less, because
Python runs one thread at a time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from vplanner_ros.running import run

NODES = {
    "sim_node": "SimNode",
    "prompter_node": "PrompterNode",
    "planner_node": "PlannerNode",
    "executor_node": "ExecutorNode",
    "recorder_node": "RecorderNode",
    "lifecycle_manager": "LifecycleManager",
}


def main(args: Sequence[str] | None = None) -> int:
    """Run the nodes that are named before `--ros-args`."""
    words = list(sys.argv[1:] if args is None else args)
    split = words.index("--ros-args") if "--ros-args" in words else len(words)
    names, ros_args = words[:split], words[split:]
    unknown = [name for name in names if name not in NODES]
    if unknown or not names:
        print(f"vplanner: name nodes out of: {', '.join(NODES)}; got: {' '.join(names) or 'none'}", file=sys.stderr)
        return 2
    factories: list[Callable[[], Any]] = [partial(_make, name) for name in names]
    return run(factories, ["compose", *ros_args])


def _make(name: str) -> Any:
    """Import only what is asked for: the simulation is no part of a real robot."""
    return getattr(import_module(f"vplanner_ros.{name}"), NODES[name])()


if __name__ == "__main__":
    raise SystemExit(main())
