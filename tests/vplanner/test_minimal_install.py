"""What the package promises without extras: small on disk and in memory, and none of the heavy packages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_install_without_extras_is_as_small_as_promised(repository: Path, bundle_folder: Path) -> None:
    script = repository / "scripts" / "minimal_install.py"
    done = subprocess.run(
        [sys.executable, str(script), str(bundle_folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["unwanted"] == []
    assert 0.0 < found["installed_mb"] <= 300.0 and 0.0 < found["resident_mb"] <= 400.0


def test_planning_imports_no_heavy_package(bundle_folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from vplanner.agent import AgentConfig, open_networks;"
        "from vplanner.bundle import load_bundle; open_networks(load_bundle(Path(sys.argv[1])), AgentConfig());"
        "print([m for m in ('torch', 'mujoco', 'rclpy', 'onnx', 'cv2', 'av') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(bundle_folder)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
