"""`vplanner doctor`: what works on this machine, and how to get the rest."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import tyro

from vplanner.commands.check import Check
from vplanner.commands.doctor_ros import look_at_ros, ros_checks
from vplanner.errors import VPlannerError


@dataclass(frozen=True, slots=True)
class Doctor:
    """Check this machine: packages, rendering, video, networks, disk, ROS 2."""

    bundle: Path | None = None
    """Folder of the networks; without it, $VPLANNER_BUNDLE or models/bundles/panda-tabletop."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the checks here."""

    def run(self) -> int:
        """Print all checks; 0 when everything that is not optional works, else 1."""
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        checks = all_checks(self.bundle)
        table = Table("", "check", "found, or how to get it")
        for check in checks:
            mark = "[green]ok[/]" if check.ok else ("[yellow]--[/]" if check.optional else "[red]no[/]")
            table.add_row(mark, check.name, escape(check.hint))
        Console().print(table)
        if self.json_file is not None:
            from vplanner.run_folder import write_json

            write_json(self.json_file, {"checks": [asdict(check) for check in checks]})
        return 0 if all(check.ok or check.optional for check in checks) else 1


def all_checks(bundle: Path | None) -> list[Check]:
    """Every check, in the order in which to mend what fails."""
    return [
        _python(),
        _package("onnxruntime", "pip install vplanner"),
        _package("opencv", "pip install 'vplanner[media]'", module="cv2", distribution="opencv-python-headless"),
        _package("av", "pip install 'vplanner[media]'"),
        _guarded("h264", _encode_video, "pip install --force-reinstall av (its wheels carry H.264)"),
        _package("mujoco", "pip install 'vplanner[sim]'"),
        _guarded("rendering", _render, None),
        _guarded("bundle", lambda: _load_bundle(bundle), None),
        _disk(),
        _package("torch", "pip install 'vplanner[train]'; only needed to train", optional=True),
        _package("pyarrow", "pip install 'vplanner[data]'; only needed to collect data", optional=True),
        _package("transformers", "pip install 'vplanner[vlm]'; only for --prompter transformers", optional=True),
        _package("websockets", "pip install 'vplanner[serve]'; only for vplanner serve", optional=True),
        *ros_checks(look_at_ros()),
    ]


def _python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Check(
        "python", sys.version_info >= (3, 11), version if sys.version_info >= (3, 11) else "needs 3.11 or newer"
    )


def _package(
    name: str, hint: str, module: str | None = None, distribution: str | None = None, optional: bool = False
) -> Check:
    if find_spec(module or name) is None:
        return Check(name, False, hint, optional)
    try:
        return Check(name, True, metadata.version(distribution or name), optional)
    except metadata.PackageNotFoundError:
        return Check(name, True, "installed", optional)


def _guarded(name: str, probe: Callable[[], str], hint: str | None) -> Check:
    """A check that tries the thing; whatever goes wrong is the finding."""
    try:
        return Check(name, True, probe())
    except VPlannerError as error:
        return Check(name, False, hint or str(error))
    except Exception as error:  # a probe must not end the doctor, whatever a broken installation raises
        return Check(name, False, hint or f"{type(error).__name__}: {error}")


def _encode_video() -> str:
    import io

    av = importlib.import_module("av")
    numpy = importlib.import_module("numpy")
    with av.open(io.BytesIO(), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=5)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(numpy.zeros((64, 64, 3), numpy.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return f"libx264 through PyAV {av.__version__}"


def _render() -> str:
    import os

    from vplanner.sim_robot import SimRobot, make_env, task_skills

    SimRobot(make_env(next(iter(task_skills()))), seed=0)
    return f"two camera images with MUJOCO_GL={os.environ.get('MUJOCO_GL')}"


def _load_bundle(folder: Path | None) -> str:
    from vplanner.agent import AgentConfig, open_networks
    from vplanner.bundle import load_bundle

    bundle = load_bundle(folder)
    open_networks(bundle, AgentConfig())
    return f"{bundle.manifest.name} at {bundle.folder}: {len(bundle.manifest.components)} files, all right"


def _disk() -> Check:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    return Check("disk", free > 1.0, f"{free:.1f} GB free" if free > 1.0 else f"{free:.2f} GB free; 1 GB is needed")
