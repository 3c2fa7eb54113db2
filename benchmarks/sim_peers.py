"""Speed of our simulation beside robosuite, Meta-World, gymnasium-robotics and OGBench on the same machine.

    make peers
    python benchmarks/sim_peers.py --json runs/peers.json

Each world runs alone in a process of its own, one after the other: ours with this interpreter, the peers with that of
their own environment (`make peers`), because they need another mujoco. A world that is not installed is left out with
the reason. `benchmarks/README.md` says how to read the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import TypedDict

FOLDER = Path(__file__).resolve().parent
PEERS = ("robosuite", "metaworld", "gymnasium-robotics", "ogbench")
# The same for all: software rendering without helper threads, so that a figure is per core.
ENVIRONMENT = {"MUJOCO_GL": "egl", "LP_NUM_THREADS": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
TIMEOUT_S = 300.0


class Row(TypedDict, total=False):
    """What `worlds.py` printed, or why it did not."""

    package: str
    version: str
    steps_per_s: float
    simulated_s_per_step: float
    images_per_s: float
    image_size: int
    skipped: str


def measure(world: str, python: str, size: int, seconds: float) -> Row:
    """One world in a process of its own."""
    command = [python, str(FOLDER / "worlds.py"), world, "--size", str(size), "--seconds", str(seconds)]
    try:
        done = subprocess.run(
            command, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except FileNotFoundError:
        return Row(package=world, skipped=f"no interpreter at {python}; create it with `make peers`")
    except subprocess.TimeoutExpired:
        return Row(package=world, skipped=f"no result within {TIMEOUT_S:.0f} s")
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        return Row(package=world, skipped=lines[-1] if lines else f"exit code {done.returncode}")
    row: Row = json.loads(done.stdout.strip().splitlines()[-1])
    return row


def table(rows: list[Row]) -> str:
    """The rows for people."""
    lines = [f"{'world':<20}{'version':>10}{'images/s':>10}{'steps/s':>10}{'step [s]':>10}{'sim s / s':>11}"]
    for row in rows:
        if "skipped" in row:
            lines.append(f"{row['package']:<20}  left out: {row['skipped']}")
            continue
        speed = row["steps_per_s"] * row["simulated_s_per_step"]
        lines.append(
            f"{row['package']:<20}{row['version']:>10}{row['images_per_s']:>10.0f}{row['steps_per_s']:>10.0f}"
            f"{row['simulated_s_per_step']:>10.3f}{speed:>11.1f}"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure every world and print a table; with --json, write the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=64, help="edge of the square picture in pixels")
    parser.add_argument("--seconds", type=float, default=5.0, help="wall time of each measurement [s]")
    parser.add_argument("--peers-python", default=str(FOLDER.parent / ".venv-peers" / "bin" / "python"))
    parser.add_argument("--json", type=Path, help="file for the rows")
    options = parser.parse_args()

    rows = [measure("vplanner", sys.executable, options.size, options.seconds)]
    rows += [measure(peer, options.peers_python, options.size, options.seconds) for peer in PEERS]
    print(table(rows))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        machine = {
            "cpu": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "system": platform.platform(),
        }
        options.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
