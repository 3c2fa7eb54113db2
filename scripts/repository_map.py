"""Writes the repository map, docs/map.md, from the first lines of module docstrings (`make format` runs it)."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAP = ROOT / "docs" / "map.md"
BEGIN, END = "<!-- map -->\n", "<!-- /map -->"
PACKAGES = ("vplanner", "models/vplanner_models", "sim/vplanner_sim", "ros_nodes/vplanner_ros")

# What has no docstring to speak for it.
OTHERS = {
    "models/bundles/": "trained networks as ONNX, each with bundle.json and a model card",
    "launch/": "launch files",
    "ros_nodes/config/": "node parameters for the simulation and three arms",
    "benchmarks/": "speed beside other simulators",
    "tests/": "mirrors the packages",
    "docs/architecture.md": "how one command becomes motion, file by file",
    "docs/launch.md": "launch files with and without an installed ROS 2",
    "docs/calibration.md": "cameras, and where they stand",
    "docs/prompters.md": "who reads the instruction: embedded, a server, or a VLM in this process",
    "docs/serve.md": "the planner as a server: protocol, errors, limits, a client",
    "docs/edge.md": "bundles made fast, GPUs, plans in time: what was measured and what was not",
    "docs/adr/": "decisions, a page each",
    "docs/LOG.md": "experiments, failed ones too",
    "scripts/": "system libraries, size of the install, this map",
    "Makefile": "demo, test, test-all, test-ros, check, format, bench, sync, peers, clean",
    ".ci/run": "what must pass",
}


def summary(module: Path) -> str:
    """First line of the module's docstring, without its full stop."""
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0].removesuffix(".")


def entries() -> Iterator[tuple[str, str]]:
    """Path and description of each line; nested folders and files are indented by the length of their parents."""
    for package in PACKAGES:
        folder = ROOT / package
        if not (folder / "__init__.py").is_file():
            continue
        yield f"{package}/", summary(folder / "__init__.py")
        yield from _files(folder, "  ")
    for path, description in OTHERS.items():
        if (ROOT / path).is_file() or any((ROOT / path).glob("**/*.*")):  # git keeps no empty folders
            yield path, description


def _files(folder: Path, indent: str) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.iterdir(), key=lambda p: (p.is_dir(), p.name)):
        if path.is_dir() and (path / "__init__.py").is_file():
            yield f"{indent}{path.name}/", summary(path / "__init__.py")
            yield from _files(path, indent + "  ")
        elif path.suffix == ".py" and path.name != "__init__.py":
            yield f"{indent}{path.name}", summary(path)


def render() -> str:
    """The map as a fenced block."""
    lines = [f"{path:<28}{description}".rstrip() for path, description in entries()]
    return "\n".join(["```", *lines, "```", ""])


def written() -> str:
    """The map as it is written now."""
    return MAP.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


def main() -> None:
    """Bring the map up to date."""
    text = MAP.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        sys.exit(f"docs/map.md: the lines {BEGIN.strip()} and {END}, between which the map goes, are missing")
    before, _, rest = text.partition(BEGIN)
    MAP.write_text(before + BEGIN + render() + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
